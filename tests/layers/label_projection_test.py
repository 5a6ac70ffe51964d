import numpy as np

from inr_keras.layers import LabelProjection
from tests import testing


class LabelProjectionTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.features = rng.normal(size=(5, 4)).astype("float32")
        self.labels = np.array([2, 0, 2, 1, 0], "int32")

    def test_layer_basics(self):
        self.run_layer_test(
            LabelProjection,
            init_kwargs={"classes": 3},
            inputs={"features": self.features, "labels": self.labels},
            expected_shape=(5, 1),
        )

    def test_is_an_inner_product_with_the_vector_of_the_class(self):
        layer = LabelProjection(3)
        outputs = layer(self.features, self.labels)
        vectors = testing.to_numpy(layer.vectors)
        self.assertEqual(vectors.shape, (3, 4))
        for output, x, label in zip(outputs, self.features, self.labels):
            self.assertAllClose(output, [np.dot(x, vectors[label]) / 2.0])

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`classes`.*classes=0"):
            LabelProjection(0)
        for labels, text in (
            (self.labels + 1, "from 0 to 2. Received: 3"),
            (self.labels - 1, "from 0 to 2. Received: -1"),
            (self.labels[:, None], r"shape \(batch,\).*5, 1"),
        ):
            with self.assertRaisesRegex(ValueError, f"`labels` must .*{text}"):
                LabelProjection(3)(self.features, labels)
