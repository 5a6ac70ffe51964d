import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import losses
from tests import testing


class MeanPoolTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.normal(size=(2, 4, 6, 3)).astype("float32")

    def test_matches_a_slow_mean(self):
        outputs = testing.to_numpy(losses.mean_pool(self.images, 2))
        self.assertEqual(outputs.shape, (2, 2, 3, 3))
        for row in range(2):
            for column in range(3):
                block = self.images[
                    :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2
                ]
                self.assertAllClose(
                    outputs[:, row, column], np.mean(block, axis=(1, 2))
                )

    def test_factor_of_one_changes_nothing(self):
        self.assertAllEqual(losses.mean_pool(self.images, 1), self.images)

    def test_twice_two_is_four(self):
        images = np.random.default_rng(1).normal(size=(1, 8, 8, 1))
        twice = losses.mean_pool(losses.mean_pool(images, 2), 2)
        self.assertAllClose(losses.mean_pool(images, 4), twice)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, r"`factor`.*4, 6, 3"):
            losses.mean_pool(self.images, 4)
        with self.assertRaisesRegex(ValueError, "`factor`.*factor=3"):
            losses.mean_pool(self.images, 3)


class PatchRegularizationTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.patches = rng.normal(size=(3, 8, 8, 3)).astype("float32")
        self.coarse = rng.normal(size=(3, 4, 4, 3)).astype("float32")

    def test_a_mask_by_a_slow_reference(self):
        mask = np.zeros((3, 8, 8, 1), bool)
        mask[0] = True
        mask[1, 2:7, 1:] = True  # Cuts through blocks.
        mask[2, :, 4:] = True
        for kind in ("mse", "l2"):
            for pool in (1, 2):
                expected = [
                    self.slow(*sample, kind, pool)
                    for sample in zip(self.patches, self.coarse, mask)
                ]
                found = losses.patch_regularization(
                    self.patches, self.coarse, kind, pool, 0.1, mask
                )
                self.assertAllClose(found, np.mean(expected))
        whole = losses.patch_regularization(
            self.patches, self.coarse, mask=np.ones_like(mask)
        )
        self.assertAllClose(
            whole, losses.patch_regularization(self.patches, self.coarse)
        )
        nothing = losses.patch_regularization(
            self.patches, self.coarse, mask=np.zeros_like(mask)
        )
        self.assertEqual(float(nothing), 0.0)

    def test_a_pool_that_does_not_divide_is_refused(self):
        with self.assertRaisesRegex(ValueError, "`pool` must divide.*pool=3"):
            losses.patch_regularization(self.patches, self.coarse, pool=3)

    def slow(self, patch, coarse, mask, kind, pool):
        total = count = 0.0
        for y in range(0, 4, pool):
            for x in range(0, 4, pool):
                found = []
                for r in range(y, y + pool):
                    for c in range(x, x + pool):
                        block = np.s_[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]
                        if mask[block].all():
                            mean = patch[block].mean((0, 1))
                            found.append(mean - coarse[r, c])
                if found:
                    weight = len(found) / pool**2
                    excess = np.abs(np.mean(found, axis=0)) - 0.1
                    squares = np.maximum(excess, 0.0) ** 2
                    total += weight * squares.sum()
                    count += 3 * weight
        return total / count if kind == "mse" else np.sqrt(total)

    def test_values_by_hand(self):
        patches = np.zeros((2, 4, 4, 3), "float32")
        patches[0] = 2.0  # A difference of 1 at 12 places.
        patches[1] = 4.0  # And of 3.
        coarse = np.ones((2, 2, 2, 3), "float32")
        self.assertAllClose(losses.patch_regularization(patches, coarse), (1 + 9) / 2)
        expected = (np.sqrt(12) + np.sqrt(9 * 12)) / 2
        self.assertAllClose(
            losses.patch_regularization(patches, coarse, "l2"), expected
        )

    def test_matches_the_reference(self):
        arrays = testing.load_fixture("losses")
        for case in ("whole_coarse_image", "coarse_patch"):
            prefix = f"structure_{case}/"
            case_arrays = {
                key[len(prefix) :]: array
                for key, array in arrays.items()
                if key.startswith(prefix)
            }
            for kind, name in (("mse", "mse_mean"), ("l2", "l2norm_mean")):
                with self.subTest(case=case, kind=kind):
                    self.check_reference(case_arrays, kind, name)

    def check_reference(self, arrays, kind, name):
        patches = tf.constant(testing.channels_last(arrays["fake"]))
        structure = testing.channels_last(arrays["structure"])
        fine, coarse = arrays["grid_sizes"]
        start, size = coordinates.previous_region(
            arrays["fake_offset"], 16, 1, int(fine // coarse)
        )
        # The reference's coarse image is itself a patch of its grid.
        start = testing.to_numpy(start) - arrays["structure_offset"]
        self.assertAllEqual(start, arrays["crop_start"])
        crops = [
            image[row : row + size, column : column + size]
            for image, (row, column) in zip(structure, start)
        ]
        with tf.GradientTape() as tape:
            tape.watch(patches)
            loss = losses.patch_regularization(patches, np.stack(crops), kind)
        self.assertMatchesReference(loss, arrays[name])
        expected = testing.channels_last(arrays[f"grad_fake_{name}"])
        self.assertMatchesReference(tape.gradient(loss, patches), expected)

    def test_equal_patches_have_no_loss_and_no_gradient(self):
        patches = np.round(self.patches)  # Whose means are exact.
        coarse = losses.mean_pool(patches, 2)
        for kind in ("mse", "l2"):
            # XLA's gradient of a root at zero has no guard of its own.
            for xla in (False, True):
                with self.subTest(kind, xla=xla):

                    @tf.function(jit_compile=xla)
                    def gradient(patches):
                        with tf.GradientTape() as tape:
                            tape.watch(patches)
                            loss = losses.patch_regularization(patches, coarse, kind)
                        return loss, tape.gradient(loss, patches)

                    loss, result = gradient(tf.constant(patches))
                    self.assertAllEqual(loss, 0.0)
                    self.assertAllEqual(result, np.zeros((3, 8, 8, 3)))

    def test_one_equal_patch_does_not_disturb_the_others(self):
        patches = tf.constant(np.round(self.patches))
        coarse = self.coarse.copy()
        coarse[1] = losses.mean_pool(patches, 2)[1]
        with tf.GradientTape() as tape:
            tape.watch(patches)
            loss = losses.patch_regularization(patches, coarse, "l2")
        gradient = testing.to_numpy(tape.gradient(loss, patches))
        self.assertAllEqual(gradient[1], np.zeros((8, 8, 3)))
        for i in (0, 2):
            self.assertGreater(np.linalg.norm(gradient[i]), 0.01)

    def test_half_precision_images_give_a_float32_loss(self):
        loss = losses.patch_regularization(
            tf.cast(self.patches, "bfloat16"), tf.cast(self.coarse, "bfloat16")
        )
        self.assertEqual(loss.dtype, "float32")
        expected = losses.patch_regularization(self.patches, self.coarse)
        self.assertAllClose(loss, expected, rtol=0.02)

    def test_pool_compares_lower_frequencies_alone(self):
        # A checkerboard of coarse samples has no low frequency.
        board = np.indices((4, 4)).sum(0) % 2 * 2.0 - 1.0
        board = np.broadcast_to(board[None, :, :, None], (3, 4, 4, 3))
        coarse = losses.mean_pool(tf.constant(self.patches), 2)
        off = testing.to_numpy(coarse) + board.astype("float32")
        self.assertAllClose(losses.patch_regularization(self.patches, off), 1.0, 1e-5)
        pooled = losses.patch_regularization(self.patches, off, pool=2)
        self.assertAllClose(pooled, 0.0)

    def test_margin_frees_small_differences(self):
        coarse = testing.to_numpy(losses.mean_pool(self.patches, 2))
        for kind, scale in (("mse", 1.0), ("l2", np.sqrt(4 * 4 * 3))):
            for off, expected in ((0.1, 0.0), (-0.5, 0.3)):
                loss = losses.patch_regularization(
                    self.patches, coarse + off, kind, margin=0.2
                )
                power = 2 if kind == "mse" else 1
                expected_loss = expected**power * scale
                self.assertAllClose(loss, expected_loss, 1e-4, 1e-6)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`kind`.*kind='l1'"):
            losses.patch_regularization(self.patches, self.coarse, "l1")
        with self.assertRaisesRegex(ValueError, "`pool`.*pool=0"):
            losses.patch_regularization(self.patches, self.coarse, pool=0)
        with self.assertRaisesRegex(ValueError, "`margin`.*margin=-0.1"):
            losses.patch_regularization(self.patches, self.coarse, margin=-0.1)
        coarse = self.coarse
        for other in (coarse[:2], coarse[:, :2], coarse[:, :, :3], coarse[..., :1]):
            with self.assertRaisesRegex(ValueError, "as many images and channels.*: "):
                losses.patch_regularization(self.patches, other)
