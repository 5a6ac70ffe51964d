"""`CIPSGenerator` against numbers of CIPS's public code."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.conversion import cips
from tests import testing
from tests.models import reference


class CIPSReferenceTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("cips_generator")
        cls.generator = reference.cips_generator(cls.arrays)
        cls.styles = cls.generator.mapping(cls.arrays["z"])
        cls.coords = tf.reshape(coordinates.grid(16, 16), (1, -1, 2))
        names = ["conv1", *(f"linears.{i}" for i in range(6))]
        noise = [cls.arrays[f"noise/{name}"] for name in names]
        cls.noise = [testing.points(array) for array in noise]

    def assertDraws(self, name, coords, **kwargs):
        rgb = self.generator.synthesis(self.styles, coords, **kwargs)
        self.assertMatchesReference(rgb, testing.points(self.arrays[name]))

    def test_all_parameters_are_used(self):
        names = set(reference.parameters(self.arrays))
        slots = cips.cips_slots(self.generator)
        self.assertEqual(set(slots), names)
        self.assertEqual(len(slots), len(self.generator.trainable_variables))

    def test_styles(self):
        self.assertMatchesReference(self.styles, self.arrays["w"])

    def test_image(self):
        self.assertDraws("image_no_noise", self.coords)

    def test_image_with_noise(self):
        self.assertDraws("image_with_noise", self.coords, noise=self.noise)

    def test_images_of_training_mode(self):
        self.assertDraws("image_train_no_noise", self.coords, training=True)
        self.assertDraws(
            "image_train_with_noise",
            self.coords,
            noise=self.noise,
            training=True,
        )

    def test_the_two_modes_differ(self):
        # The reference's behaviour, which `reference_training` is for.
        full = self.arrays["image_no_noise"]
        difference = full - self.arrays["image_train_no_noise"]
        self.assertGreater(np.max(np.abs(difference)), 0.1 * np.max(full))

    def test_crop(self):
        crop = coordinates.patch([[4, 2]], 8, 16, 16)
        self.assertDraws("crop", crop)

    def test_extrapolated(self):
        coords = coordinates.region((-1.5, -1.5, 1.5, 1.5), 24, 24)
        self.assertDraws("extrapolated", tf.reshape(coords, (1, -1, 2)))

    def test_gradients(self):
        slots = cips.cips_slots(self.generator)
        names = [
            key[5:]
            for key in self.arrays
            if key.startswith("grad/") and key != "grad/z"
        ]
        self.assertEqual(len(names), 6)
        sources = [slots[name].variable.value for name in names]
        latents = tf.constant(self.arrays["z"])
        with tf.GradientTape() as tape:
            tape.watch(latents)
            rgb = self.generator(latents, self.coords)
            loss = tf.reduce_sum(tf.square(rgb))
        *gradients, by_latents = tape.gradient(loss, [*sources, latents])
        for name, gradient in zip(names, gradients):
            with self.subTest(name):
                expected = self.arrays[f"grad/{name}"]
                expected = slots[name].convert(expected)
                self.assertMatchesReference(gradient, expected)
        self.assertMatchesReference(by_latents, self.arrays["grad/z"])
