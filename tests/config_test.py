import dataclasses
import json
import re

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
    def assertRefused(self, experiment, path, rule, value):
        with self.assertRaises(ValueError) as caught:
            experiment.validate()
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        start = re.escape(f"config.{path} must be ")
        end = re.escape(f". Received: {value!r}")
        self.assertRegex(message, f"^{start}.*{rule}.*{end}$")

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
            "method",
            "generator.rgb",
            "data.reduction",
        ):
            with self.subTest(path):
                experiment = with_field(path, "wrong")
                self.assertRefused(experiment, path, "one of", "wrong")
        experiment = Experiment(augment=("color", "rotation"))
        self.assertRefused(experiment, "augment", "one of color", "rotation")

    def test_positive(self):
        for path in (
            "resolution",
            "batch_size",
            "generator.latent_dim",
            "generator.style_dim",
            "generator.mapping_layers",
            "generator.mapping_lr_multiplier",
            "generator.width",
            "generator.blocks",
            "generator.fourier_features",
            "discriminator.channel_base",
            "discriminator.channel_max",
            "discriminator.stddev_group",
            "data.shuffle_buffer",
            "optimizer.learning_rate",
            "optimizer.discriminator_learning_rate",
            "optimizer.epsilon",
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
            ((Stage(0),), "stages[0].stride", "a divisor", 0),
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


class DictTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.experiment = Experiment(
            name="small",
            seed=3,
            stages=(Stage(4, 1.5), Stage(1, 2.0, 0.01)),
            generator=config.Generator(width=32, fourier_scale=5.0),
            data=config.Data(groups=("animals-nature", "flags")),
            augment=("color", "cutout"),
        )

    def test_round_trip_through_json(self):
        for experiment in (self.experiment, Experiment()):
            text = json.dumps(config.to_dict(experiment))
            again = config.from_dict(json.loads(text))
            self.assertEqual(again, experiment)
            self.assertIsInstance(again.stages, tuple)
            self.assertIsInstance(again.data.groups, tuple)

    def test_missing_fields_have_their_defaults(self):
        again = config.from_dict({"generator": {"width": 64}})
        expected = Experiment(generator=config.Generator(width=64))
        self.assertEqual(again, expected)

    def test_whole_numbers_are_floats_where_floats_are_due(self):
        again = config.from_dict({"log_kimg": 2, "stages": [{"kimg": 5}]})
        self.assertIsInstance(again.log_kimg, float)
        self.assertIsInstance(again.stages[0].kimg, float)

    def test_unknown_fields(self):
        for values, message in (
            ({"batchsize": 4}, "config.batchsize is not a field of Experiment"),
            (
                {"generator": {"with": 4}},
                "config.generator.with is not a field of Generator",
            ),
            (
                {"stages": [{}, {"strid": 4}]},
                "config.stages[1].strid is not a field of Stage. "
                "Fields: stride, kimg, patch_weight",
            ),
        ):
            with self.subTest(message):
                with self.assertRaisesRegex(ValueError, re.escape(message)):
                    config.from_dict(values)

    def test_wrong_types(self):
        for values, message in (
            ({"batch_size": "4"}, "config.batch_size must be of type int"),
            ({"batch_size": 4.5}, "config.batch_size must be of type int"),
            ({"batch_size": True}, "config.batch_size must be of type int"),
            ({"log_kimg": "x"}, "config.log_kimg must be of type float"),
            ({"log_kimg": True}, "config.log_kimg must be of type float"),
            ({"jit_compile": 1}, "config.jit_compile must be of type bool"),
            ({"name": None}, "config.name must be of type str"),
            ({"loss": 3}, "config.loss must be a mapping. Received: 3"),
            ({"augment": "color"}, "config.augment must be a list"),
            ({"augment": [1]}, "config.augment[0] must be of type str"),
            ({"stages": [4]}, "config.stages[0] must be a mapping"),
        ):
            with self.subTest(message):
                with self.assertRaisesRegex(ValueError, re.escape(message)):
                    config.from_dict(values)

    def test_first_difference(self):
        same = dataclasses.replace(self.experiment)
        self.assertIsNone(config.first_difference(self.experiment, same))
        same.stages = list(same.stages)
        same.augment = list(same.augment)
        self.assertIsNone(config.first_difference(self.experiment, same))
        other = dataclasses.replace(
            self.experiment, generator=config.Generator(width=16)
        )
        self.assertEqual(
            config.first_difference(self.experiment, other),
            ("generator.width", 32, 16),
        )
        other = dataclasses.replace(self.experiment, stages=(Stage(4, 1.5),))
        name, *_ = config.first_difference(self.experiment, other)
        self.assertEqual(name, "stages (their number)")
