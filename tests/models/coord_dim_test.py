"""One architecture for lines, images and volumes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from tests import testing
from tests.rendering.generators import small_generator


class CoordDimTest(testing.TestCase):
    def latents(self):
        return rendering.latents_from_seeds(range(2), 6)

    @pytest.mark.slow
    def test_any_number_of_axes_and_channels(self):
        for axes, channels, levels in ((1, 1, 8), (3, 5, 4), (3, 2, (2, 4))):
            generator = small_generator(
                coord_dim=axes, channels=channels, embedding_size=levels
            )
            coords = coordinates.lattice((4,) * axes)
            flat = tf.reshape(coords, (1, -1, axes))
            styles = generator.mapping(self.latents())
            whole = testing.to_numpy(generator.synthesis(styles, flat))
            self.assertEqual(whole.shape, (2, 4**axes, channels))
            self.assertGreater(whole.std(axis=1).min(), 1e-3)
            # A point depends on its own coordinate alone.
            part = generator.synthesis(styles, flat[:, 2:4])
            self.assertAllClose(part, whole[:, 2:4])
            renderer = rendering.Renderer(generator, points=7)
            drawn = renderer.render_coords(styles, coords)
            self.assertEqual(drawn.shape, (2, *(4,) * axes, channels))
            self.assertAllClose(drawn.reshape(whole.shape), whole)
            path = self.temporary_folder() / "generator.keras"
            generator.save(path)
            loaded = keras.models.load_model(path, safe_mode=True)
            self.assertAllEqual(loaded.synthesis(styles, flat), whole)

    def test_axes_are_told_apart(self):
        generator = small_generator(coord_dim=3, embedding_size=4)
        styles = generator.mapping(self.latents())
        points = np.eye(3, dtype="float32")[None]
        rgb = testing.to_numpy(generator.synthesis(styles, points))
        for i in range(3):
            others = np.delete(rgb, i, axis=1) - rgb[:, i : i + 1]
            self.assertGreater(np.abs(others).max(axis=-1).min(), 1e-3)

    def test_two_axes_are_what_they_were(self):
        generator = small_generator()
        self.assertEqual(generator.coord_dim, 2)
        config = generator.get_config()
        del config["coord_dim"], config["class_names"]  # An older file.
        again = type(generator).from_config(config)
        self.assertEqual(
            [w.shape for w in again.weights],
            [w.shape for w in generator.weights],
        )

    @pytest.mark.slow
    def test_saved_model_of_lines(self):
        generator = small_generator(coord_dim=1, channels=1)
        folder = self.temporary_folder() / "m"
        version = export.export(generator, folder, test=False)
        loaded = runs.load_generator(version)
        self.assertEqual(loaded.coord_dim, 1)
        renderer = rendering.Renderer(loaded)
        styles = renderer.styles(self.latents())
        coords = coordinates.lattice((8,))
        line = renderer.render_coords(styles, coords)
        self.assertEqual(line.shape, (2, 8, 1))
        model = tf.saved_model.load(str(version))
        images = model.signatures["generate_latents"](
            latents=tf.constant(self.latents()), truncation=tf.ones(2)
        )["images"]
        difference = images.numpy().astype(int) - rendering.to_uint8(line)
        self.assertLessEqual(np.abs(difference).max(), 1)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`coord_dim`.*coord_dim=4"):
            small_generator(coord_dim=4)
        with self.assertRaisesRegex(ValueError, "`reference_training`.*=1"):
            small_generator(coord_dim=1, reference_training=True)
        renderer = rendering.Renderer(small_generator(coord_dim=3))
        with self.assertRaisesRegex(ValueError, "render_coords.*coord_dim=3"):
            renderer.render(renderer.styles(self.latents()))
