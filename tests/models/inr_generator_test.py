import inspect
import json

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from inr_keras import models
from inr_keras.models import INRGenerator
from inr_keras.models import rematerialization
from tests import testing

CONTRACT = {
    "mapping",
    "mean_style",
    "latent_dim",
    "style_dim",
    "num_layers",
    "channels",
    "resolution",
    "alignment",
    "class_names",
    "coord_dim",
    "video_length",
    "noise",
    "takes_grid",
}


@keras.saving.register_keras_serializable(package="inr_keras_tests")
class Stripes(INRGenerator):
    """Colours that are style vectors times sines of a point's coordinates."""

    num_layers = 2

    def __init__(self, frequency, latent_dim=6, remat=False, classes=(), **kwargs):
        super().__init__(latent_dim, 3, 3, 8, "corner", classes, **kwargs)
        self.frequency = frequency
        self.remat = remat
        self.classes = tuple(classes)
        self.add_mapping(3, 0.5, 0.1)
        self.mapping.build((None, latent_dim))
        self.built = True

    def synthesis(self, styles, coords, noise=None, training=False):
        def part(styles, coords):
            waves = ops.sin(self.frequency * ops.sum(coords, axis=-1, keepdims=True))
            first, second = (self.layer_style(styles, i)[:, None] for i in range(2))
            return first * waves + second

        return self.rematerialization(training)(part)(styles, coords)


@keras.saving.register_keras_serializable(package="inr_keras_tests")
class SlowStripes(Stripes):
    """Stripes of one frequency more, whose other arguments pass through."""

    def __init__(self, slow=0.5, **kwargs):
        super().__init__(**kwargs)
        self.slow = slow


class INRGeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        self.latents = random.normal(size=(2, 6)).astype("float32")
        self.coords = random.uniform(-1, 1, (2, 9, 2)).astype("float32")

    def test_span_is_no_alignment_of_generators(self):
        with self.assertRaisesRegex(ValueError, "`alignment`.*'corner'.*'span'"):
            INRGenerator(6, 3, 3, 8, "span", ())

    def test_arguments_out_of_range(self):
        for name in ("latent_dim", "style_dim", "channels", "resolution"):
            sizes = {"latent_dim": 6, "style_dim": 3, "channels": 3, "resolution": 8}
            sizes[name] = 0
            with self.assertRaisesRegex(ValueError, f"`{name}` must be a positive int"):
                INRGenerator(alignment="corner", class_names=(), **sizes)
        for names in ("cats", ("cats", "cats")):
            with self.assertRaisesRegex(ValueError, "`class_names` must be a sequence"):
                INRGenerator(6, 3, 3, 8, "corner", names)

    def test_call_maps_truncates_and_draws(self):
        generator = Stripes(2.0)
        generator.mapping.mean_style.assign([1.0, 2.0, 3.0])
        styles = generator.mapping(self.latents, truncation=0.7)
        expected = generator.synthesis(styles, self.coords)
        outputs = generator(self.latents, self.coords, truncation=0.7)
        self.assertAllEqual(outputs, expected)
        self.assertAllEqual(generator.mean_style, [1.0, 2.0, 3.0])

    def test_labels_reach_the_mapping(self):
        generator = Stripes(2.0, classes=["a", "b"])
        self.assertEqual(generator.class_names, ("a", "b"))
        outputs = [
            generator(self.latents, self.coords, labels=np.full(2, label))
            for label in range(2)
        ]
        self.assertGreater(np.abs(outputs[0] - outputs[1]).max(), 1e-3)

    def test_arguments_of_the_mapping(self):
        generator = Stripes(2.0)
        config = generator.mapping.get_config()
        expected = {
            "latent_dim": 6,
            "style_dim": 3,
            "layers": 3,
            "lr_multiplier": 0.5,
            "classes": 0,
            "residual_weight": 0.1,
        }
        self.assertEqual({name: config[name] for name in expected}, expected)
        self.assertEqual(generator.mapping_layers, 3)
        self.assertEqual(generator.mapping_lr_multiplier, 0.5)
        self.assertEqual(generator.residual_weight, 0.1)

    def test_layers_share_a_style_or_have_their_own(self):
        generator = Stripes(2.0)
        styles = np.arange(12, dtype="float32").reshape(2, 2, 3)
        self.assertAllEqual(generator.layer_style(styles, 1), styles[:, 1])
        self.assertAllEqual(generator.layer_style(styles[:, 0], 1), styles[:, 0])
        # The second layer's style is the colour between the stripes.
        centre = np.zeros((1, 1, 2), "float32")
        outputs = generator.synthesis(styles, centre)
        self.assertAllEqual(outputs[:, 0], styles[:, 1])

    def test_parts_are_rematerialized_where_it_is_asked_for_in_training(self):
        def part():
            pass

        for asked in (False, True):
            generator = Stripes(2.0, remat=asked)
            for training in (False, True):
                keep = generator.rematerialization(training)
                if asked and training:
                    self.assertIs(keep, rematerialization.remat)
                else:
                    self.assertIs(keep(part), part)

    def test_rematerialization_changes_no_gradient(self):
        gradients = []
        for asked in (False, True):
            generator = Stripes(2.0, remat=asked)
            styles = tf.ones((2, 3))
            with tf.GradientTape() as tape:
                tape.watch(styles)
                rgb = generator.synthesis(styles, self.coords, training=True)
                loss = tf.reduce_sum(rgb**2)
            gradients.append(tape.gradient(loss, styles))
        self.assertAllClose(*gradients)

    def test_coordinates_stay_float32(self):
        seen = []
        generator = Stripes(2.0, dtype="mixed_bfloat16")
        generator.synthesis = lambda styles, coords, training: seen.append(coords)
        generator(self.latents, self.coords)
        self.assertEqual(seen[0].dtype, "float32")
        self.assertAllEqual(seen[0], self.coords)

    def test_configuration_is_every_argument(self):
        generator = Stripes(2.0, remat=True, classes=["a"], name="stripes")
        config = generator.get_config()
        base = {"name": "stripes", "trainable": True}
        arguments = {
            "frequency": 2.0,
            "latent_dim": 6,
            "remat": True,
            "classes": ("a",),
        }
        self.assertEqual(config, {**base, "dtype": config["dtype"], **arguments})
        again = Stripes.from_config(json.loads(json.dumps(config, default=vars)))
        self.assertEqual(again.classes, ("a",))

    def test_configuration_has_the_arguments_that_a_subclass_passes_on(self):
        generator = SlowStripes(0.1, frequency=3.0, latent_dim=5)
        path = self.temporary_folder() / "generator.keras"
        generator.save(path)
        again = keras.saving.load_model(path)
        self.assertIsInstance(again, SlowStripes)
        for name in ("slow", "frequency", "latent_dim"):
            self.assertEqual(getattr(again, name), getattr(generator, name))

    def test_what_a_subclass_must_define(self):
        generator = INRGenerator(6, 3, 3, 8, "corner", ())
        with self.assertRaises(NotImplementedError):
            generator.synthesis(None, None)

    def test_every_generator_keeps_the_contract(self):
        settings = {"latent_dim": 6, "style_dim": 5, "mapping_layers": 1, "width": 4}
        cips = {"blocks": 1, "embedding_size": 4, "embedding_channels": 2}
        volume = models.CIPSGenerator(**settings, **cips, coord_dim=3)
        for generator in (
            Stripes(2.0),
            models.CIPSGenerator(**settings, **cips),
            models.INRGANGenerator(**settings, resolution=16, input_resolution=4),
            models.INRHyperNetwork(**settings),
            models.VideoGenerator(volume, 2),
        ):
            with self.subTest(type(generator).__name__):
                for name in CONTRACT:
                    self.assertTrue(hasattr(generator, name), name)
                self.assertIsInstance(generator.class_names, tuple)
                takes_grid = "grid" in inspect.signature(generator.synthesis).parameters
                self.assertEqual(generator.takes_grid, takes_grid)
                embedding = getattr(generator, "embedding", None)
                if embedding is not None:
                    self.assertTrue(embedding.tables)
