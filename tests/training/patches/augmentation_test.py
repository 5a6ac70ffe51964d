import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config.choices import AUGMENTATIONS
from inr_keras.training.patches import augmentation
from tests import testing


class AugmentTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.uniform(-1, 1, (5, 16, 24, 3)).astype("float32")
        self.uniforms = rng.uniform(size=(5, augmentation.NUM_UNIFORMS))
        self.uniforms = self.uniforms.astype("float32")

    def apply(self, policies, images=None, **columns):
        """Augmented images; `columns` name random numbers, `u3=0.5`."""
        uniforms = self.uniforms.copy()
        for name, value in columns.items():
            uniforms[:, int(name[1:])] = value
        images = self.images if images is None else images
        outputs = augmentation.diff_augment(images, uniforms, policies)
        self.assertEqual(outputs.shape, images.shape)
        return testing.to_numpy(outputs)

    def test_no_policies_change_nothing(self):
        self.assertAllEqual(self.apply(()), self.images)

    def test_neutral_numbers_change_nothing(self):
        self.assertAllClose(self.apply(("color",), u0=0.5, u1=0.5, u2=0.5), self.images)
        self.assertAllEqual(self.apply(("translation",), u3=0.5, u4=0.5), self.images)

    def test_brightness(self):
        for number, change in ((0.0, -0.5), (0.75, 0.25)):
            outputs = self.apply(("color",), u0=number, u1=0.5, u2=0.5)
            self.assertAllClose(outputs, self.images + change)

    def test_saturation(self):
        gray = np.mean(self.images, axis=-1, keepdims=True)
        outputs = self.apply(("color",), u0=0.5, u1=0.0, u2=0.5)
        self.assertAllClose(outputs, np.tile(gray, (1, 1, 1, 3)))
        outputs = self.apply(("color",), u0=0.5, u1=0.9, u2=0.5)
        self.assertAllClose(outputs, gray + 1.8 * (self.images - gray))

    def test_contrast(self):
        mean = np.mean(self.images, axis=(1, 2, 3), keepdims=True)
        outputs = self.apply(("color",), u0=0.5, u1=0.5, u2=0.2)
        self.assertAllClose(outputs, mean + 0.7 * (self.images - mean))

    def test_translation_matches_numpy(self):
        outputs = self.apply(("translation",))
        for image, output, uniform in zip(self.images, outputs, self.uniforms):
            # By an eighth at most: 2 of 16 rows and 3 of 24 columns.
            down = 2 - int(uniform[3] * 5)
            right = 3 - int(uniform[4] * 7)
            rows = np.clip(np.arange(16) - down, 0, 15)
            columns = np.clip(np.arange(24) - right, 0, 23)
            expected = image[rows[:, None], columns]
            self.assertAllEqual(output, expected)

    def test_translation_reaches_both_ends(self):
        below_one = np.nextafter(np.float32(1), np.float32(0))
        outputs = self.apply(("translation",), u3=0.0, u4=below_one)
        self.assertAllEqual(outputs[:, 2:, :-3], self.images[:, :-2, 3:])
        # The border is repeated, white on white: no edge that images do not have.
        self.assertAllEqual(outputs[:, :2, :-3], self.images[:, :1, 3:].repeat(2, 1))
        again = self.apply(("translation",), u3=0.0, u4=1.0)
        self.assertAllEqual(again, outputs)

    def test_cutout_hides_one_rectangle(self):
        outputs = self.apply(("cutout",), u5=0.5, u6=0.5)
        expected = self.images.copy()
        expected[:, 4:12, 6:18] = 0.0
        self.assertAllEqual(outputs, expected)
        for u5 in (0.0, 0.3, 0.999):
            for u6 in (0.0, 0.3, 0.999):
                outputs = self.apply(("cutout",), u5=u5, u6=u6)
                hidden = np.all(outputs == 0, axis=-1)
                shares = np.mean(hidden, axis=(1, 2))
                self.assertTrue(np.all(shares >= 1 / 16), (u5, u6))
                self.assertTrue(np.all(shares <= 1 / 4), (u5, u6))
                kept = np.where(hidden[..., None], 0.0, self.images)
                self.assertAllEqual(outputs, kept)

    def test_equal_numbers_make_equal_changes(self):
        rng = np.random.default_rng(1)
        other = rng.uniform(-1, 1, self.images.shape).astype("float32")
        policies = AUGMENTATIONS
        nothing = self.apply(policies, np.zeros_like(other))
        # The change is linear but for the brightness.
        expected = self.apply(policies, self.images - other) - nothing
        outputs = self.apply(policies) - self.apply(policies, other)
        self.assertAllClose(outputs, expected)
        self.assertAllEqual(self.apply(policies), self.apply(policies))

    def test_each_image_has_its_own_numbers(self):
        outputs = self.apply(AUGMENTATIONS)
        order = [3, 1, 4, 0, 2]
        shuffled = augmentation.diff_augment(
            self.images[order], self.uniforms[order], AUGMENTATIONS
        )
        self.assertAllClose(shuffled, outputs[order])

    @pytest.mark.slow
    def test_second_gradients(self):
        def gradients(images):
            with tf.GradientTape() as outer:
                outer.watch(images)
                with tf.GradientTape() as inner:
                    inner.watch(images)
                    outputs = augmentation.diff_augment(
                        images, self.uniforms, AUGMENTATIONS
                    )
                    loss = tf.reduce_sum(outputs**3)
                first = inner.gradient(loss, images)
                penalty = tf.reduce_sum(tf.square(first))
            return first, outer.gradient(penalty, images)

        eager = gradients(tf.constant(self.images))
        compiled = tf.function(gradients)(tf.constant(self.images))
        for gradient, expected in zip(compiled, eager):
            self.assertFinite(gradient)
            self.assertGreater(np.max(np.abs(gradient)), 0.1)
            self.assertAllClose(gradient, expected, atol=1e-3, rtol=1e-4)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, r"`augment_policies`.*'rotation'"):
            self.apply(("color", "rotation"))
