import dataclasses

from configs import drawings64
from configs import hyper_openmoji
from configs import inr_gan_openmoji
from configs import stylegan2_openmoji
from inr_keras import config
from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Stage
from inr_keras.config import Watchdog
from inr_keras.config import rules
from inr_keras.layers.minibatch_stddev import MinibatchStddev
from tests import testing


class RulesTest(testing.TestCase):
    def test_hyper(self):
        experiment = hyper_openmoji.get_config()
        experiment.validate()
        experiment.generator.fourier_features = 5
        path = "generator.fourier_features"
        self.assertRefused(experiment, path, "even", 5)

    def test_inr_gan(self):
        experiment = inr_gan_openmoji.get_config()
        experiment.validate()
        for path, value, rule in (
            ("alignment", "corner", "center"),
            ("resolution", 48, "a power of two"),
            ("generator.input_resolution", 128, "at most resolution"),
            ("generator.fine_blocks", 3, "at most the doublings .*2"),
            ("generator.embedding_levels", (8,), "of the lattices 16, 32, 64"),
            ("generator.instance_norm", True, "False where patches are crops"),
            ("data.video_length", 4, "0 where the generator is an inr_gan"),
        ):
            with self.subTest(path, value=value):
                changed = config.changed(experiment, {path: value})
                self.assertRefused(changed, path, rule, value)
        whole = {"method": "image", "generator.instance_norm": True}
        config.changed(experiment, whole).validate()

    def test_span(self):
        experiment = config.changed(Experiment(), {"alignment": "span"})
        experiment.validate()
        experiment.data.aspect = "keep"
        self.assertRefused(
            experiment, "data.aspect", "crop where alignment is span", "keep"
        )

    def test_stylegan2(self):
        experiment = stylegan2_openmoji.get_config()
        experiment.validate()
        for path, value, rule in (
            ("patch_size", 16, r"resolution \(32\)"),
            ("data.video_length", 4, "0 for a stylegan2"),
            ("data.aspect", "keep", "crop for a stylegan2"),
            ("generator.remat", True, "False for a stylegan2"),
        ):
            with self.subTest(path):
                changed = config.changed(experiment, {path: value})
                with self.assertRaisesRegex(ValueError, rule):
                    changed.validate()
        patches = drawings64.get_config()
        patches.generator = experiment.generator
        with self.assertRaisesRegex(
            ValueError, r"stages\[0\].stride must be 1 for a stylegan2"
        ):
            patches.validate()
        config.changed(patches, {"method": "image"}).validate()

    def test_resolution(self):
        experiment = Experiment(resolution=96)
        rule = r"a multiple of patch_size \(64\)"
        self.assertRefused(experiment, "resolution", rule, 96)

    def test_discriminator_channels(self):
        path = "discriminator.channels"
        for widths in ((8, 16, 32, 32, 32), (8,) * 6, (8,) * 7):
            config.changed(Experiment(), {path: widths}).validate()
        self.assertRefused(
            config.changed(Experiment(), {path: (8,) * 8}), path, "4, 2 or 1", (8,) * 8
        )
        experiment = config.changed(Experiment(), {path: (8, 16)})
        rule = "each size from 64 down to 4"
        self.assertRefused(experiment, path, rule, (8, 16))

    def test_shares_of_a_batch(self):
        for accumulate, every, path, value in (
            (3, 0, "accumulate", 3),
            (1, 1, "replay_every", 1),
            (4, 3, "replay_every", 3),
            (1, -2, "replay_every", -2),
            (0, 0, "accumulate", 0),
        ):
            experiment = Experiment(accumulate=accumulate, replay_every=every)
            with self.assertRaises(ValueError) as caught:
                experiment.validate()
            self.assertIn(f"config.{path} must be", str(caught.exception))
            self.assertIn(f"Received: {value}", str(caught.exception))
        # 16 samples in 4 micro-batches of a group each: none of two can be replayed.
        experiment = Experiment(accumulate=4, replay_every=2)
        rule = r"a divisor of the number of groups .* in a micro-batch \(1\)"
        self.assertRefused(experiment, "replay_every", rule, 2)
        Experiment(accumulate=2, replay_every=2).validate()

    def test_dense_interval(self):
        for changes, rule in (
            ({"discriminator_steps": 2}, "1 where discriminator_steps is more"),
            ({"strategy": "mirrored"}, "1 under a strategy"),
        ):
            changes = {"loss.dense_interval": 2, **changes}
            changed = config.changed(Experiment(), changes)
            self.assertRefused(changed, "loss.dense_interval", rule, 2)

    def test_groups_of_the_minibatch_deviation(self):
        for batch in range(1, 13):
            for largest in (1, 2, 4, 16):
                layer = MinibatchStddev(largest)
                expected = batch // layer._group(batch)
                self.assertEqual(rules.stddev_groups(batch, largest), expected)

    def test_what_tensorflow_cannot_compile(self):
        for field, value in (("strategy", "mirrored"), ("deterministic", True)):
            experiment = Experiment(jit_compile=True, **{field: value})
            self.assertRefused(experiment, "jit_compile", "False", True)

    def test_several_workers(self):
        experiment = Experiment(strategy="multi_worker", replicas=2)
        self.assertRefused(experiment, "replicas", "0 where", 2)
        experiment = Experiment(strategy="multi_worker", on_full_disk="go_on")
        self.assertRefused(experiment, "on_full_disk", "stop", "go_on")

    def test_sparse_embedding(self):
        for changes, path in (
            ({"optimizer.beta_1": 0.5}, "optimizer.beta_1"),
            ({"accumulate": 2}, "accumulate"),
            ({"strategy": "mirrored"}, "strategy"),
        ):
            fields = {"generator.sparse_embedding": True, **changes}
            experiment = config.changed(Experiment(), fields)
            with self.assertRaisesRegex(ValueError, f"config.{path} must be"):
                experiment.validate()

    def test_widths_of_blocks(self):
        path, widths = "generator.widths", (8,) * 6
        experiment = config.changed(Experiment(), {path: widths})
        self.assertRefused(experiment, path, "one width for each of 7 blocks", widths)
        config.changed(Experiment(), {path: (8,) * 7}).validate()

    def test_pools_of_coarse_samples(self):
        experiment = config.changed(Experiment(), {"loss.patch_pool": 3})
        rule = "a divisor of the 32 coarse samples"
        self.assertRefused(experiment, "loss.patch_pool", rule, 3)

    def test_wasserstein_has_one_rule_for_slopes(self):
        experiment = config.changed(Experiment(), {"loss.adversarial": "wgan"})
        rule = "0 where loss.adversarial is wgan"
        self.assertRefused(experiment, "loss.r1_weight", rule, 10.0)
        experiment.loss.r1_weight = 0.0
        experiment.validate()
        experiment.loss.r2_weight = 1.0
        self.assertRefused(experiment, "loss.r2_weight", rule, 1.0)

    def test_wasserstein_with_r1_alone(self):
        changes = {"loss.adversarial": "wgan", "loss.gp_weight": 0.0}
        experiment = config.changed(Experiment(), changes)
        experiment.validate()
        experiment.loss.r1_weight = 0.0
        rule = "positive where wgan has no loss.gp_weight"
        self.assertRefused(experiment, "loss.r1_weight", rule, 0.0)

    def test_step_ratio_on_one_device(self):
        experiment = Experiment(discriminator_steps=2, strategy="mirrored")
        path = "discriminator_steps"
        self.assertRefused(experiment, path, "1 under a strategy", 2)
        Experiment(discriminator_steps=2, accumulate=2).validate()

    def test_image_based_needs_a_power_of_two(self):
        experiment = Experiment(
            method="image",
            resolution=192,
            stages=(Stage(1),),
        )
        rule = "a power of two where method is image"
        self.assertRefused(experiment, "resolution", rule, 192)


class DataTest(testing.TestCase):
    def test_rules(self):
        for changes, name, rule in (
            ({"channels": 4}, "channels", "1 or 3 where .*openmoji"),
            ({"aspect": "keep", "video_length": 4}, "aspect", "crop where data.video"),
            ({"aspect": "keep", "density": "map"}, "aspect", "crop where data.density"),
            ({"classes": ("a",)}, "classes", "empty where data.labels is false"),
            (
                {"stored_levels": True, "reduction": "nearest"},
                "stored_levels",
                "false where data.reduction is not box",
            ),
        ):
            experiment = Experiment(data=Data(**changes))
            self.assertRefused(experiment, f"data.{name}", rule, changes[name])
        films = Experiment(data=Data(motion="film"))
        self.assertRefused(films, "data.video_length", "positive where data.motion", 0)
        noisy = Experiment(data=Data(video_length=2), generator=CIPS(noise=True))
        self.assertRefused(noisy, "data.video_length", "0 where", 2)

    def test_good_data(self):
        config = Experiment()
        for changes in (
            {"channels": 1},
            {"channels": 4, "source": "folder"},
            {"aspect": "keep", "trim": True},
            {"video_length": 8, "motion": "pulse"},
        ):
            config.data = dataclasses.replace(Experiment().data, **changes)
            config.validate()
        self.assertEqual(config.data.image_channels, 24)


class EvaluationTest(testing.TestCase):
    def test_metrics(self):
        none = Experiment(evaluation=Evaluation(metrics=()))
        self.assertRefused(none, "evaluation.metrics", "of swd, fid", ())

    def test_measure(self):
        for best_by in ("fid", "diversity", ""):
            wanted = Evaluation(images=8, best_by=best_by)
            self.assertRefused(
                Experiment(evaluation=wanted),
                "evaluation.best_by",
                "a score of evaluation.metrics \\(swd\\)",
                best_by,
            )
        wanted = Evaluation(images=8, metrics=("pr",), best_by="recall")
        Experiment(evaluation=wanted).validate()

    def test_images(self):
        wanted = Evaluation(images=8)
        video = Experiment(evaluation=wanted, data=Data(video_length=4))
        self.assertRefused(video, "evaluation.images", "video_length", 8)
        grey = Experiment(evaluation=wanted, data=Data(channels=1))
        grey.validate()
        odd = Experiment(evaluation=wanted, resolution=192)
        rule = "without swd where resolution \\(192\\)"
        self.assertRefused(odd, "evaluation.metrics", rule, wanted.metrics)
        fit = dataclasses.replace(wanted, metrics=("kid",), best_by="kid")
        one = (Stage(),)
        Experiment(evaluation=fit, resolution=192, stages=one).validate()

    def test_watchdog(self):
        experiment = Experiment(watchdog=Watchdog(action="roll_back"))
        rule = "off, warn or stop where evaluation.images is 0"
        self.assertRefused(experiment, "watchdog.action", rule, "roll_back")
        for action in ("stop", "roll_back"):
            experiment = Experiment(
                evaluation=Evaluation(images=8),
                watchdog=Watchdog(action=action),
            )
            experiment.validate()
            experiment.strategy = "mirrored"
            self.assertRefused(experiment, "watchdog.action", "off or warn", action)


class StagesTest(testing.TestCase):
    def test_stages(self):
        for stages, path, rule, value in (
            ((), "stages", "at least one", ()),
            ((Stage(4, kimg=0),), "stages[0].kimg", "positive", 0),
            (
                (Stage(4), Stage(2, patch_weight=-0.5)),
                "stages[1].patch_weight",
                "zero or more",
                -0.5,
            ),
            ((Stage(0),), "stages[0].stride", "positive", 0),
            (
                (Stage(4), Stage(3)),
                "stages[1].stride",
                r"a divisor of resolution \(256\)",
                3,
            ),
            ((Stage(8),), "stages[0].stride", r"at most .* \(4\)", 8),
            (
                (Stage(4, patch_weight=0.1),),
                "stages[0].patch_weight",
                "no coarser stage stands before",
                0.1,
            ),
            (
                (Stage(2), Stage(4, patch_weight=0.1)),
                "stages[1].patch_weight",
                "no coarser stage stands before",
                0.1,
            ),
            (
                (Stage(2), Stage(2, patch_weight=0.1)),
                "stages[1].patch_weight",
                "same stride",
                0.1,
            ),
        ):
            with self.subTest(path=path, rule=rule):
                experiment = Experiment(stages=stages)
                self.assertRefused(experiment, path, rule, value)

    def test_a_patch_that_the_stage_before_cannot_cover(self):
        # 16 coarse strides in a patch of 8: less than a coarse sample.
        stages = (Stage(16), Stage(1, patch_weight=0.1))
        experiment = Experiment(resolution=128, patch_size=8, stages=stages)
        with self.assertRaisesRegex(ValueError, r"config\.stages\[1\]"):
            experiment.validate()

    def test_crops_that_begin_at_any_pixel(self):
        where = "where crops.starts is pixel or a stage's random_stride is set"
        stages = (Stage(2), Stage(1, patch_weight=0.5))
        Experiment(stages=stages, crops=config.Crops(starts="pixel")).validate()
        for changes, path, rule, value in (
            ({"replay_every": 2}, "replay_every", f"0 {where}", 2),
            (
                {"crops.starts": "grid", "crops.margin": 4},
                "crops.margin",
                "0 where crops.starts is not pixel",
                4,
            ),
            (
                {"crops.margin": 1000},
                "crops.margin",
                r"at most half of resolution \(128\)",
                1000,
            ),
            (
                {"discriminator.context": True},
                "crops.starts",
                "aligned or grid where discriminator.context is set",
                "pixel",
            ),
        ):
            experiment = Experiment(stages=stages, crops=config.Crops(starts="pixel"))
            experiment = config.changed(experiment, changes)
            self.assertRefused(experiment, path, rule, value)

    def test_random_strides_and_dense_patches(self):
        free = Stage(1, random_stride=True, dense_weight=1.0)
        Experiment(stages=(Stage(4, dense_weight=1.0), free)).validate()
        for changes, path, rule, value in (
            (
                {"data": Data(stored_levels=True)},
                "data.stored_levels",
                "false where a stage's random_stride is set",
                True,
            ),
            (
                {"resolution": 64},
                "stages[0].random_stride",
                "False without a coarser grid",
                True,
            ),
            (
                {"replay_every": 2},
                "replay_every",
                "0 where crops.starts is pixel or a stage's random_stride is set",
                2,
            ),
        ):
            self.assertRefused(Experiment(stages=(free,), **changes), path, rule, value)
        for stage, name, rule, value in (
            (
                Stage(1, patch_weight=0.5, random_stride=True),
                "patch_weight",
                "0 where the stage's random_stride is set",
                0.5,
            ),
            (Stage(1, dense_weight=0.5), "dense_weight", "are dense", 0.5),
            (Stage(1, dense_weight=-0.5), "dense_weight", "zero or more", -0.5),
        ):
            experiment = Experiment(stages=(Stage(2), stage))
            self.assertRefused(experiment, f"stages[1].{name}", rule, value)
