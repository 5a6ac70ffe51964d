import keras
import numpy as np
import tensorflow as tf

from inr_keras.training import strategies
from inr_keras.training.step import updates
from tests import testing
from tests.training import small


class UpdatesTest(testing.TestCase):
    def step(self, name):
        """A step of descent; the gradient of replica k is k + 1 times (3, 4).

        Returns:
            The weights after it, from zeros, and the norm in each replica.
        """
        strategy = strategies.make(small.small_config(strategy=name))
        with strategy.scope():
            x = keras.Variable([0.0, 0.0])
            optimizer = keras.optimizers.SGD(1.0)
            optimizer.build([x])

        def step():
            context = tf.distribute.get_replica_context()
            factor = tf.cast(context.replica_id_in_sync_group, tf.float32) + 1.0
            gradients = [factor * tf.constant([3.0, 4.0])]
            return updates.discriminator(optimizer, gradients, [x])

        norms = tf.function(lambda: strategy.run(step))()
        norms = strategy.experimental_local_results(norms)
        return np.array(x), [float(norm) for norm in norms]

    def test_one_device(self):
        x, norms = self.step("none")
        self.assertAllClose(x, [-3.0, -4.0])
        self.assertAllClose(norms, [5.0])

    def test_replicas_share_the_mean(self):
        x, norms = self.step("mirrored")
        self.assertAllClose(x, [-4.5, -6.0])
        self.assertAllClose(norms, [5.0, 10.0])
