import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.training import strategies
from inr_keras.training.step import optimizers
from inr_keras.training.step.optimizers import CosineTail
from inr_keras.training.step.optimizers import FusedAdam
from inr_keras.training.step.optimizers import PartAdam
from inr_keras.training.step.optimizers import lazy_adam
from tests import testing
from tests.training import small


class LazyAdamTest(testing.TestCase):
    def test_correction(self):
        adam = lazy_adam(0.002, 0.0, 0.99, r1_interval=16)
        self.assertAllClose(float(adam.learning_rate), 0.002 * 16 / 17)
        self.assertAllClose(adam.beta_2, 0.99 ** (16 / 17))
        self.assertEqual(adam.beta_1, 0.0)

    def test_without_lazy_terms(self):
        adam = lazy_adam(0.002, 0.5, 0.99)
        self.assertAllClose(float(adam.learning_rate), 0.002)
        self.assertEqual(adam.beta_1, 0.5)

    def test_tail(self):
        adam = lazy_adam(0.002, tail=(10, 20, 0.1))
        for step, expected in (
            (0, 0.002),
            (10, 0.002),
            (15, 0.0011),
            (20, 0.0002),
            (99, 0.0002),
        ):
            adam.iterations.assign(step)
            self.assertAllClose(float(adam.learning_rate), expected, 1e-4, 0)
        config = json.loads(json.dumps(CosineTail(1.0, 2, 4, 0.5).get_config()))
        again = CosineTail.from_config(config)
        self.assertAllClose(float(again(3)), 0.75)

    @pytest.mark.slow
    def test_the_mapping_has_its_own_rate(self):
        moves = []
        for factor in (1.0, 0.25):
            generator = small.small_gan().generator
            adam = lazy_adam(0.01, tail=(0, 4, 0.5), mapping_rate=factor)
            variables = generator.trainable_variables
            adam.build(variables)
            before = small.values(variables)
            for step in range(3):
                gradients = [
                    tf.random.stateless_normal(v.shape, (step, i))
                    for i, v in enumerate(variables)
                ]
                adam.apply(gradients, variables)
            moves.append(
                {
                    v.path: np.array(v) - old
                    for v, old in zip(variables, before, strict=True)
                }
            )
        plain, other = moves
        mapping = [path for path in plain if "/mapping/" in path]
        self.assertEqual(len(mapping), 2)
        for path, move in plain.items():
            factor = 0.25 if path in mapping else 1.0
            # Stored weights of the mapping are large: a rounding is 1e-5.
            self.assertAllClose(other[path], factor * move, 1e-3, 3e-5)
        self.assertNotIsInstance(lazy_adam(), PartAdam)
        adam = lazy_adam(mapping_rate=0.25)
        again = PartAdam.from_config(adam.get_config())
        self.assertEqual((again.part, again.factor), ("mapping", 0.25))


class FusedAdamTest(testing.TestCase):
    def test_numbers_and_state_are_those_of_keras(self):
        for beta_1 in (0.0, 0.5):
            settings = {"learning_rate": 0.01, "beta_1": beta_1, "name": "adam"}
            ours, theirs = (
                self.trained(FusedAdam, settings),
                self.trained(keras.optimizers.Adam, settings),
            )
            self.assertEqual(list(ours), list(theirs))
            for path, value in theirs.items():
                self.assertAllClose(ours[path], value, 1e-6, 1e-7)

    def trained(self, kind, settings):
        """Weights and state by path after three steps, with a dense and a sparse one.

        The sparse gradient has a row twice.
        """
        variables = [
            keras.Variable(np.ones(shape), dtype="float32", name=name)
            for name, shape in (("dense", (2, 3)), ("table", (4, 2)))
        ]
        adam = kind(**settings)
        adam.build(variables)

        @tf.function
        def step(number):
            dense = tf.random.stateless_normal((2, 3), (number, 0))
            rows = tf.random.stateless_normal((3, 2), (number, 1))
            sparse = tf.IndexedSlices(rows, tf.constant([2, 0, 2]), tf.constant([4, 2]))
            adam.apply([dense, sparse], variables)

        for number in range(3):
            step(tf.constant(number))
        return {v.path: np.array(v) for v in [*variables, *adam.variables]}

    def test_config(self):
        adam = lazy_adam(0.002, r1_interval=16)
        again = keras.saving.deserialize_keras_object(
            keras.saving.serialize_keras_object(adam)
        )
        self.assertIsInstance(again, FusedAdam)
        self.assertAllClose(again.beta_2, adam.beta_2)

    def test_amsgrad_is_refused(self):
        with self.assertRaisesRegex(ValueError, "`amsgrad` must be False. Received"):
            FusedAdam(amsgrad=True)


class UpdateTest(testing.TestCase):
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
            return optimizers.update(optimizer.apply, gradients, [x])

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
