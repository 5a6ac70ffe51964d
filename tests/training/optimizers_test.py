import json

from inr_keras.training.optimizers import CosineTail
from inr_keras.training.optimizers import lazy_adam
from tests import testing


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
