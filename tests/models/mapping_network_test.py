import numpy as np

from inr_keras.models import MappingNetwork
from tests import testing


class MappingNetworkTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.latents = rng.normal(size=(3, 6)).astype("float32")

    def mapping(self):
        mapping = MappingNetwork(latent_dim=6, style_dim=5, layers=2)
        mapping.build((None, 6))
        for layer in mapping.dense:
            layer.bias.assign(np.linspace(-50, 50, 5))
        return mapping

    def test_layer_basics(self):
        self.run_layer_test(
            MappingNetwork,
            init_kwargs={"latent_dim": 6, "style_dim": 5, "layers": 2},
            inputs=self.latents,
            expected_shape=(3, 5),
            half_dtype="float32",
        )

    def test_values(self):
        mapping = self.mapping()
        x = self.latents.astype("float64")
        x = x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True))
        for layer in mapping.dense:
            kernel = layer.kernel.numpy() * 0.01 / np.sqrt(x.shape[-1])
            x = x @ kernel + layer.bias.numpy() * 0.01
            x = np.where(x > 0, x, 0.2 * x) * np.sqrt(2)
        self.assertAllClose(mapping(self.latents), x)

    def test_residual_weight(self):
        plain = self.mapping()
        mapping = MappingNetwork(6, 5, layers=2, residual_weight=0.1)
        mapping.build((None, 6))
        (share,) = [w for w in mapping.trainable_weights if len(w.shape) == 0]
        self.assertAllClose(share, 0.1)
        for mine, other in zip(mapping.dense, plain.dense, strict=True):
            mine.set_weights(other.get_weights())
        first = plain.dense[0](plain.pixel_norm(self.latents))
        expected = first + 0.1 * plain.dense[1](first)
        self.assertAllClose(mapping(self.latents), expected)
        share.assign(0.0)
        self.assertAllClose(mapping(self.latents), first)
        self.run_layer_test(
            MappingNetwork,
            init_kwargs={
                "latent_dim": 6,
                "style_dim": 5,
                "layers": 3,
                "residual_weight": 0.1,
            },
            inputs=self.latents,
            expected_shape=(3, 5),
            half_dtype="float32",
        )

    def test_length_of_latents_does_not_matter(self):
        mapping = self.mapping()
        self.assertAllClose(mapping(self.latents * 7), mapping(self.latents))

    def test_zero_latents_are_finite(self):
        self.assertFinite(self.mapping()(np.zeros((2, 6), "float32")))

    def test_truncation(self):
        mapping = self.mapping()
        mean = np.linspace(0, 1, 5, dtype="float32")
        mapping.mean_style.assign(mean)
        styles = testing.to_numpy(mapping(self.latents))
        self.assertAllEqual(mapping(self.latents, truncation=1), styles)
        self.assertAllClose(mapping(self.latents, truncation=np.float32(1.0)), styles)
        self.assertAllClose(
            mapping(self.latents, truncation=0.7), mean + 0.7 * (styles - mean)
        )
        self.assertAllClose(mapping(self.latents, truncation=0), np.tile(mean, (3, 1)))

    def test_track_moves_the_mean_style(self):
        mapping = self.mapping()
        self.assertAllEqual(mapping.mean_style, np.zeros(5))
        styles = mapping(self.latents)
        mean = np.mean(styles, axis=0)
        mapping.track(styles, decay=0.75)
        self.assertAllClose(mapping.mean_style, 0.25 * mean)
        mapping.track(styles, decay=0.75)
        self.assertAllClose(mapping.mean_style, (0.25 + 0.75 * 0.25) * mean)
        for _ in range(60):
            mapping.track(styles, decay=0.75)
        self.assertAllClose(mapping.mean_style, mean)

    def test_mean_style_is_not_trained(self):
        mapping = self.mapping()
        self.assertEqual(len(mapping.trainable_variables), 4)
        self.assertEqual(len(mapping.non_trainable_variables), 1)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`layers`.*layers=0"):
            MappingNetwork(4, 4, layers=0)
        with self.assertRaisesRegex(ValueError, "`classes`.*classes=-1"):
            MappingNetwork(4, 4, classes=-1)
        with self.assertRaisesRegex(ValueError, "axis -1 of input shape.*value 4"):
            MappingNetwork(4, 4)(np.zeros((2, 5), "float32"))


class LabelsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.latents = rng.normal(size=(3, 6)).astype("float32")
        self.labels = np.array([3, 0, 3], "int32")

    def test_layer_basics(self):
        self.run_layer_test(
            MappingNetwork,
            init_kwargs={"latent_dim": 6, "style_dim": 5, "classes": 4},
            inputs={"latents": self.latents, "labels": self.labels},
            expected_shape=(3, 5),
            half_dtype="float32",
        )

    def test_values(self):
        mapping = MappingNetwork(6, 5, layers=1, classes=4)
        mapping.build((None, 6))

        def normalized(x):
            return x / np.sqrt(np.mean(np.square(x)))

        dense = mapping.dense[0]
        kernel = testing.to_numpy(dense.kernel) * 0.01 / np.sqrt(6 + 5)
        embedding = testing.to_numpy(mapping.embedding.kernel)
        bias = np.array([0.3, -0.2, 0.1, 0.0, 0.5])
        mapping.embedding.bias.assign(bias)
        styles = mapping(self.latents, labels=self.labels)
        for style, latent, label in zip(styles, self.latents, self.labels):
            vector = embedding[label] / np.sqrt(4) + bias
            x = np.concatenate([normalized(latent), normalized(vector)])
            x = x @ kernel
            self.assertAllClose(style, np.where(x > 0, x, x * 0.2) * 2**0.5)

    def test_labels_must_be_given_where_there_are_classes(self):
        mapping = MappingNetwork(6, 5, layers=1, classes=4)
        with self.assertRaisesRegex(ValueError, "`labels`.*classes=4"):
            mapping(self.latents)
        mapping = MappingNetwork(6, 5, layers=1)
        with self.assertRaisesRegex(ValueError, "`labels`.*classes=0"):
            mapping(self.latents, labels=self.labels)
