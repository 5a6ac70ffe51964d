import itertools
import json

import keras
import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.layers import CoordinateEmbedding
from tests import testing

SIZES = ((5,), (6, 4), (3, 4, 2))


def slow_embedding(table, sizes, coords, alignment):
    """Mean of all lattice points by their shares, one point a time."""
    outputs = np.zeros((len(coords), table.shape[-1]))
    table = table.reshape(*sizes[::-1], -1)
    sizes = np.array(sizes)
    for n, point in enumerate(coords.astype("float64")):
        if alignment == "corner":
            position = (point + 1) / 2 * (sizes - 1)
        else:
            position = (point + 1) / 2 * sizes - 0.5
        position = np.clip(position, 0, sizes - 1)
        for place in itertools.product(*map(range, sizes)):
            share = np.prod(np.maximum(0, 1 - np.abs(position - place)))
            outputs[n] += share * table[place[::-1]]
    return outputs


class CoordinateEmbeddingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.coords = self.random_coords(2)

    def random_coords(self, axes):
        random = np.random.default_rng(0)
        # Some beyond the frame.
        return random.uniform(-1.3, 1.3, (2, 9, axes)).astype("float32")

    def layer(self, sizes=(6, 4), channels=5, **kwargs):
        layer = CoordinateEmbedding(sizes, channels, **kwargs)
        layer.build((None, None, len(sizes)))
        return layer

    def test_layer_basics(self):
        for sizes, alignment in itertools.product(SIZES, coordinates.ALIGNMENTS):
            self.run_layer_test(
                CoordinateEmbedding,
                init_kwargs={
                    "sizes": sizes,
                    "channels": 5,
                    "alignment": alignment,
                    "reference_training": True,
                },
                inputs=self.random_coords(len(sizes)),
                expected_shape=(2, 9, 5),
            )

    def test_matches_a_slow_multilinear_reading(self):
        for sizes, alignment in itertools.product(SIZES, coordinates.ALIGNMENTS):
            with self.subTest(f"{alignment} {sizes}"):
                layer = self.layer(sizes, alignment=alignment)
                coords = self.random_coords(len(sizes))
                table = layer.table.numpy()
                expected = [slow_embedding(table, sizes, c, alignment) for c in coords]
                self.assertAllClose(layer(coords), np.stack(expected))

    def test_a_grid_of_the_lattice_reads_its_own_rows_exactly(self):
        more = ((17, 33), (64, 64), (1, 1))
        for alignment in coordinates.ALIGNMENTS:
            for sizes in (*SIZES, *more):
                with self.subTest(f"{alignment} {sizes}"):
                    layer = self.layer(sizes, alignment=alignment)
                    coords = coordinates.lattice(sizes, alignment)
                    coords = tf.reshape(coords, (1, -1, len(sizes)))
                    self.assertAllEqual(layer(coords)[0], layer.table)

    def test_x_is_the_fastest_axis(self):
        layer = self.layer()
        coords = tf.reshape(coordinates.grid(4, 6), (1, -1, 2))
        self.assertAllEqual(layer(coords)[0], layer.table)

    def test_far_points_read_the_nearest_border_point(self):
        layer = self.layer()
        corners = [[-9, -9], [9, -9], [-9, 9], [9, 9]]
        outputs = layer(np.array([corners], "float32"))
        table = layer.table.numpy()
        self.assertAllEqual(outputs[0], table[[0, 5, 18, 23]])

    def test_reference_training_copies_rows_of_a_corner_grid(self):
        for sizes in SIZES:
            layer = self.layer(sizes, alignment="center", reference_training=True)
            coords = coordinates.lattice(sizes, "corner")
            coords = tf.reshape(coords, (1, -1, len(sizes)))
            self.assertAllEqual(layer(coords, training=True)[0], layer.table)
            # Out of training the same grid is read in `center` alignment.
            table = layer.table.numpy()
            expected = slow_embedding(table, sizes, coords[0].numpy(), "center")
            self.assertAllClose(layer(coords)[0], expected)

    def test_training_matters_to_reference_training_alone(self):
        layer = self.layer(alignment="center")
        self.assertAllEqual(layer(self.coords, training=True), layer(self.coords))

    def gradient(self, layer, coords, compiled=False):
        def gradient():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(layer(coords)))
            return tape.gradient(loss, layer.table.value)

        return tf.function(gradient)() if compiled else gradient()

    def test_gradient_has_the_rows_of_the_patch_alone(self):
        layer = self.layer((8, 8))
        coords = coordinates.patch([[2, 3]], 3, 8, 8)
        for compiled in (False, True):
            with self.subTest(compiled=compiled):
                sparse = self.gradient(layer, coords, compiled)
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

    def test_gradient_in_a_volume_is_sparse_too(self):
        layer = self.layer((4, 4, 4))
        coords = tf.constant([[[-1.0, -1.0, -1.0], [1.0, -1.0, -1.0]]])
        sparse = self.gradient(layer, coords)
        self.assertIsInstance(sparse, tf.IndexedSlices)
        self.assertLessEqual(len(sparse.indices), 8 * 2)
        moved = np.any(testing.to_numpy(sparse) != 0, axis=1)
        self.assertAllEqual(np.flatnonzero(moved), [0, 3])

    def test_positions_are_float32_under_bfloat16(self):
        layer = self.layer((1024, 1), 4, dtype="mixed_bfloat16")
        coords = coordinates.patch([[0, 1000]], 2, 1, 1024)[:, :2]
        expected = tf.cast(layer.table.value[1000:1002], "bfloat16")
        coords = tf.stack([coords[..., 0], tf.zeros((1, 2))], axis=-1)
        self.assertAllEqual(layer(coords)[0], expected)

    def test_tables(self):
        layer = self.layer()
        self.assertEqual([id(table) for table in layer.tables], [id(layer.table)])

    def test_errors(self):
        for sizes in ((), 3):
            with self.assertRaisesRegex(ValueError, "`sizes`.*sizes="):
                CoordinateEmbedding(sizes, 3)
        with self.assertRaisesRegex(ValueError, r"`sizes\[1\]`.*=0"):
            CoordinateEmbedding((3, 0), 3)
        with self.assertRaisesRegex(ValueError, "axis -1 of input shape.*value 2"):
            CoordinateEmbedding((4, 4), 3)(np.zeros((5, 3), "float32"))
        with self.assertRaisesRegex(ValueError, "`channels`.*channels=0"):
            CoordinateEmbedding((2,), 0)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            CoordinateEmbedding((4, 4), 4, alignment="middle")

    def test_configuration_is_plain(self):
        config = self.layer(alignment="center").get_config()
        again = CoordinateEmbedding.from_config(json.loads(json.dumps(config)))
        self.assertEqual(again.get_config(), config)
        self.assertEqual(config["alignment"], "center")

    def test_configurations_of_earlier_versions(self):
        common = {"name": "table", "dtype": "float32", "channels": 5}
        common["alignment"] = "center"
        plane = {"height": 4, "width": 6, "reference_training": True}
        volume = {"sizes": (3, 4, 2)}
        for name, old, sizes, reference in (
            ("CoordinateEmbedding", plane, (6, 4), True),
            ("LatticeEmbedding", volume, (3, 4, 2), False),
        ):
            layer = keras.saving.deserialize_keras_object(
                {
                    "module": "inr_keras.layers.old_module",
                    "class_name": name,
                    "config": {**common, **old},
                    "registered_name": f"inr_keras>{name}",
                }
            )
            self.assertIsInstance(layer, CoordinateEmbedding)
            self.assertEqual(layer.sizes, sizes)
            self.assertEqual(layer.reference_training, reference)
            self.assertEqual(layer.alignment, "center")
