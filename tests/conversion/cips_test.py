import keras
import numpy as np
import pytest

from inr_keras import conversion
from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.config import CIPS
from inr_keras.config import Stage
from inr_keras.conversion import cips
from inr_keras.models import CIPSGenerator
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.training import build
from inr_keras.training import initial_networks
from inr_keras.training.step import gan as gan_lib
from inr_keras.training.step import optimizers
from tests import testing
from tests.models import reference
from tests.training import small


def random_state_dict(generator):
    """Random tensors for each of the source's names."""
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(size=slot.shape).astype("float32")
        for name, slot in cips.cips_slots(generator).items()
    }


def slow_residual(state, latents, coords):
    """`CIPSres` in evaluation without noise, as its formulas say.

    Layouts of PyTorch: features are `(batch, channels, points)`.
    """

    def activate(x):
        return np.sqrt(2) * np.where(x > 0, x, 0.2 * x)

    def modulated(name, x, demodulate):
        weight = state[f"{name}.conv.weight"][0, :, :, 0, 0]
        scale = state[f"{name}.conv.modulation.weight"] / np.sqrt(w.shape[1])
        scale = w @ scale.T + state[f"{name}.conv.modulation.bias"]
        weight = weight / np.sqrt(weight.shape[1]) * scale[:, None]
        if demodulate:
            norm = np.sum(weight**2, axis=2, keepdims=True)
            weight = weight / np.sqrt(norm + 1e-8)
        return weight @ x

    def layer(name, x):
        x = modulated(name, x, True)
        return activate(x + state[f"{name}.activate.bias"][:, None])

    w = latents / np.sqrt(np.mean(latents**2, 1, keepdims=True) + 1e-8)
    weight = state["style.1.weight"] * 0.01 / np.sqrt(w.shape[1])
    w = activate(w @ weight.T + 0.01 * state["style.1.bias"])
    x = state["lff.ffm.conv.weight"][:, :, 0, 0] @ coords.T
    x = np.sin(x + state["lff.ffm.conv.bias"][:, None])
    table = state["emb.input"][0]
    side = table.shape[1]
    place = np.clip(((coords + 1) * side - 1) / 2, 0, side - 1)
    low = np.minimum(np.floor(place).astype(int), side - 2)
    (j, i), (u, v) = low.T, (place - low).T
    read = (1 - v) * ((1 - u) * table[:, i, j] + u * table[:, i, j + 1])
    read += v * ((1 - u) * table[:, i + 1, j] + u * table[:, i + 1, j + 1])
    x = layer("linears.0", np.concatenate([x, read])[None])
    for i in (1, 2):
        y = layer(f"linears.{i}.conv2", layer(f"linears.{i}.conv1", x))
        shortcut = state.get(f"linears.{i}.skip.0.weight")
        if shortcut is not None:
            x = shortcut[:, :, 0, 0] / np.sqrt(shortcut.shape[1]) @ x
        x = (x + y) / np.sqrt(2)
    rgb = modulated("to_rgb_last", x, False)
    rgb = rgb + state["to_rgb_last.bias"][0, :, 0]
    return rgb.transpose(0, 2, 1)


class SkipTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("cips_generator")
        cls.state = reference.parameters(cls.arrays)
        cls.generator = conversion.load_cips(cls.state)

    def assertDraws(self, generator):
        renderer = rendering.Renderer(generator)
        images = renderer.render(renderer.styles(self.arrays["z"]))
        expected = testing.channels_last(self.arrays["image_no_noise"])
        self.assertMatchesReference(images, expected, 1e-4)

    def test_sizes_follow_from_shapes(self):
        config = self.generator.get_config()
        for name, value in {
            "latent_dim": 32,
            "style_dim": 32,
            "mapping_layers": 3,
            "width": [48, 32, 16],
            "blocks": 3,
            "fourier_features": 32,
            "embedding_channels": 32,
            "embedding_size": 16,
            "resolution": 16,
            "rgb": "skip",
        }.items():
            self.assertEqual(config[name], value, name)

    def test_a_renderer_draws_the_reference_image(self):
        self.assertDraws(self.generator)

    def test_keras_file(self):
        path = self.temporary_folder() / "cips.keras"
        self.generator.save(path)
        loaded = keras.models.load_model(path, safe_mode=True)
        self.assertIsInstance(loaded, CIPSGenerator)
        self.assertDraws(loaded)

    def test_mean_style(self):
        latents = np.random.default_rng(1).normal(size=(4000, 32))
        styles = np.array(self.generator.mapping(latents.astype("float32")))
        error = np.abs(self.generator.mapping.mean_style - styles.mean(0))
        self.assertLess(np.max(error / styles.std(0)), 0.1)

    def test_tensors_of_pytorch(self):
        torch = pytest.importorskip("torch")
        state = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in self.state.items()}
        self.assertDraws(conversion.load_cips(state))

    def test_missing_and_extra_tensors_are_named(self):
        state = dict(self.state)
        for name in ("emb.input", "linears.3.noise.weight", "style.2.bias"):
            del state[name]
        state["to_rgbs.0.other"] = state["style.1.bias"]
        with self.assertRaisesRegex(
            ValueError,
            "kind cips.*missing: emb.input, style.2.bias, "
            "linears.3.noise.weight; not of it: to_rgbs.0.other",
        ):
            conversion.load_cips(state)
        with self.assertRaisesRegex(ValueError, "missing: lff.*not of it: a$"):
            conversion.load_cips({"a": np.zeros(3)})

    def test_wrong_shapes_are_named(self):
        state = dict(self.state)
        state["conv1.activate.bias"] = np.zeros(47)
        state["linears.5.conv.modulation.weight"] = np.zeros((16, 31))
        with self.assertRaisesRegex(
            ValueError,
            r"conv1.activate.bias \(47,\) instead of \(48,\), linears.5.conv."
            r"modulation.weight \(16, 31\) instead of \(16, 32\)$",
        ):
            conversion.load_cips(state)
        state["emb.input"] = np.zeros((32, 16, 16))
        with self.assertRaisesRegex(ValueError, r"emb.input \(32, 16, 16\)"):
            conversion.load_cips(state)

    @pytest.mark.slow
    def test_trains_on(self):
        gan = gan_lib.INRGAN(
            conversion.load_cips(self.state),
            StyleGAN2Discriminator(8, channels=(4, 4)),
            resolution=16,
            patch_size=8,
        )
        gan.compile(optimizers.lazy_adam(), optimizers.lazy_adam())
        gan.run_eagerly = True  # One step is done before a graph is made.
        images = small.repeated(small.random_images(4, 16))
        before = small.values(gan.generator.trainable_variables)
        gan.fit(images, steps_per_epoch=1, verbose=0)
        for old, variable in zip(before, gan.generator.trainable_variables):
            self.assertFinite(variable)
            self.assertTrue(np.any(old != variable), variable.path)

    @pytest.mark.slow
    def test_settings_that_train_on(self):
        path = self.temporary_folder() / "cips.keras"
        self.generator.save(path)
        config = small.small_config(resolution=16)
        config.alignment = "corner"
        config.stages = (Stage(stride=2),)
        config.generator = CIPS(
            latent_dim=32,
            style_dim=32,
            mapping_layers=3,
            widths=(48, 32, 16),
            blocks=3,
            fourier_features=32,
            embedding_channels=32,
            noise=True,
        )
        config.validate()
        gan = build.build_gan(config)
        initial_networks.copy_generator(gan, path)
        latents = np.float32(self.arrays["z"])
        coords = coordinates.region((-1, -1, 1, 1), 16, 16, "corner")
        coords = np.reshape(coords, (1, 256, 2))
        expected, rgb = (
            generator(latents, coords, training=True)
            for generator in (self.generator, gan.generator)
        )
        self.assertAllClose(rgb, expected, atol=1e-5)


class ResidualTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.like = CIPSGenerator(
            latent_dim=6,
            style_dim=6,
            mapping_layers=1,
            width=[8, 5],
            blocks=2,
            fourier_features=7,
            embedding_channels=4,
            embedding_size=8,
            rgb="residual",
            noise=True,
        )
        self.state = random_state_dict(self.like)

    def test_against_its_formulas(self):
        generator = conversion.load_cips(self.state)
        self.assertEqual(generator.rgb, "residual")
        self.assertEqual(generator.width, [8, 5])
        rng = np.random.default_rng(1)
        latents = rng.normal(size=(3, 6))
        coords = rng.uniform(-1.1, 1.1, (10, 2))
        rgb = generator(latents.astype("float32"), coords[None].astype("float32"))
        state = {k: v.astype("float64") for k, v in self.state.items()}
        expected = slow_residual(state, latents, coords)
        self.assertMatchesReference(rgb, expected, 1e-5)

    def test_a_shortcut_too_few_and_too_many(self):
        shortcut = self.state.pop("linears.2.skip.0.weight")
        with self.assertRaisesRegex(ValueError, "missing: linears.2.skip.0"):
            conversion.load_cips(self.state)
        self.state["linears.2.skip.0.weight"] = shortcut
        self.state["linears.1.skip.0.weight"] = shortcut
        with self.assertRaisesRegex(ValueError, "not of it: linears.1.skip.0"):
            conversion.load_cips(self.state)
