from configs import inr_gan_openmoji
from inr_keras import config
from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing


def with_field(path, value):
    """The default experiment with one field changed."""
    experiment = Experiment()
    *parents, name = path.split(".")
    target = experiment
    for parent in parents:
        target = getattr(target, parent)
    setattr(target, name, value)
    return experiment


class ValidateTest(testing.TestCase):
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
            "generator.rgb",
            "generator.basis",
            "generator.modulation",
            "generator.upsampling",
            "generator.parametrization",
            "generator.coords_layer",
            "generator.siren_init",
            "data.reduction",
            "on_full_disk",
        ):
            with self.subTest(path):
                experiment = with_field(path, "wrong")
                self.assertRefused(experiment, path, "one of", "wrong")
        experiment = Experiment(augment=("color", "rotation"))
        self.assertRefused(experiment, "augment", "one of color", "rotation")

    def test_hyper_and_siren(self):
        for kind in ("hyper", "siren"):
            experiment = with_field("generator.architecture", kind)
            generator = experiment.generator
            generator.fourier_scale = 9.0
            generator.embedding_channels = 0
            experiment.validate()
            for name, value, rule in (
                ("embedding_channels", 4, "0 where .* " + kind),
                ("sparse_embedding", True, "False where .* " + kind),
                ("noise", True, "False where .* " + kind),
                ("rgb", "residual", "skip where .* " + kind),
            ):
                before = getattr(generator, name)
                setattr(generator, name, value)
                path = f"generator.{name}"
                self.assertRefused(experiment, path, rule, value)
                setattr(generator, name, before)
            generator.fourier_scale = 0.0
            if kind == "siren":
                experiment.validate()
                continue
            path = "generator.fourier_scale"
            self.assertRefused(experiment, path, "positive", 0.0)
            generator.fourier_scale = 9.0
            generator.fourier_features = 5
            path = "generator.fourier_features"
            self.assertRefused(experiment, path, "even", 5)

    def test_inr_gan(self):
        experiment = inr_gan_openmoji.get_config()
        experiment.validate()
        for path, value, rule in (
            ("alignment", "corner", "center"),
            ("resolution", 48, "a power of two"),
            ("generator.input_resolution", 24, "a power of two"),
            ("generator.input_resolution", 128, "at most resolution"),
            ("generator.fine_blocks", 3, "at most the doublings .*2"),
            ("generator.fine_blocks", -1, "zero or more"),
            ("generator.embedding_levels", (8,), "of the lattices 16, 32, 64"),
            ("generator.embedding_size", 16, "unset"),
            ("generator.sparse_embedding", True, "unset"),
            ("generator.noise", True, "unset"),
            ("generator.instance_norm", True, "False where patches are crops"),
        ):
            with self.subTest(path, value=value):
                changed = config.changed(experiment, {path: value})
                self.assertRefused(changed, path, rule, value)
        whole = {"method": "image", "generator.instance_norm": True}
        config.changed(experiment, whole).validate()

    def test_positive(self):
        for path in (
            "resolution",
            "batch_size",
            "generator.latent_dim",
            "generator.style_dim",
            "generator.mapping_layers",
            "generator.mapping_lr_multiplier",
            "generator.width",
            "generator.rank",
            "generator.input_resolution",
            "generator.channel_base",
            "generator.siren_omega",
            "generator.blocks",
            "generator.fourier_features",
            "discriminator.channel_base",
            "discriminator.channel_max",
            "discriminator.stddev_group",
            "data.shuffle_buffer",
            "optimizer.learning_rate",
            "optimizer.discriminator_learning_rate",
            "optimizer.epsilon",
            "optimizer.mapping_rate",
            "discriminator_steps",
            "loss.gp_weight",
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
                    experiment = with_field(path, value)
                    self.assertRefused(experiment, path, "positive", value)

    def test_zero_or_more(self):
        for path in (
            "seed",
            "replicas",
            "loss.r1_weight",
            "data.cache_mib",
            "generator.fourier_scale",
            "generator.embedding_channels",
            "generator.weight_clip",
            "generator.residual_weight",
            "generator.embedding_size",
        ):
            with self.subTest(path):
                with_field(path, 0).validate()
                experiment = with_field(path, -1)
                self.assertRefused(experiment, path, "zero or more", -1)

    def test_shares(self):
        for path in ("style_mixing", "optimizer.beta_1", "optimizer.beta_2"):
            for value in (-0.1, 1.5):
                with self.subTest(path, value=value):
                    experiment = with_field(path, value)
                    rule = "between 0 and 1"
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
                    experiment = with_field(path, value)
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

    def test_resolution(self):
        experiment = Experiment(resolution=96)
        rule = r"a multiple of patch_size \(64\)"
        self.assertRefused(experiment, "resolution", rule, 96)

    def test_discriminator_channels(self):
        path = "discriminator.channels"
        with_field(path, (8, 16, 32, 32, 32)).validate()
        experiment = with_field(path, (8, 16))
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
        Experiment(accumulate=4, replay_every=2).validate()

    def test_what_tensorflow_cannot_compile(self):
        for field, value in (("strategy", "mirrored"), ("deterministic", True)):
            experiment = Experiment(jit_compile=True, **{field: value})
            self.assertRefused(experiment, "jit_compile", "False", True)

    def test_several_workers(self):
        experiment = Experiment(strategy="multi_worker", replicas=2)
        self.assertRefused(experiment, "replicas", "0 where", 2)
        experiment = Experiment(strategy="multi_worker", on_full_disk="go_on")
        self.assertRefused(experiment, "on_full_disk", "stop", "go_on")

    def test_classes_without_labels(self):
        self.assertRefused(
            with_field("data.classes", ("a", "b")),
            "data.classes",
            "empty where data.labels is false",
            ("a", "b"),
        )

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
        experiment = with_field("generator.embedding_levels", (4, 0))
        path = "generator.embedding_levels"
        self.assertRefused(experiment, path, "positive sizes", (4, 0))

    def test_weights_that_nobody_writes_are_not_clipped(self):
        experiment = with_field("generator.weight_clip", 2.0)
        rule = "0 where generator.architecture is cips"
        self.assertRefused(experiment, "generator.weight_clip", rule, 2.0)

    def test_widths_of_blocks(self):
        path, rule = "generator.widths", "one positive width for each of 7"
        for widths in ((8,) * 6, (8,) * 6 + (0,)):
            experiment = with_field(path, widths)
            self.assertRefused(experiment, path, rule, widths)
        experiment = with_field(path, (8,) * 7)
        experiment.validate()
        experiment.generator.architecture = "inr_gan"
        rule = "empty where generator.architecture is inr_gan"
        self.assertRefused(experiment, path, rule, (8,) * 7)

    def test_looser_patch_regularization(self):
        stages = (Stage(2), Stage(1, patch_weight=1.0, patch_decay=1.5))
        experiment = Experiment(stages=stages)
        path = "stages[1].patch_decay"
        self.assertRefused(experiment, path, "between 0 and 1", 1.5)
        experiment = with_field("loss.patch_pool", 3)
        rule = "a divisor of the 32 coarse samples"
        self.assertRefused(experiment, "loss.patch_pool", rule, 3)

    def test_wasserstein_has_one_rule_for_slopes(self):
        experiment = with_field("loss.adversarial", "wgan")
        rule = "0 where loss.adversarial is wgan"
        self.assertRefused(experiment, "loss.r1_weight", rule, 10.0)
        experiment.loss.r1_weight = 0.0
        experiment.validate()
        experiment.loss.r2_weight = 1.0
        self.assertRefused(experiment, "loss.r2_weight", rule, 1.0)

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
