import itertools

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.layers import CoordinateEmbedding
from inr_keras.layers import LatticeEmbedding
from tests import testing


class LatticeEmbeddingTest(testing.TestCase):
    def coords(self, axes, points=9):
        random = np.random.default_rng(0)
        return random.uniform(-1.3, 1.3, (2, points, axes)).astype("float32")

    def test_layer_basics(self):
        for sizes in ((5,), (3, 4), (3, 4, 2)):
            self.run_layer_test(
                LatticeEmbedding,
                {"sizes": sizes, "channels": 6},
                self.coords(len(sizes)),
                (2, 9, 6),
            )

    def test_two_axes_equal_the_plane_embedding(self):
        coords = self.coords(2, 50)
        for alignment in coordinates.ALIGNMENTS:
            layer = LatticeEmbedding((3, 4), 5, alignment)
            plane = CoordinateEmbedding(4, 3, 5, alignment)
            for each in (layer, plane):
                each.build(coords.shape)
            plane.table.assign(layer.table)
            self.assertAllClose(layer(coords), plane(coords), 1e-6, 1e-6)

    def test_a_grid_on_the_lattice_reads_its_rows(self):
        for alignment in coordinates.ALIGNMENTS:
            layer = LatticeEmbedding((3, 4, 2), 5, alignment)
            coords = coordinates.lattice((3, 4, 2), alignment)
            outputs = layer(tf.reshape(coords, (1, -1, 3)))
            self.assertAllEqual(outputs[0], layer.table)

    def test_is_the_mean_of_the_neighbours(self):
        # A slow reference: shares of all points of the lattice.
        sizes = (3, 2, 4)
        layer = LatticeEmbedding(sizes, 2, "center")
        coords = self.coords(3)
        outputs = testing.to_numpy(layer(coords))
        table = testing.to_numpy(layer.table).reshape(4, 2, 3, 2)
        for batch, point in np.ndindex(2, 9):
            expected = np.zeros(2)
            for place in itertools.product(*map(range, sizes)):
                share = 1.0
                for i, (index, size) in enumerate(zip(place, sizes)):
                    x = (coords[batch, point, i] + 1) / 2 * size - 0.5
                    x = np.clip(x, 0, size - 1)
                    share *= max(0.0, 1 - abs(x - index))
                expected += share * table[place[::-1]]
            self.assertAllClose(outputs[batch, point], expected)

    def test_gradient_has_the_rows_that_were_read_alone(self):
        layer = LatticeEmbedding((4, 4, 4), 2)
        coords = tf.constant([[[-1.0, -1.0, -1.0], [1.0, -1.0, -1.0]]])
        layer.build(coords.shape)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(coords))
        gradient = tape.gradient(loss, layer.table.value)
        self.assertIsInstance(gradient, tf.IndexedSlices)
        moved = np.any(testing.to_numpy(gradient) != 0, axis=1)
        self.assertAllEqual(np.flatnonzero(moved), [0, 3])

    def test_errors(self):
        for sizes in ((), (3, 0)):
            with self.assertRaisesRegex(ValueError, "`sizes`.*sizes="):
                LatticeEmbedding(sizes, 3)
        with self.assertRaisesRegex(ValueError, "`channels`.*channels=0"):
            LatticeEmbedding((2,), 0)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            LatticeEmbedding((2,), 3, "middle")
