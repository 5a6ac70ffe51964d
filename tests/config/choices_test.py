from inr_keras.config import choices
from inr_keras.evaluation import metrics
from inr_keras.layers import external_dense
from tests import testing


class ChoicesTest(testing.TestCase):
    def test_each_parametrization_has_a_layer(self):
        self.assertEqual(
            choices.PARAMETRIZATIONS, tuple(external_dense.PARAMETRIZATIONS)
        )

    def test_metrics_of_a_run_are_those_of_evaluations(self):
        self.assertLessEqual(set(choices.SCORES), set(metrics.METRICS))
