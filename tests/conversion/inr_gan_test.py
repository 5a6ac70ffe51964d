import keras
import numpy as np
import pytest

from inr_keras import conversion
from inr_keras import rendering
from inr_keras.conversion import inr_gan
from inr_keras.models import INRGANGenerator
from tests import testing
from tests.models import reference


class FixtureTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("inr_gan_generator")
        cls.state = reference.parameters(cls.arrays)
        cls.generator = conversion.load_inr_gan(cls.state)

    def assertDraws(self, generator, arrays):
        renderer = rendering.Renderer(generator)
        images = renderer.render(renderer.styles(arrays["z"]))
        expected = testing.channels_last(arrays["image"])
        self.assertMatchesReference(images, expected, 1e-4)

    def test_structure_and_sizes(self):
        config = self.generator.get_config()
        for name, value in {
            "latent_dim": 32,
            "style_dim": 32,
            "mapping_layers": 2,
            "resolution": 64,
            "input_resolution": 16,
            "width": 40,
            "channel_base": 1024,
            "fine_blocks": 1,
            "rank": 10,
            "fourier_features": 6,
            "basis": "random",
            "embedding_channels": 8,
            "upsampling": "nearest",
            "instance_norm": False,
            "channels": 3,
        }.items():
            self.assertEqual(config[name], value, name)

    @pytest.mark.slow
    def test_a_renderer_draws_the_reference_image(self):
        self.assertDraws(self.generator, self.arrays)

    @pytest.mark.slow
    def test_the_bilinear_variant(self):
        arrays = testing.load_fixture("inr_gan_generator_bilinear")
        state = reference.parameters(arrays)
        # The public code keeps filters that it does not use.
        state["synthesis.b8.resample_filter"] = np.zeros((4, 4))
        generator = conversion.load_inr_gan(state, bilinear=True)
        self.assertTrue(generator.instance_norm)
        self.assertDraws(generator, arrays)

    @pytest.mark.slow
    def test_keras_file(self):
        path = self.temporary_folder() / "inr_gan.keras"
        self.generator.save(path)
        loaded = keras.models.load_model(path, safe_mode=True)
        self.assertIsInstance(loaded, INRGANGenerator)
        self.assertAllEqual(
            loaded.mapping(self.arrays["z"], truncation=0.5),
            self.generator.mapping(self.arrays["z"], truncation=0.5),
        )
        self.assertDraws(loaded, self.arrays)

    def test_missing_and_extra_tensors_are_named(self):
        state = dict(self.state)
        for name in (
            "mapping.w_avg",
            "synthesis.b32.coord_fuser.log_basis",
            "synthesis.b64.extra_convs.0.affine.bias",
        ):
            del state[name]
        state["mapping.embed.weight"] = np.zeros((32, 10))
        with self.assertRaisesRegex(
            ValueError,
            "kind inr_gan.*missing: mapping.w_avg, synthesis.b64.extra_convs.0"
            ".affine.bias, synthesis.b32.coord_fuser.log_basis; not of it: "
            "mapping.embed.weight$",
        ):
            conversion.load_inr_gan(state)
        with self.assertRaisesRegex(ValueError, "missing.*not of it: a$"):
            conversion.load_inr_gan({"a": np.zeros(3)})

    def test_wrong_shapes_are_named(self):
        state = dict(self.state)
        state["synthesis.b8.torgb.bias"] = np.zeros(4)
        state["mapping.fc1.weight"] = np.zeros((32, 31))
        with self.assertRaisesRegex(
            ValueError,
            r"mapping.fc1.weight \(32, 31\) instead of \(32, 32\), "
            r"synthesis.b8.torgb.bias \(4,\) instead of \(3,\)$",
        ):
            conversion.load_inr_gan(state)

    def test_other_waves_are_named(self):
        state = dict(self.state)
        name = "synthesis.b32.coord_fuser.log_basis"
        for other in (2.0 * state[name], state[name][:10]):
            state[name] = other
            with self.assertRaisesRegex(ValueError, f"{name} with other wave"):
                conversion.load_inr_gan(state)


class BasesTest(testing.TestCase):
    @pytest.mark.slow
    def test_every_basis_comes_back(self):
        for basis in ("shared", "predicted"):
            generator = INRGANGenerator(
                latent_dim=3,
                style_dim=5,
                mapping_lr_multiplier=0.01,
                resolution=16,
                input_resolution=4,
                width=6,
                channel_base=64,
                fine_blocks=2,
                rank=2,
                fourier_features=4,
                basis=basis,
                embedding_channels=4,
                name="generator",
            )
            slots = inr_gan.inr_gan_slots(generator)
            rng = np.random.default_rng(0)
            state = {
                name: rng.normal(size=slot.shape).astype("float32")
                for name, slot in slots.items()
            }
            for name, slot in slots.items():
                slot.variable.assign(slot.convert(state[name]))
            loaded = conversion.load_inr_gan({**state, **inr_gan._waves(generator)})
            self.assertEqual(
                {**loaded.get_config(), "fourier_scale": 0},
                {**generator.get_config(), "fourier_scale": 0},
            )
            latents = rng.normal(size=(2, 3)).astype("float32")
            coords = rng.uniform(-1, 1, (2, 7, 2)).astype("float32")
            self.assertAllEqual(loaded(latents, coords), generator(latents, coords))
