import numpy as np
import pytest
import tensorflow as tf

from inr_keras import rendering
from inr_keras.export.graph_renderer import GraphRenderer
from tests import testing
from tests.serving.kinds import KINDS


@pytest.mark.usefixtures("eagerly")
class DrawingTest(testing.TestCase):
    """Whatever the parts, they make the same image."""

    def styles(self, generator):
        rng = np.random.default_rng(0)
        shape = (3, generator.num_layers, generator.style_dim)
        return tf.constant(rng.normal(size=shape), tf.float32)

    def assertNear(self, found, images):
        images = rendering.to_uint8(images).astype(int)
        self.assertEqual(found.shape, images.shape)
        self.assertLessEqual(np.abs(found.numpy() - images).max(), 1)

    @pytest.mark.slow
    def test_images_in_parts(self):
        # Some columns, some rows, some images, all of them.
        for kind, points in (
            ("cips", 20),
            ("cips", 2 * 64 + 3),
            ("cips", 1000),
            ("inr_gan of classes", 24),
            ("video", 4 * 64),
        ):
            generator = KINDS[kind]()
            styles = self.styles(generator)
            images = rendering.Renderer(generator).render(styles)
            self.assertNear(GraphRenderer(generator, points).images(styles), images)

    @pytest.mark.slow
    def test_boxes_in_parts(self):
        generator = KINDS["cips"]()
        styles = self.styles(generator)[:1]
        box = (-1.5, -0.25, 0.5, 0.75)
        images = rendering.Renderer(generator).render(styles, 7, 11, box)
        for points in (4, 30, 1000):
            drawn = GraphRenderer(generator, points).region(
                styles, tf.constant(box), tf.constant(7), tf.constant(11)
            )
            self.assertNear(drawn, images[0])

    @pytest.mark.slow
    def test_boxes_together(self):
        generator = KINDS["cips"]()
        styles = self.styles(generator)
        boxes = [(-1.5, -0.25, 0.5, 0.75), (-1, -1, 1, 1), (0, 0, 0.25, 0.5)]
        for points in (1, 50, 300, 1000):
            drawn = GraphRenderer(generator, points).regions(
                styles, tf.constant(boxes), tf.constant(7), tf.constant(11)
            )
            for i, box in enumerate(boxes):
                renderer = rendering.Renderer(generator)
                image = renderer.render(styles[i : i + 1], 7, 11, box)
                self.assertNear(drawn[i], image[0])

    def test_boxes_together_take_the_calls_of_one(self):
        generator = KINDS["cips"]()
        renderer = GraphRenderer(generator, points=20 * 6)
        calls = self.count_calls(renderer)
        styles = tf.repeat(self.styles(generator)[:1], 20, axis=0)
        boxes = tf.repeat([[-1.0, -1.0, 1.0, 1.0]], 20, axis=0)
        renderer.regions(styles, boxes, tf.constant(2), tf.constant(3))
        self.assertEqual(calls, [(20, 6)])

    def test_large_boxes_fill_the_calls_by_themselves(self):
        renderer = GraphRenderer(KINDS["cips"](), points=8)
        calls = self.count_calls(renderer)
        styles = tf.repeat(self.styles(renderer.generator)[:1], 4, axis=0)
        boxes = tf.repeat([[-1.0, -1.0, 1.0, 1.0]], 4, axis=0)
        side = tf.constant(4)  # A tile of 256 pixels a side is as many calls.
        renderer.regions(styles, boxes, side, side)
        together = [count * points for count, points in calls]
        calls.clear()
        for i in range(4):
            renderer.region(styles[i : i + 1], boxes[i], side, side)
        self.assertEqual([count * points for count, points in calls], together)

    def count_calls(self, renderer):
        """A list that gets the images and points of each call of the network."""
        calls, synthesis = [], renderer.generator.synthesis

        def counted(styles, coords):
            calls.append((styles.shape[0], coords.shape[1]))
            return synthesis(styles, coords)

        renderer._synthesis = counted
        return calls

    @pytest.mark.slow
    def test_dense_and_sparse_boxes_of_lattices(self):
        # With a hint, in patches, and without.
        generator = KINDS["inr_gan of classes"]()
        graph_renderer, renderer = (
            GraphRenderer(generator),
            rendering.Renderer(generator),
        )
        styles = self.styles(generator)[:1]
        for box, height, width in (
            ((-0.9, -0.3, 0.7, 0.9), 70, 130),
            ((-3.0, -3.0, 3.0, 3.0), 9, 8),
        ):
            drawn = graph_renderer.region(
                styles,
                tf.constant(box),
                tf.constant(height),
                tf.constant(width),
            )
            images = renderer.render(styles, height, width, box)
            self.assertNear(drawn, images[0])

    @pytest.mark.slow
    def test_points_in_parts(self):
        generator = KINDS["cips"]()
        styles = self.styles(generator)
        rng = np.random.default_rng(1)
        for batch in (1, 3):
            coords = tf.constant(rng.normal(size=(batch, 7, 2)), tf.float32)
            expected = generator.synthesis(styles, coords)
            for points in (1, 6, 100):
                rgb = GraphRenderer(generator, points).at(styles, coords)
                self.assertAllClose(rgb, expected, 1e-5, 1e-5)
