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
