import dataclasses
import json
import re

from inr_keras import config
from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing


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

    def test_differences(self):
        def found(other):
            return list(config.differences(self.experiment, other))

        same = dataclasses.replace(self.experiment)
        self.assertEqual(found(same), [])
        same.stages = list(same.stages)
        same.augment = list(same.augment)
        self.assertEqual(found(same), [])
        other = dataclasses.replace(
            self.experiment,
            generator=config.Generator(width=16, fourier_scale=5.0),
            seed=5,
        )
        self.assertEqual(found(other), [("seed", 3, 5), ("generator.width", 32, 16)])
        other = dataclasses.replace(self.experiment, stages=(Stage(4, 1.5),))
        self.assertEqual(found(other)[0][0], "stages (their number)")


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


class ChangedTest(testing.TestCase):
    def test_changes_a_copy(self):
        before = Experiment()
        after = config.changed(
            before, {"generator.width": 7, "stages.patch_weight": 0.5}
        )
        self.assertEqual(after.generator.width, 7)
        self.assertEqual(before, Experiment())
        # The first stage has nothing to be held to.
        weights = [stage.patch_weight for stage in after.stages]
        self.assertEqual(weights, [0.0, 0.5, 0.5])
