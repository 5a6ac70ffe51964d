"""Images of any shape: where patches look, what both discriminators' inputs show."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.pixel_frame import PixelFrame
from tests import testing
from tests.training import small

EXTENTS = np.array([[32, 32], [32, 10], [6, 32], [22, 32]], "int32")
SQUARE = np.full((4, 2), 32, "int32")


def kept_config(**changes):
    config = small.small_config(**changes)
    config.data = dataclasses.replace(config.data, aspect="keep")
    return config


def kept_gan(**changes):
    return build.build_gan(kept_config(**changes))


def rectangles(images, extents=EXTENTS):
    """Each image in its rectangle, and noise that nobody must see beside."""
    beside = small.random_images(len(images), seed=7)
    for i, (rows, columns) in enumerate(extents):
        top, left = (32 - rows) // 2, (32 - columns) // 2
        box = np.s_[top : top + rows, left : left + columns]
        beside[i][box] = images[i][box]
    return beside


def positions(offset, stride, alignment, size=8):
    """Of the samples of a patch along an axis, in pixels."""
    lead = (stride - 1) / 2 if alignment == "center" else 0.0
    return [(offset + k) * stride + lead for k in range(size)]


def inside(position, length):
    """Whether a sample lies in the middle `length` of 32 pixels."""
    margin = (32 - length) / 2
    return margin - 0.5 <= position <= margin + length - 0.5


class FrameTest(testing.TestCase):
    def test_patches_by_a_slow_reference(self):
        images = small.random_images()
        hidden = rectangles(images)
        for alignment in coordinates.ALIGNMENTS:
            for stride in (1, 2, 4):
                frame = Frame(32, 8, alignment, [stride])
                draws = small.crop_draws(4, extents=EXTENTS, seed=(1, stride))
                offsets = frame.offsets(draws)
                patches = frame.real_patches(hidden, offsets, EXTENTS)
                seen = frame.inside(offsets, EXTENTS)
                for i, (extent, offset) in enumerate(zip(EXTENTS, np.array(offsets))):
                    patch, mask = self.expected(
                        images[i], extent, offset, stride, alignment
                    )
                    self.assertAllEqual(seen[i, ..., 0], mask)
                    self.assertAllClose(patches[i], patch, atol=1e-5)
                self.assertTrue(np.all(seen[0]))

    def expected(self, image, extent, offset, stride, alignment):
        margins = (32 - extent) // 2
        box = [slice(m, m + e) for m, e in zip(margins, extent)]
        edges = [(m, m) for m in margins] + [(0, 0)]
        whole = np.pad(image[tuple(box)], edges, "edge") / 127.5 - 1.0
        patch, mask = np.ones((8, 8, 3)), np.zeros((8, 8), bool)
        rows, columns = (positions(o, stride, alignment) for o in offset)
        for r, row in enumerate(rows):
            for c, column in enumerate(columns):
                if inside(row, extent[0]) and inside(column, extent[1]):
                    y, x = (offset + [r, c]) * stride
                    cell = whole[y : y + stride, x : x + stride]
                    patch[r, c] = cell.mean((0, 1))
                    mask[r, c] = True
        return patch, mask

    def test_a_crop_lies_in_the_rectangle_where_it_is_wide_enough(self):
        frame = Frame(32, 8, "center", [2, 1])
        extents = np.resize(EXTENTS, (64, 2))
        offsets = frame.offsets(small.crop_draws(64, extents=extents, seed=(3, 4)))
        seen = np.array(frame.inside(offsets, extents))[..., 0]
        wide = extents >= 10  # A patch, and room to start on a coarse sample.
        self.assertAllEqual(seen.all(axis=1).any(axis=1), wide[:, 0])
        self.assertAllEqual(seen.all(axis=2).any(axis=1), wide[:, 1])
        self.assertTrue(np.all(np.array(offsets) % 2 == 0))
        # A narrow one lies in the middle: 6 rows of 8.
        narrow = seen[2]
        self.assertAllEqual(narrow.sum(axis=0), np.full(8, 6))
        self.assertGreater(len(np.unique(np.array(offsets)[2::4, 1])), 5)

    def test_a_random_grid(self):
        images = small.random_images()
        frame = PixelFrame(32, 8, "center", random_stride=True)
        for grid, stride in ((0.0, 1), (0.5, 2), (0.9, 4)):
            offsets = frame.offsets(small.crop_draws(4, grid, EXTENTS))
            self.assertAllEqual(offsets[:, 2], [stride] * 4)
            seen = np.array(frame.inside(offsets, EXTENTS))
            self.assertTrue(np.all(seen[0]))
            self.assertTrue(np.all(seen.any(axis=(1, 2, 3))))
            patches = [
                np.array(frame.real_patches(whole, offsets, EXTENTS))
                for whole in (images, rectangles(images))
            ]
            np.testing.assert_array_equal(*patches)
            white = np.broadcast_to(~seen, patches[0].shape)
            self.assertAllEqual(patches[0][white], np.ones(white.sum()))


class StepTest(testing.TestCase):
    def test_both_sides_have_the_same_shapes(self):
        gan = kept_gan(**small.REPLAY, style_mixing=0.5)
        stages = small.STAGES
        gan.set_stage(stages[2], stages[:2], freeze=True)
        images = small.random_images()
        draws = gan.draw(4, extents=tf.constant(EXTENTS))
        [own] = gan.stage_losses.patches(rectangles(images), draws)
        real, fake = np.array(own.pair.real), np.array(own.pair.fake)
        seen = np.array(gan.frame.inside(own.offsets, EXTENTS))
        beside = np.broadcast_to(~seen, real.shape)
        self.assertGreater(beside.sum(), 0)
        self.assertAllEqual(real[beside], np.ones(beside.sum()))
        self.assertAllEqual(fake[beside], np.ones(beside.sum()))
        coords = gan.frame.coords(own.offsets)
        styles = layer_styles(gan.generator, draws)
        rgb = gan.generator.synthesis(styles, coords, training=True)
        rgb = np.reshape(rgb, fake.shape)
        self.assertAllClose(fake[~beside], rgb[~beside])

    @pytest.mark.slow
    def test_square_images_train_as_ever(self):
        images = tf.constant(small.random_images())
        weights = []
        for gan, data in (
            (small.small_gan(), images),
            (kept_gan(), (images, tf.constant(SQUARE))),
        ):
            gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
            logs = gan.train_step(data)
            weights.append([float(v) for v in logs.values()])
            weights.append(small.values(gan.weights))
        self.assertAllClose(weights[2], weights[0], rtol=1e-6)
        # The mean over a mask of ones is summed in another order.
        for a, b in zip(weights[1], weights[3], strict=True):
            self.assertAllClose(b, a, rtol=1e-4, atol=1e-5)

    @pytest.mark.slow
    def test_what_lies_beside_an_image_teaches_nothing(self):
        stage = Stage(2, 1.0, 1.0, dense_weight=0.5)
        shown = small.random_images()
        outcomes = []
        for seed in (5, 6):
            gan = kept_gan(accumulate=2)
            gan.set_stage(stage, [Stage(4)], freeze=True)
            images = small.random_images(seed=seed)
            for i, (rows, columns) in enumerate(EXTENTS):
                top, left = (32 - rows) // 2, (32 - columns) // 2
                box = np.s_[i, top : top + rows, left : left + columns]
                images[box] = shown[box]
            logs = gan.train_step((tf.constant(images), tf.constant(EXTENTS)))
            self.assertIn("patch", logs)
            self.assertIn("dense_g_loss", logs)
            outcomes.append(small.values(gan.weights))
        for a, b in zip(*outcomes, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_patch_regularization_holds_images_alone(self):
        gan = kept_gan()
        gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
        draws = gan.draw(4, extents=tf.constant(EXTENTS))
        [own] = gan.stage_losses.patches(small.random_images(), draws)
        seen = gan.frame.inside(own.offsets, EXTENTS)

        def loss(fake):
            prior = gan.stage_losses.patch_prior
            return float(prior.loss(fake, own.offsets, draws))

        plain, changed = own.rendered, own.rendered + 1.0
        self.assertAllClose(loss(tf.where(seen, plain, changed)), loss(plain))
        self.assertGreater(abs(loss(changed) - loss(plain)), 0.1)

    @pytest.mark.slow
    def test_one_trace_whatever_the_shapes(self):
        gan = kept_gan()
        traced = []
        original = gan.train_step

        def step(data):
            traced.append(1)
            return original(data)

        step = tf.function(step, autograph=False)
        images = tf.constant(small.random_images())
        graphs = [
            step.get_concrete_function((images, tf.constant(extents)))
            for extents in (EXTENTS, SQUARE, EXTENTS[::-1])
        ]
        self.assertEqual(len(traced), 1)
        self.assertIs(graphs[1], graphs[0])
        self.assertIs(graphs[2], graphs[0])

    def test_images_without_extents_are_refused(self):
        with self.assertRaisesRegex(ValueError, "images and extents"):
            kept_gan().train_step(tf.constant(small.random_images()))
