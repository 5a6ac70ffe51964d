"""`INRGANGenerator` against numbers of INR-GAN's public code."""

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.conversion import inr_gan
from tests import testing
from tests.models import reference

HINT = (64, 64, 2 / 64)


class INRGANReferenceTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coords = tf.reshape(coordinates.grid(64, 64, 1, "center"), (1, -1, 2))
        cls.cases = {}
        for name in ("inr_gan_generator", "inr_gan_generator_bilinear"):
            arrays = testing.load_fixture(name)
            generator = reference.inr_gan_generator(arrays, "bil" in name)
            cls.cases[name] = arrays, generator

    def each(self):
        for name, case in self.cases.items():
            with self.subTest(name):
                yield case

    def assertDraws(self, generator, styles, image):
        rgb = generator.synthesis(styles, self.coords, grid=HINT)
        self.assertMatchesReference(rgb, testing.points(image))

    def test_all_parameters_are_used(self):
        for arrays, generator in self.each():
            names = set(reference.parameters(arrays))
            # The logarithmic basis is computed, not stored.
            names = {n for n in names if not n.endswith("log_basis")}
            slots = inr_gan.inr_gan_slots(generator)
            self.assertEqual(set(slots), names)
            self.assertEqual(len(slots), len(generator.variables))
            self.assertEqual(generator.num_layers, arrays["num_ws"])

    def test_styles(self):
        for arrays, generator in self.each():
            styles = generator.mapping(arrays["z"])
            self.assertMatchesReference(styles, arrays["w"])

    @pytest.mark.slow
    def test_images(self):
        for arrays, generator in self.each():
            styles = generator.mapping(arrays["z"])
            self.assertDraws(generator, styles, arrays["image"])
            self.assertDraws(generator, arrays["ws_mixed"], arrays["image_mixed_ws"])
            styles = generator.mapping(arrays["z"], truncation=0.7)
            self.assertDraws(generator, styles, arrays["image_truncated_psi0.7"])

    @pytest.mark.slow
    def test_a_crop_of_points_of_which_nothing_is_known(self):
        for arrays, generator in self.each():
            coords = coordinates.patch([[21, 38]], 8, 64, 64, 1, "center")
            rgb = generator.synthesis(arrays["w"], coords)
            crop = arrays["image"][:, :, 21:29, 38:46]
            self.assertMatchesReference(rgb, testing.points(crop))

    def test_input_embeddings(self):
        for arrays, generator in self.each():
            for level, rows, name in (
                (0, slice(None), "input_embedding"),
                (2, slice(None, None, 8), "block64_coord_embedding"),
            ):
                side = generator.lattice_sides[level]
                coords = coordinates.grid(side, side, 1, "center")[rows]
                features = generator.features[level](tf.reshape(coords, (1, -1, 2)))
                expected = testing.points(arrays[f"mid/{name}"])
                self.assertMatchesReference(features, expected)

    @pytest.mark.slow
    def test_gradients(self):
        for arrays, generator in self.each():
            slots = inr_gan.inr_gan_slots(generator)
            names = [k[5:] for k in arrays if k.startswith("grad/")]
            self.assertEqual(len(names), 5)
            sources = [slots[name].variable.value for name in names]
            with tf.GradientTape() as tape:
                rgb = generator.synthesis(arrays["w"][:1], self.coords, grid=HINT)
                loss = tf.reduce_sum(tf.square(rgb))
            for name, gradient in zip(names, tape.gradient(loss, sources)):
                expected = arrays[f"grad/{name}"]
                expected = slots[name].convert(expected)
                self.assertMatchesReference(gradient, expected)

    def test_the_references_frame(self):
        # Pixel (row i, column j) has x = 2 j / R - 1, y = 1 - 2 (i + 1) / R.
        arrays = testing.load_fixture("inr_gan_layers")
        corner = np.array(coordinates.grid(8, 8, 1, "corner")) * [1, -1]
        expected = arrays["coords/generate_coords_8_align_corners"]
        self.assertAllClose(corner.reshape(1, 64, 2), testing.points(expected))
