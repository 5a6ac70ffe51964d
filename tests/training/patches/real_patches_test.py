import itertools

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.config.choices import GRID_ALIGNMENTS
from inr_keras.training.patches.real_patches import real_patches
from inr_keras.training.patches.real_patches import to_float
from tests import testing

REDUCTIONS = ("box", "antialias", "nearest")
CASES = list(itertools.product(REDUCTIONS, GRID_ALIGNMENTS))


class RealPatchesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (3, 24, 24, 3)).astype("uint8")
        self.floats = self.images / 127.5 - 1.0

    def patches(self, offsets, size, stride, alignment="corner", **kwargs):
        outputs = real_patches(
            kwargs.pop("images", self.images),
            tf.constant(offsets, tf.int32),
            size,
            stride,
            alignment,
            **kwargs,
        )
        self.assertEqual(outputs.dtype, "float32")
        self.assertEqual(outputs.shape, (len(offsets), size, size, 3))
        return testing.to_numpy(outputs)

    def whole(self, stride, alignment, reduction, images=None):
        """The whole images at the stage's density."""
        images = self.images if images is None else images
        return self.patches(
            [[0, 0]] * 3,
            24 // stride,
            stride,
            alignment,
            reduction=reduction,
            images=images,
        )

    def test_to_float(self):
        values = np.array([0, 51, 255], "uint8")
        self.assertAllClose(to_float(values), [-1.0, -0.6, 1.0])

    def test_full_density_is_a_crop(self):
        offsets = [[0, 0], [3, 11], [16, 16]]
        for reduction, alignment in CASES:
            outputs = self.patches(offsets, 8, 1, alignment, reduction=reduction)
            for output, image, (row, column) in zip(outputs, self.floats, offsets):
                crop = image[row : row + 8, column : column + 8]
                self.assertAllClose(output, crop)

    def test_box_is_the_mean_of_blocks(self):
        for stride in (2, 3, 4):
            for alignment in coordinates.ALIGNMENTS:
                side = 24 // stride
                blocks = self.floats.reshape(3, side, stride, side, stride, 3)
                self.assertAllClose(
                    self.whole(stride, alignment, "box"),
                    np.mean(blocks, axis=(2, 4)),
                )

    def test_a_patch_is_a_slice_of_the_whole(self):
        for reduction, alignment in CASES:
            for stride, side in ((2, 12), (3, 8), (4, 6)):
                with self.subTest(f"{reduction} {alignment} {stride}"):
                    whole = self.whole(stride, alignment, reduction)
                    offsets = [[0, 1], [side - 4, side - 4], [2, 0]]
                    patches = self.patches(
                        offsets, 4, stride, alignment, reduction=reduction
                    )
                    for i, (row, column) in enumerate(offsets):
                        crop = whole[i, row : row + 4, column : column + 4]
                        self.assertAllClose(patches[i], crop, atol=1e-6)

    def test_nearest_is_the_pixel_at_the_coordinate(self):
        offsets = [[0, 1], [2, 0], [1, 2]]
        # In `center`, an even stride has no pixel at the sample itself.
        for stride, alignment in ((2, "corner"), (4, "corner"), (3, "center")):
            coords = coordinates.patch(offsets, 4, 24, 24, stride, alignment)
            position = coordinates.lattice_positions(coords, 24, alignment)
            index = np.round(position).astype(int)
            self.assertAllClose(position, index, atol=1e-5)
            expected = [
                image[i[:, 1], i[:, 0]].reshape(4, 4, 3)
                for image, i in zip(self.floats, index)
            ]
            outputs = self.patches(offsets, 4, stride, alignment, reduction="nearest")
            self.assertAllClose(outputs, np.stack(expected))

    def test_nearest_in_a_center_cell_of_even_side(self):
        outputs = self.whole(4, "center", "nearest")
        self.assertAllClose(outputs, self.floats[:, 1::4, 1::4])

    def test_span_shows_the_image_reduced_to_the_grid(self):
        for reduction in REDUCTIONS:
            self.assertAllEqual(
                self.whole(4, "span", reduction), self.whole(4, "center", reduction)
            )

    def test_antialias_keeps_flat_images(self):
        for alignment in coordinates.ALIGNMENTS:
            for stride in (2, 3, 4):
                images = np.full((3, 24, 24, 3), 51, "uint8")
                outputs = self.whole(stride, alignment, "antialias", images)
                self.assertAllClose(outputs, np.full_like(outputs, -0.6))

    def test_antialias_is_centred(self):
        # A linear image has at each sample the value at its position.
        row, column = np.arange(24)[:, None], np.arange(24)[None, :]
        ramp = (2 * row + 5 * column + 10)[None, :, :, None]
        images = np.tile(ramp, (3, 1, 1, 3)).astype("uint8")
        for alignment in coordinates.ALIGNMENTS:
            for stride in (2, 3, 4):
                with self.subTest(alignment=alignment, stride=stride):
                    position = testing.to_numpy(
                        coordinates.grid_positions(
                            np.arange(24 // stride), stride, 24, alignment
                        )
                    )
                    row, column = position[:, None], position[None, :]
                    expected = (2 * row + 5 * column + 10) / 127.5 - 1
                    outputs = self.whole(stride, alignment, "antialias", images)
                    inner = np.s_[1:-1, 1:-1]
                    self.assertAllClose(outputs[0][inner][..., 0], expected[inner])

    def test_antialias_weights(self):
        # An impulse shows the filter: (1, 2, 1) / 4 and (1, 3, 3, 1) / 8.
        for alignment, first, taps in (
            ("corner", -1, [0.25, 0.5, 0.25]),
            ("center", -1, [0.125, 0.375, 0.375, 0.125]),
        ):
            for i, weight in enumerate(taps):
                images = np.zeros((3, 24, 24, 3), "uint8")
                images[:, 12 + first + i] = 255  # A row beside sample 6.
                outputs = self.whole(2, alignment, "antialias", images)
                value = (outputs[0, 6, 6, 0] + 1) / 2
                self.assertAllClose(value, weight)

    def test_a_mirrored_image_has_a_mirrored_patch(self):
        mirrored = self.images[:, :, ::-1]
        for reduction in ("box", "antialias"):
            for stride in (1, 2, 3, 4):
                self.assertAllClose(
                    self.whole(stride, "center", reduction, mirrored),
                    self.whole(stride, "center", reduction)[:, :, ::-1],
                    atol=1e-6,
                )

    def test_rectangular_images(self):
        images = self.images[:, :12]
        for reduction, alignment in CASES:
            whole = self.whole(2, alignment, reduction)
            outputs = self.patches(
                [[1, 7]] * 3,
                4,
                2,
                alignment,
                reduction=reduction,
                images=images,
            )
            self.assertAllClose(outputs, whole[:, 1:5, 7:11], atol=1e-6)

    @pytest.mark.slow
    def test_compiled_within_a_dataset(self):
        dataset = tf.data.Dataset.from_tensors(self.images)
        offsets = tf.constant([[0, 1], [2, 0], [1, 2]])
        for reduction, alignment in CASES:
            arguments = (offsets, 4, 4, alignment, reduction)
            mapped = dataset.map(lambda x: real_patches(x, *arguments))
            self.assertAllClose(
                next(iter(mapped)), real_patches(self.images, *arguments)
            )

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`reduction`.*'bicubic'"):
            self.patches([[0, 0]] * 3, 4, 2, reduction="bicubic")


class AxesTest(testing.TestCase):
    def test_crops_of_panoramas_go_around(self):
        images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype("uint8")
        offsets = tf.constant([[0, 3], [2, 1]])
        twice = np.concatenate([images, images], axis=2)
        for reduction in ("box", "nearest"):
            around, expected = (
                real_patches(
                    tf.constant(i), offsets, 2, 2, "center", reduction, wraps=wraps
                )
                for i, wraps in ((images, True), (twice, False))
            )
            self.assertAllEqual(around, expected)

    def test_sounds_and_solids(self):
        sounds = tf.constant([[[32767], [-32767], [0], [16383]]], tf.int16)
        patch = real_patches(sounds, tf.constant([[0]]), 2, 2, "center")
        self.assertAllClose(patch, [[[0.0], [16383 / 2 / 32767]]])
        solids = np.arange(64, dtype="uint8").reshape(1, 4, 4, 4, 1)
        patch = real_patches(
            tf.constant(solids), tf.constant([[0, 1, 1]]), 1, 2, "center"
        )
        mean = solids[0, :2, 2:, 2:].mean() / 127.5 - 1.0
        self.assertAllClose(patch, np.full((1, 1, 1, 1, 1), mean))
