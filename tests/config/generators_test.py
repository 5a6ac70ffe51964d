import dataclasses

from configs import hyper_openmoji
from configs import inr_gan_openmoji
from configs import siren_openmoji
from inr_keras import config
from inr_keras.config import CIPS
from inr_keras.config import Experiment
from inr_keras.config import Hyper
from inr_keras.config import MultiScaleINR
from inr_keras.config import Siren
from tests import testing


class GeneratorsTest(testing.TestCase):
    def test_each_has_the_fields_that_its_architecture_reads(self):
        names = {
            cls: {field.name for field in dataclasses.fields(cls)}
            for cls in config.ARCHITECTURES.values()
        }
        shared = set.intersection(*names.values())
        base = {field.name for field in dataclasses.fields(config.Generator)}
        self.assertEqual(shared, base)
        for cls, absent in (
            (CIPS, {"weight_clip", "rank", "upsampling", "siren_omega"}),
            (Hyper, {"embedding_channels", "noise", "rgb", "siren_omega"}),
            (Siren, {"fourier_features", "fourier_scale", "sparse_embedding"}),
            (MultiScaleINR, {"blocks", "embedding_size", "noise", "widths"}),
        ):
            self.assertFalse(names[cls] & absent, cls)

    def test_architectures(self):
        for name, cls in config.ARCHITECTURES.items():
            self.assertEqual(cls().architecture, name)
        expected = ["cips", "hyper", "inr_gan", "siren", "stylegan2"]
        self.assertEqual(list(config.ARCHITECTURES), expected)

    def test_settings_without_a_class(self):
        for fields in ({}, {"architecture": "inr_gan"}, {"blocks": 3}):
            with self.assertRaisesRegex(TypeError, "class of CIPS, Hyper, Multi"):
                config.Generator(**fields)

    def test_a_flag_does_not_change_the_architecture(self):
        experiment = Experiment()
        experiment.generator.architecture = "hyper"
        rule = "cips, as the config file chooses the class"
        path = "generator.architecture"
        self.assertRefused(experiment, path, rule, "hyper")

    def test_bounds(self):
        cips, inr_gan = Experiment(), inr_gan_openmoji.get_config()
        hyper, siren = hyper_openmoji.get_config(), siren_openmoji.get_config()
        for experiment, rule, value, names in (
            (
                cips,
                "positive",
                0,
                "latent_dim style_dim mapping_layers mapping_lr_multiplier width "
                "blocks fourier_features",
            ),
            (
                cips,
                "zero or more",
                -1,
                "residual_weight fourier_scale embedding_channels embedding_size",
            ),
            (cips, "one of", "wrong", "rgb"),
            (cips, "positive sizes", (0,), "embedding_levels"),
            (inr_gan, "positive", 0, "rank channel_base fourier_features"),
            (inr_gan, "zero or more", -1, "fourier_scale fine_blocks"),
            (inr_gan, "one of", "wrong", "basis modulation upsampling"),
            (inr_gan, "a power of two from 4", 24, "input_resolution"),
            (hyper, "positive", 0, "rank blocks fourier_features fourier_scale"),
            (hyper, "positive", 0, "head_layers"),
            (hyper, "zero or more", -1, "weight_clip head_width"),
            (hyper, "one of", "wrong", "parametrization coords_layer"),
            (siren, "zero or more", -1, "siren_omega"),
            (siren, "one of", "wrong", "siren_init"),
        ):
            for name in names.split():
                path = f"generator.{name}"
                with self.subTest(path, value=value):
                    changed = config.changed(experiment, {path: value})
                    item = value[0] if isinstance(value, tuple) else value
                    self.assertRefused(changed, path, rule, item)
