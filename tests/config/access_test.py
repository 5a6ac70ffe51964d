import dataclasses
import importlib
import json
import pathlib
import re

from absl import flags
from ml_collections import config_flags

from inr_keras import config
from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing

# Configs with other settings than before: those of their source, see docs/presets.md.
REVISED = {
    "ms_cips_ffhq256",
    "ms_cips_church256",
    "ms_cips_afhq256",
    "ms_inr_gan_church256",  # Its stages are those of ms_cips_church256.
    "openmoji_demo",  # Its earlier settings are those of openmoji64.
    "openmoji_long",
    "conditional_openmoji",  # Gone: openmoji_demo has its classes.
}


class DictTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.experiment = Experiment(
            name="small",
            seed=3,
            stages=(Stage(4, 1.5), Stage(1, 2.0, 0.01)),
            generator=config.CIPS(width=32, fourier_scale=5.0),
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
        expected = Experiment(generator=config.CIPS(width=64))
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
                "config.generator.with is not a field of CIPS",
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
            generator=config.CIPS(width=16, fourier_scale=5.0),
            seed=5,
        )
        self.assertEqual(found(other), [("seed", 3, 5), ("generator.width", 32, 16)])
        other = dataclasses.replace(self.experiment, stages=(Stage(4, 1.5),))
        self.assertEqual(found(other)[0][0], "stages (their number)")


class EarlierVersionsTest(testing.TestCase):
    def test_settings_of_every_config_still_read(self):
        path = pathlib.Path(__file__).parents[1] / "fixtures/before/configs.json"
        before = json.loads(path.read_text())
        self.assertGreater(len(before), 20)
        for name, values in before.items():
            again = config.from_dict(values)
            if name in REVISED:
                self.assertEqual(again.name, name)
                continue
            module = importlib.import_module(f"configs.{name}")
            self.assertEqual(again, module.get_config(), name)

    def test_fields_of_other_architectures_are_dropped(self):
        values = {"architecture": "hyper", "noise": False, "width": 16}
        again = config.from_dict({"generator": values})
        self.assertEqual(again.generator, config.Hyper(width=16))

    def test_renamed_fields(self):
        before = {
            "evaluation": {"pictures": 64},
            "loss": {"dense_critic": "second"},
            "data": {"frames": 4},
        }
        again = config.from_dict(before)
        self.assertEqual(again.evaluation.images, 64)
        self.assertEqual(again.loss.dense_discriminator, "second")
        self.assertEqual(again.data.video_length, 4)
        self.assertIn("pictures", before["evaluation"])  # Left as it was.
        for is_aligned, starts in ((True, "aligned"), (False, "grid")):
            again = config.from_dict({"aligned_crops": is_aligned})
            self.assertEqual(again.crops.starts, starts)
        again = config.from_dict({"judged_pictures": 32})
        self.assertEqual(again.evaluation.images, 32)

    def test_unknown_architecture(self):
        message = (
            "config.generator.architecture must be one of cips, hyper, inr_gan, "
            "siren, stylegan2. Received: 'vit'"
        )
        with self.assertRaisesRegex(ValueError, re.escape(message)):
            config.from_dict({"generator": {"architecture": "vit"}})


class FlagsTest(testing.TestCase):
    def test_every_field_is_a_flag(self):
        for cls in config.ARCHITECTURES.values():
            expected = Experiment(generator=cls(latent_dim=7))
            argv = ["app"] + [
                f"--config.{name}={value}"
                for name, value in config.fields(expected).items()
                if "their number" not in name
            ]
            values = flags.FlagValues()
            holder = config_flags.DEFINE_config_dataclass(
                "config",
                Experiment(generator=cls()),
                flag_values=values,
                sys_argv=argv,
            )
            values(argv)
            self.assertEqual(holder.value, expected)


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

    def test_unknown_fields(self):
        for path, owner in (
            ("with", "Experiment"),
            ("generator.with", "CIPS"),
            ("generator.rank", "CIPS"),
            ("generators.width", "Experiment"),
            ("seed.width", "int"),
            ("stages.strid", "Stage"),
        ):
            with self.subTest(path):
                with self.assertRaisesRegex(ValueError, "is not a field of"):
                    config.changed(Experiment(), {path: 1})
