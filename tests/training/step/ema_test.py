import keras
import numpy as np

from inr_keras.training.step import ema
from tests import testing


def variables(*values):
    return [keras.Variable(np.array(v, "float32")) for v in values]


class EMATest(testing.TestCase):
    def test_half_life(self):
        for batch, kimg in ((16, 10.0), (64, 0.5), (1000, 2.0)):
            decay = ema.decay_for(batch, kimg)
            steps = kimg * 1000 / batch
            self.assertAllClose(decay**steps, 0.5)
        # A step of two batches equals two steps of one.
        self.assertAllClose(ema.decay_for(32, 10), ema.decay_for(16, 10) ** 2)

    def test_update(self):
        averages = variables([0.0, 4.0], 1.0)
        weights = variables([1.0, 0.0], 1.0)
        ema.update(averages, weights, 0.75)
        self.assertAllClose(averages[0], [0.25, 3.0])
        self.assertAllClose(averages[1], 1.0)
        self.assertAllEqual(weights[0], [1.0, 0.0])
        ema.update(averages, weights, 0.75)
        self.assertAllClose(averages[0], [0.4375, 2.25])

    def test_ends(self):
        averages, weights = variables([0.0, 4.0]), variables([1.0, 0.5])
        ema.update(averages, weights, 1.0)
        self.assertAllEqual(averages[0], [0.0, 4.0])
        ema.update(averages, weights, 0.0)
        self.assertAllEqual(averages[0], [1.0, 0.5])

    def test_half_of_the_distance_after_a_half_life(self):
        averages, weights = variables([0.0]), variables([1.0])
        for _ in range(100):
            ema.update(averages, weights, ema.decay_for(20, 2.0))
        self.assertAllClose(averages[0], [0.5])

    def test_weights_of_another_type(self):
        averages = variables([0.0, 4.0])
        weights = [keras.Variable([1.0, 0.0], dtype="bfloat16")]
        ema.update(averages, weights, 0.75)
        self.assertAllClose(averages[0], [0.25, 3.0])

    def test_copy(self):
        source = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        target = keras.models.clone_model(source)
        source.weights[1].assign([1.0, 2.0])
        ema.copy(target, source)
        for t, s in zip(target.weights, source.weights):
            self.assertAllEqual(t, s)
        source.weights[1].assign([3.0, 4.0])  # A copy, not a view.
        self.assertAllEqual(target.weights[1], [1.0, 2.0])

    def test_copy_of_another_network(self):
        source = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        target = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(2, use_bias=False)]
        )
        with self.assertRaises(ValueError):
            ema.copy(target, source)
