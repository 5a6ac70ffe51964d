import pytest

from inr_keras.benchmarks import planning
from tests import testing
from tests.training import small


class PlanningTest(testing.TestCase):
    def test_cases(self):
        config = small.small_config()
        own = planning.cases(config)
        self.assertEqual([index for _, _, index in own], [0, 1, 2])
        names = [name for name, _, _ in planning.cases(config, True)[3:]]
        self.assertEqual(
            names[:5],
            [
                "multi_stage, remat",
                "multi_stage, bfloat16",
                "multi_stage, remat, bfloat16",
                "image",
                "image, remat",
            ],
        )
        self.assertEqual(len(names), 11)

    @pytest.mark.slow
    def test_rows(self):
        config = small.small_config()
        cases = planning.cases(config)[-1:]
        (row,) = planning.rows(cases, timing=True, measuring=True)
        self.assertEqual(row["stage"], 3)
        self.assertGreater(row["measured"], 10.0)
        self.assertGreater(row["seconds"], 0.0)
        rate = config.batch_size / row["seconds"]
        self.assertAllClose(row["hours"] * 3600.0 * rate, 8.0, rtol=1e-6)
        self.assertEqual(planning.hours([row]), row["hours"])
        self.assertIsNone(planning.hours([row, {**row, "hours": None}]))
