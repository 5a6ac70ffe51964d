import numpy as np

from inr_keras.layers import MultiResolutionEmbedding
from tests import testing


class MultiResolutionEmbeddingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        coords = random.uniform(-1.2, 1.2, (2, 9, 2))
        self.coords = coords.astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            MultiResolutionEmbedding,
            {"sizes": (2, 4, 8), "channels": 7, "alignment": "center"},
            self.coords,
            (2, 9, 7),
        )

    def test_is_its_levels_side_by_side(self):
        layer = MultiResolutionEmbedding((2, 8), 5)
        outputs = layer(self.coords)
        self.assertEqual([level.channels for level in layer.levels], [3, 2])
        expected = [testing.to_numpy(lv(self.coords)) for lv in layer.levels]
        self.assertAllEqual(outputs, np.concatenate(expected, axis=-1))

    def test_tables_are_those_of_the_levels(self):
        for coord_dim in (2, 3):
            layer = MultiResolutionEmbedding((2, 8), 5, coord_dim=coord_dim)
            layer.build((None, None, coord_dim))
            shapes = [tuple(table.shape) for table in layer.tables]
            self.assertEqual(shapes, [(2**coord_dim, 3), (8**coord_dim, 2)])

    def test_size_does_not_depend_on_the_image(self):
        layer = MultiResolutionEmbedding((2, 8), 5)
        layer(self.coords)
        self.assertEqual(layer.count_params(), 3 * 2 * 2 + 2 * 8 * 8)

    def test_errors(self):
        for sizes, channels in (((), 4), ((2, 4, 8), 2)):
            with self.assertRaisesRegex(ValueError, "`sizes`.*Received"):
                MultiResolutionEmbedding(sizes, channels)
