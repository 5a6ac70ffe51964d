import json

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.layers import CoordinateEmbedding
from tests import testing


def slow_embedding(table, coords, alignment):
    """Bilinear mean of four neighbours, one point and one corner a time."""
    height, width, channels = table.shape
    outputs = np.zeros((len(coords), channels))
    for n, (x, y) in enumerate(coords.astype("float64")):
        if alignment == "corner":
            column, row = (x + 1) / 2 * (width - 1), (y + 1) / 2 * (height - 1)
        else:
            column = (x + 1) / 2 * width - 0.5
            row = (y + 1) / 2 * height - 0.5
        column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
        for i in range(height):
            for j in range(width):
                weight = max(0, 1 - abs(i - row)) * max(0, 1 - abs(j - column))
                outputs[n] += weight * table[i, j]
    return outputs


class CoordinateEmbeddingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        # Some beyond the frame.
        self.coords = rng.uniform(-1.3, 1.3, (2, 9, 2)).astype("float32")

    def layer(self, height=4, width=6, channels=5, **kwargs):
        layer = CoordinateEmbedding(height, width, channels, **kwargs)
        layer.build((None, None, 2))
        return layer

    def test_layer_basics(self):
        for alignment in coordinates.ALIGNMENTS:
            self.run_layer_test(
                CoordinateEmbedding,
                init_kwargs={
                    "height": 4,
                    "width": 6,
                    "channels": 5,
                    "alignment": alignment,
                    "reference_training": True,
                },
                inputs=self.coords,
                expected_shape=(2, 9, 5),
            )

    def test_matches_a_slow_bilinear_reading(self):
        for alignment in coordinates.ALIGNMENTS:
            with self.subTest(alignment):
                layer = self.layer(alignment=alignment)
                table = layer.table.numpy().reshape(4, 6, 5)
                expected = [slow_embedding(table, c, alignment) for c in self.coords]
                self.assertAllClose(layer(self.coords), np.stack(expected))

    def test_a_grid_of_the_lattice_reads_its_own_rows_exactly(self):
        for alignment in coordinates.ALIGNMENTS:
            for height, width in ((4, 6), (33, 17), (64, 64), (1, 1)):
                with self.subTest(f"{alignment} {height}x{width}"):
                    layer = self.layer(height, width, alignment=alignment)
                    coords = coordinates.grid(height, width, 1, alignment)
                    coords = tf.reshape(coords, (1, -1, 2))
                    self.assertAllEqual(layer(coords)[0], layer.table)

    def test_far_points_read_the_nearest_border_point(self):
        layer = self.layer()
        corners = [[-9, -9], [9, -9], [-9, 9], [9, 9]]
        outputs = layer(np.array([corners], "float32"))
        table = layer.table.numpy()
        self.assertAllEqual(outputs[0], table[[0, 5, 18, 23]])

    def test_reference_training_copies_rows_of_a_corner_grid(self):
        layer = self.layer(alignment="center", reference_training=True)
        coords = tf.reshape(coordinates.grid(4, 6, 1, "corner"), (1, -1, 2))
        self.assertAllEqual(layer(coords, training=True)[0], layer.table)
        # Out of training the same grid is read in `center` alignment.
        table = layer.table.numpy().reshape(4, 6, 5)
        expected = slow_embedding(table, coords[0].numpy(), "center")
        self.assertAllClose(layer(coords)[0], expected)

    def test_training_matters_to_reference_training_alone(self):
        layer = self.layer(alignment="center")
        self.assertAllEqual(layer(self.coords, training=True), layer(self.coords))

    def test_gradient_has_the_rows_of_the_patch_alone(self):
        layer = self.layer(8, 8)
        offsets = [[2, 3]]
        coords = coordinates.patch(offsets, 3, 8, 8)
        for compiled in (False, True):
            with self.subTest(compiled=compiled):

                def gradient():
                    with tf.GradientTape() as tape:
                        loss = tf.reduce_sum(tf.square(layer(coords)))
                    return tape.gradient(loss, layer.table.value)

                sparse = tf.function(gradient)() if compiled else gradient()
                self.assertIsInstance(sparse, tf.IndexedSlices)
                rows = np.arange(2, 5)[:, None] * 8 + np.arange(3, 6)
                dense = testing.to_numpy(sparse)
                expected = np.zeros_like(dense)
                table = layer.table.numpy()
                expected[rows.ravel()] = 2 * table[rows.ravel()]
                self.assertAllClose(dense, expected)
                # No more slices than readings, whatever the table's size.
                self.assertLessEqual(len(sparse.indices), 4 * 9)
                read = set(sparse.indices.numpy())
                border = np.arange(2, 6)[:, None] * 8 + np.arange(3, 7)
                self.assertLessEqual(read, set(border.ravel()))

    def test_positions_are_float32_under_bfloat16(self):
        layer = self.layer(1, 1024, 4, dtype="mixed_bfloat16")
        coords = coordinates.patch([[0, 1000]], 2, 1, 1024)[:, :2]
        expected = tf.cast(layer.table.value[1000:1002], "bfloat16")
        coords = tf.stack([coords[..., 0], tf.zeros((1, 2))], axis=-1)
        self.assertAllEqual(layer(coords)[0], expected)

    def test_errors(self):
        for name in ("height", "width", "channels"):
            sizes = {"height": 4, "width": 4, "channels": 4, name: 0}
            with self.assertRaisesRegex(ValueError, f"`{name}`.*0"):
                CoordinateEmbedding(**sizes)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            CoordinateEmbedding(4, 4, 4, alignment="middle")

    def test_configuration_is_plain(self):
        config = self.layer(alignment="center").get_config()
        self.assertEqual(json.loads(json.dumps(config)), config)
        self.assertEqual(config["alignment"], "center")
