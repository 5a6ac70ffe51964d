import numpy as np

from inr_keras.studies import ridge
from tests import testing


class RidgeTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(200, 6)) * [1, 5, 0.1, 2, 3, 1] + 4
        self.weights = rng.normal(size=(6, 2))
        self.noise = rng.normal(size=(200, 2))

    def test_finds_a_linear_map(self):
        targets = self.inputs @ self.weights + 3.0
        model = ridge.fit(self.inputs, targets)
        self.assertAllEqual(model.penalties, [ridge.PENALTIES[0]] * 2)
        self.assertAllClose(model(self.inputs), targets, atol=0.01)
        scores = ridge.r_squared(targets, model(self.inputs))
        self.assertAllClose(scores, [1.0, 1.0], 1e-4)

    def test_noise_gets_the_highest_penalty(self):
        targets = np.stack([self.inputs[:, 0], self.noise[:, 1]], axis=1)
        model = ridge.fit(self.inputs, targets)
        self.assertLess(model.penalties[0], 0.01)
        self.assertGreater(model.penalties[1], 0.1)

    def test_penalty_by_hand(self):
        # One standardized input: weight = covariance / (1 + penalty).
        inputs = np.array([[-1.0], [1.0]] * 4)
        targets = 3.0 * inputs + 1.0
        for penalty in (0.0, 0.5):
            model = ridge._solve(inputs, targets, penalty)
            self.assertAllClose(model.weights, [[3.0 / (1.0 + penalty)]])
            self.assertAllClose(model.bias, [1.0])

    def test_more_inputs_than_rows(self):
        rng = np.random.default_rng(1)
        inputs = rng.normal(size=(20, 50))
        targets = rng.normal(size=(20, 3))
        model = ridge._solve(inputs, targets, 0.1)
        x = (inputs - inputs.mean(0)) / inputs.std(0)
        gram = x.T @ x + 0.1 * 20 * np.eye(50)
        expected = np.linalg.solve(gram, x.T @ (targets - targets.mean(0)))
        self.assertAllClose(model.weights, expected, 1e-8, 1e-10)

    def test_constant_inputs_and_targets(self):
        inputs = np.concatenate([self.inputs, np.ones((200, 1))], axis=1)
        targets = np.stack([self.inputs[:, 0], np.full(200, 0.1)], axis=1)
        model = ridge.fit(inputs, targets)
        self.assertFinite(model(inputs))
        scores = ridge.r_squared(targets, model(inputs))
        self.assertAllClose(scores[0], 1.0, 1e-4)
        self.assertTrue(np.isnan(scores[1]))

    def test_r_squared_by_hand(self):
        targets = np.array([[0.0], [2.0], [4.0]])
        predicted = np.array([[0.0], [2.0], [2.0]])
        self.assertAllClose(ridge.r_squared(targets, predicted), [0.5])
        mean = np.full((3, 1), 2.0)
        self.assertAllClose(ridge.r_squared(targets, mean), [0.0])
