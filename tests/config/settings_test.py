from inr_keras import config
from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing


class FieldsTest(testing.TestCase):
    def test_defaults_are_valid(self):
        Experiment().validate()
        self.assertEqual(Experiment().total_kimg, 5760.0)

    def test_choices(self):
        for path in (
            "alignment",
            "strategy",
            "dtype",
            "loss.patch",
            "loss.adversarial",
            "loss.dense_discriminator",
            "method",
            "data.reduction",
            "data.aspect",
            "data.motion",
            "watchdog.action",
            "on_full_disk",
        ):
            with self.subTest(path):
                experiment = config.changed(Experiment(), {path: "wrong"})
                self.assertRefused(experiment, path, "one of", "wrong")
        experiment = Experiment(augment=("color", "rotation"))
        self.assertRefused(experiment, "augment", "one of color", "rotation")

    def test_positive(self):
        for path in (
            "resolution",
            "batch_size",
            "discriminator.channel_base",
            "discriminator.channel_max",
            "discriminator.stddev_group",
            "data.shuffle_buffer",
            "optimizer.learning_rate",
            "optimizer.discriminator_learning_rate",
            "optimizer.epsilon",
            "optimizer.mapping_rate",
            "discriminator_steps",
            "loss.r1_interval",
            "ema_half_life_kimg",
            "log_kimg",
            "sample_kimg",
            "sample_count",
            "checkpoint_kimg",
            "keep_checkpoints",
        ):
            for value in (0, -1):
                with self.subTest(path, value=value):
                    experiment = config.changed(Experiment(), {path: value})
                    self.assertRefused(experiment, path, "positive", value)

    def test_largest_numbers(self):
        for path, value, most in (
            ("sample_count", 9999999, 10000),
            ("batch_size", 2**16 + 1, 2**16),
            ("data.video_length", 2000, 1024),
            ("generator.width", 10**6, 2**14),
            ("generator.latent_dim", 2**14 + 1, 2**14),
            ("generator.blocks", 10**4, 256),
            ("discriminator.channel_max", 10**6, 2**14),
            ("stages.kimg", 1e10, 10**9),
        ):
            with self.subTest(path):
                experiment = config.changed(Experiment(), {path: value})
                path = path.replace("stages", "stages[0]")
                self.assertRefused(experiment, path, f"at most {most}", value)
        experiment = config.changed(
            Experiment(), {"discriminator.channels": (8, 10**9, 8, 8, 8)}
        )
        self.assertRefused(experiment, "discriminator.channels", "at most 16384", 10**9)

    def test_zero_or_more(self):
        for path in (
            "replicas",
            "loss.r1_weight",
            "loss.gp_weight",
            "data.cache_mib",
        ):
            with self.subTest(path):
                config.changed(Experiment(), {path: 0}).validate()
                experiment = config.changed(Experiment(), {path: -1})
                self.assertRefused(experiment, path, "zero or more", -1)

    def test_seeds(self):
        config.changed(Experiment(), {"seed": 2**32 - 1}).validate()
        for seed in (-1, 2**32):
            experiment = config.changed(Experiment(), {"seed": seed})
            self.assertRefused(experiment, "seed", "from 0 to 4294967295", seed)

    def test_shares(self):
        for path, rule, values in (
            ("style_mixing", "between 0 and 1", (-0.1, 1.5)),
            ("optimizer.beta_1", "from 0 and below 1", (-0.1, 1.0)),
            ("optimizer.beta_2", "from 0 and below 1", (-0.1, 1.0)),
        ):
            for value in values:
                with self.subTest(path, value=value):
                    experiment = config.changed(Experiment(), {path: value})
                    self.assertRefused(experiment, path, rule, value)

    def test_finite(self):
        for path in (
            "optimizer.learning_rate",
            "loss.r1_weight",
            "ema_half_life_kimg",
            "style_mixing",
        ):
            for value in (float("nan"), float("inf")):
                with self.subTest(path, value=value):
                    experiment = config.changed(Experiment(), {path: value})
                    self.assertRefused(experiment, path, "finite", value)

    def test_finite_in_stages(self):
        for name in ("kimg", "patch_weight"):
            for value in (float("nan"), float("inf")):
                with self.subTest(name, value=value):
                    stages = (Stage(2), Stage(1, **{name: value}))
                    experiment = Experiment(stages=stages)
                    path = f"stages[1].{name}"
                    self.assertRefused(experiment, path, "finite", value)

    def test_patch_size(self):
        for size in (0, 4, 48, -16):
            with self.subTest(size):
                experiment = Experiment(patch_size=size)
                rule = "a power of two from 8"
                self.assertRefused(experiment, "patch_size", rule, size)

    def test_others(self):
        for path, value, rule in (
            ("data.channels", 2, "1, 3 or 4"),
            ("data.video_length", 1, "0, or from 2"),
            ("data.video_length", -2, "0, or from 2"),
            ("evaluation.images", -1, "0, or from 6"),
            ("evaluation.images", 5, "0, or from 6"),
            ("evaluation.kimg", -1.0, "zero or more"),
            ("watchdog.max_roll_backs", 0, "positive"),
            ("watchdog.rate_factor", 1.5, "above 0 and at most 1"),
        ):
            with self.subTest(path, value=value):
                experiment = config.changed(Experiment(), {path: value})
                self.assertRefused(experiment, path, rule, value)
        for path, value, rule, item in (
            ("evaluation.metrics", ("swd", "fdi"), "one of swd, fid", "fdi"),
            ("discriminator.channels", (8, 0), "positive widths", 0),
            ("generator.widths", (8,) * 6 + (0,), "positive widths", 0),
        ):
            experiment = config.changed(Experiment(), {path: value})
            self.assertRefused(experiment, path, rule, item)
        stages = (Stage(2), Stage(1, patch_weight=1.0, patch_decay=1.5))
        experiment = Experiment(stages=stages)
        path = "stages[1].patch_decay"
        self.assertRefused(experiment, path, "between 0 and 1", 1.5)


class MethodTest(testing.TestCase):
    def test_multi_stage_is_as_it_is(self):
        experiment = Experiment()
        self.assertIs(experiment.resolved(), experiment)

    def test_patch_and_image_train_one_stage_for_as_long(self):
        for method, size in (("patch", 64), ("image", 256)):
            experiment = Experiment(method=method)
            resolved = experiment.resolved()
            (stage,) = resolved.stages
            self.assertEqual((stage.stride, stage.patch_weight), (1, 0.0))
            self.assertEqual(stage.kimg, experiment.total_kimg)
            self.assertEqual(resolved.patch_size, size)
            self.assertEqual(resolved.resolved(), resolved)

    def test_given_widths_go_on_in_halves(self):
        experiment = Experiment(method="image", resolution=128, patch_size=16)
        experiment.discriminator.channels = (40, 48, 64)
        experiment.stages = (Stage(8), Stage(1))
        experiment.validate()
        channels = experiment.resolved().discriminator.channels
        self.assertEqual(channels, (8, 10, 20, 40, 48, 64))
        self.assertEqual(experiment.discriminator.channels, (40, 48, 64))
