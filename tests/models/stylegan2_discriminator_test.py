import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.models import StyleGAN2Discriminator
from inr_keras.models.stylegan2_discriminator import ResidualDown
from tests import testing

SMALL = {"image_size": 16, "channels": (4, 6, 5)}


class StyleGAN2DiscriminatorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.normal(size=(4, 16, 16, 3)).astype("float32")

    @pytest.mark.slow
    def test_layer_basics(self):
        self.run_layer_test(
            ResidualDown,
            init_kwargs={"filters": 5},
            inputs=self.images,
            expected_shape=(4, 8, 8, 5),
        )
        self.run_layer_test(
            StyleGAN2Discriminator,
            init_kwargs=SMALL,
            inputs=self.images,
            expected_shape=(4, 1),
            half_dtype="float32",
        )

    def test_batches_of_unknown_size(self):
        discriminator = StyleGAN2Discriminator(**SMALL)
        signature = [tf.TensorSpec((None, 16, 16, 3))]
        call = tf.function(discriminator, input_signature=signature)
        for count in (1, 2, 3, 4):
            images = self.images[:count]
            self.assertAllClose(call(images), discriminator(images))

    def test_samples_meet_in_the_deviation_alone(self):
        discriminator = StyleGAN2Discriminator(**SMALL)
        repeated = np.repeat(self.images[:1], 4, axis=0)
        logits = testing.to_numpy(discriminator(repeated))
        self.assertAllClose(logits, np.tile(logits[:1], (4, 1)))
        together = testing.to_numpy(discriminator(self.images))
        self.assertGreater(np.max(np.abs(together[0] - logits[0])), 1e-3)
        single = StyleGAN2Discriminator(**SMALL, stddev_group=1)
        logits = testing.to_numpy(single(self.images))
        for i in range(4):
            self.assertAllClose(single(self.images[i : i + 1])[0], logits[i])

    def test_default_widths(self):
        discriminator = StyleGAN2Discriminator(64, channel_base=512, channel_max=20)
        widths = [discriminator.from_rgb.filters]
        widths += [block.filters for block in discriminator.down]
        self.assertEqual(widths, [8, 16, 20, 20, 20])

    def test_parameters_at_16(self):
        from_rgb = 3 * 4 + 4
        first = (9 * 4 * 4 + 4) + (9 * 4 * 6 + 6) + 4 * 6
        second = (9 * 6 * 6 + 6) + (9 * 6 * 5 + 5) + 6 * 5
        last = (9 * 6 * 5 + 5) + (16 * 5 * 5 + 5) + (5 + 1)
        discriminator = StyleGAN2Discriminator(**SMALL)
        self.assertEqual(discriminator.count_params(), from_rgb + first + second + last)

    def test_widths_below_4(self):
        widths = *SMALL["channels"], 7, 3
        for extra, side in ((1, 2), (2, 1)):
            channels = widths[: 3 + extra]
            discriminator = StyleGAN2Discriminator(16, channels=channels)
            last = channels[-1]
            self.assertEqual(discriminator.conv.kernel.shape[-2:], (last + 1, last))
            self.assertEqual(discriminator.dense.kernel.shape, (side**2 * last, last))
            names = [block.name for block in discriminator.down]
            sizes = (16, 8, 4, 2)[: 2 + extra]
            self.assertEqual(names, [f"down_{size}" for size in sizes])
            self.assertEqual(discriminator(self.images).shape, (4, 1))
        # Each logit sees its own patch to the corners, through 1 x 1 features.
        single = StyleGAN2Discriminator(16, channels=widths, stddev_group=1)
        logits = testing.to_numpy(single(self.images))
        for row, column in ((0, 0), (15, 15), (8, 3)):
            changed = self.images.copy()
            changed[2, row, column] += 1.0
            moved = np.abs(testing.to_numpy(single(changed)) - logits)[:, 0]
            self.assertGreater(moved[2], 1e-6)
            self.assertLess(np.delete(moved, 2).max(), 1e-9)
        path = self.temporary_folder() / "discriminator.keras"
        single.save(path)
        loaded = keras.models.load_model(path, safe_mode=True)
        self.assertAllEqual(loaded(self.images), single(self.images))

    def test_keras_file(self):
        path = self.temporary_folder() / "discriminator.keras"
        for policy in ("float32", "mixed_bfloat16"):
            discriminator = StyleGAN2Discriminator(**SMALL, dtype=policy)
            discriminator.save(path)
            loaded = keras.models.load_model(path, safe_mode=True)
            self.assertIsInstance(loaded, StyleGAN2Discriminator)
            self.assertEqual(loaded.dtype_policy.name, policy)
            outputs = loaded(keras.Input((16, 16, 3)))
            self.assertEqual((outputs.dtype, outputs.shape), ("float32", (None, 1)))
            self.assertAllEqual(loaded(self.images), discriminator(self.images))

    def test_other_image_channels(self):
        discriminator = StyleGAN2Discriminator(**SMALL, image_channels=1)
        self.assertEqual(discriminator(self.images[..., :1]).shape, (4, 1))

    def test_reads_the_place_where_it_is_told(self):
        discriminator = StyleGAN2Discriminator(**SMALL, position=True)
        plain = StyleGAN2Discriminator(**SMALL)
        more = discriminator.count_params() - plain.count_params()
        self.assertEqual(more, 3 * SMALL["channels"][0])
        place = np.zeros((1, 16, 16, 3), "float32")
        here = testing.to_numpy(discriminator(self.images, place))
        there = testing.to_numpy(discriminator(self.images, place + 1))
        self.assertGreater(np.max(np.abs(here - there)), 1e-3)
        path = self.temporary_folder() / "discriminator.keras"
        discriminator.save(path)
        loaded = keras.models.load_model(path, safe_mode=True)
        self.assertAllEqual(loaded(self.images, place), here)

    def test_half_precision_tells_near_places_apart(self):
        full, half = (
            StyleGAN2Discriminator(**SMALL, position=True, dtype=policy)
            for policy in ("float32", "mixed_bfloat16")
        )
        kernel, bias = (testing.to_numpy(w.value) for w in full.from_rgb.weights)
        kernel[..., 3, :] = 1000.0 * 6**0.5  # Of x, after the scale of its six inputs.
        full.from_rgb.set_weights([kernel, bias - 1000.0])
        half.set_weights(full.get_weights())
        place = np.zeros((1, 16, 16, 3), "float32")
        # Two pixels at the right edge of 4096, which bfloat16 rounds to 1.
        for x in (1.0 - 3 / 4096, 1.0 - 1 / 4096):
            place[..., 0] = x
            expected = testing.to_numpy(full(self.images, place))
            self.assertAllClose(half(self.images, place), expected, rtol=0.1, atol=1e-3)

    @pytest.mark.slow
    def test_a_label_adds_the_projection_of_the_last_features(self):
        labels = np.array([1, 0, 2, 1], "int32")
        discriminator = self.run_layer_test(
            StyleGAN2Discriminator,
            init_kwargs={**SMALL, "classes": 3},
            inputs={"images": self.images, "labels": labels},
            expected_shape=(4, 1),
            half_dtype="float32",
        )
        features = []
        original = discriminator.dense.call

        def spy(inputs):
            features.append(original(inputs))
            return features[-1]

        discriminator.dense.call = spy
        logits = discriminator(self.images, labels=labels)
        vectors = testing.to_numpy(discriminator.projection.vectors)
        plain = testing.to_numpy(discriminator.logits(features[0]))
        for i, label in enumerate(labels):
            product = np.dot(features[0][i], vectors[label]) / np.sqrt(5)
            self.assertAllClose(logits[i], plain[i] + product)

    def test_labels_must_be_given_where_there_are_classes(self):
        for classes, labels in ((0, np.zeros(4, "int32")), (2, None)):
            discriminator = StyleGAN2Discriminator(**SMALL, classes=classes)
            with self.assertRaisesRegex(ValueError, "`labels` must be given"):
                discriminator(self.images, labels=labels)

    def test_the_place_must_be_given_where_it_is_an_input(self):
        place = np.zeros((1, 16, 16, 3), "float32")
        for position, given in ((False, place), (True, None)):
            discriminator = StyleGAN2Discriminator(**SMALL, position=position)
            with self.assertRaisesRegex(ValueError, "`place` must be given"):
                discriminator(self.images, given)

    def test_errors(self):
        for size in (4, 12, 0):
            with self.assertRaisesRegex(ValueError, f"`image_size`.*={size}"):
                StyleGAN2Discriminator(size)
        with self.assertRaisesRegex(ValueError, r"`channels`.*\[16, 8, 4\]"):
            StyleGAN2Discriminator(16, channels=(4, 6))
        with self.assertRaisesRegex(ValueError, "go on to 2 and 1"):
            StyleGAN2Discriminator(16, channels=(4,) * 6)
        with self.assertRaisesRegex(ValueError, "`stddev_group`.*=0"):
            StyleGAN2Discriminator(8, stddev_group=0)
        self.assertEqual(StyleGAN2Discriminator(16, channel_base=8).from_rgb.filters, 1)

    def test_sounds_and_solids(self):
        for axes in (1, 3):
            model = StyleGAN2Discriminator(
                8, channels=(4, 4), image_channels=1, axes=axes, position=True
            )
            x = np.random.default_rng(0).normal(size=(4, *(8,) * axes, 1))
            place = np.zeros((1, *(8,) * axes, axes + 1), "float32")
            logits = model(x.astype("float32"), place)
            self.assertEqual(logits.shape, (4, 1))
            self.assertEqual(model.from_rgb.kernel.shape[:-2], (1,) * axes)
            self.assertEqual(model.conv.kernel.shape[:-2], (3,) * axes)
            self.assertEqual(model.dense.kernel.shape[0], 4**axes * 4)
