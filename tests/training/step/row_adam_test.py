import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.step import row_adam
from tests import testing
from tests.training import small


class RowAdamTest(testing.TestCase):
    def test_equals_dense_adam_and_its_average(self):
        decay = 0.9
        start = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
        dense = keras.Variable(start)
        adam = keras.optimizers.Adam(0.1, beta_1=0.0, beta_2=0.8)
        adam.build([dense])
        dense_average = start.copy()
        table, average = keras.Variable(start), keras.Variable(start)
        table_adam = row_adam.RowAdam(table, average, 0.8, adam.epsilon)
        random = np.random.default_rng(1)
        for step in range(12):
            # Rows repeat, and most are not read for several steps.
            indices = random.integers(0, 6, 2)
            indices = np.append(indices, indices[:1])
            values = random.normal(size=(3, 3)).astype("float32")
            slices = tf.IndexedSlices(values, tf.constant(indices), (6, 3))
            adam.apply([tf.convert_to_tensor(slices)], [dense])
            dense_average = decay * dense_average
            dense_average += (1 - decay) * np.array(dense)
            table_adam.update(slices, tf.constant(float(step)), 0.1, decay)
            self.assertAllClose(table, dense)
        self.assertGreater(np.max(np.abs(average - dense_average)), 1e-3)
        table_adam.settle()
        self.assertAllClose(average, dense_average)
        table_adam.settle()  # Nothing is left to do.
        self.assertAllClose(average, dense_average)

    def test_the_table_is_not_saved_twice(self):
        table_adam = row_adam.RowAdam(
            keras.Variable(np.ones((5, 2))), keras.Variable(np.ones((5, 2)))
        )
        shapes = sorted(tuple(w.shape) for w in table_adam.weights)
        self.assertEqual(shapes, [(), (), (5,), (5, 2)])

    def test_momentum_is_refused(self):
        gan = small.small_gan()
        adam = keras.optimizers.Adam(beta_1=0.5)
        with self.assertRaisesRegex(ValueError, "beta_1=0.5"):
            row_adam.for_embedding(gan.generator, gan.ema_generator, adam)


@pytest.mark.slow
class SparseEmbeddingTest(testing.TestCase):
    def train(self, sparse, compiled=False, **embedding):
        config = small.small_config()
        config.generator = dataclasses.replace(
            config.generator, sparse_embedding=sparse, **embedding
        )
        # With Adam's usual epsilon, rounding errors in gradients near zero
        # move weights fully in its first steps.
        config.optimizer = dataclasses.replace(config.optimizer, epsilon=1e-2)
        config.validate()
        gan = build.build_gan(config)
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        step = tf.function(gan.train_step) if compiled else gan.train_step
        for seed in range(4):
            step(tf.constant(small.random_images(seed=seed)))
        return gan

    def test_training_equals_that_of_the_dense_table(self):
        for embedding in ({"embedding_size": 32},):
            dense = self.train(False, **embedding)
            sparse = self.train(True, compiled=True, **embedding)
            before = sparse.generator.get_weights()
            sparse.settled_average()
            for a, b in zip(before, sparse.generator.get_weights()):
                np.testing.assert_array_equal(a, b)
            for name in ("generator", "ema_generator"):
                for a, b in zip(
                    getattr(dense, name).get_weights(),
                    getattr(sparse, name).get_weights(),
                    strict=True,
                ):
                    self.assertAllClose(b, a, 1e-4, 5e-5)

    def test_checkpoint_round_trip(self):
        gan = self.train(True, embedding_size=32)
        path = self.temporary_folder() / "x.weights.h5"
        gan.save_weights(path)
        config = small.small_config()
        config.generator = dataclasses.replace(
            config.generator, sparse_embedding=True, embedding_size=32
        )
        again = build.build_gan(config)
        again.load_weights(path)
        # The resumed average catches up as the other does.
        a = gan.settled_average().get_weights()
        b = again.settled_average().get_weights()
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)
