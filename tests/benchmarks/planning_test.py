import io

import pytest
import rich.console

from inr_keras.benchmarks import memory
from inr_keras.benchmarks import planning
from tests import testing
from tests.training import small


class PlanningTest(testing.TestCase):
    def test_cases(self):
        config = small.small_config()
        own = planning.list_cases(config)
        self.assertEqual([index for _, _, index in own], [0, 1, 2])
        names = [name for name, _, _ in planning.list_cases(config, True)[3:]]
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

    def test_table(self):
        row = {
            "name": "patch, remat",
            "stage": 2,
            "estimate": memory.Estimate(10.0, 20.0, 5.0, 30.0, 40.0, idle=900.0),
            "seconds": None,
            "hours": None,
            "measured": None,
        }
        measured = {**row, "seconds": 0.5, "hours": 2.0, "measured": 80.0}
        console = rich.console.Console(width=140, record=True, file=io.StringIO())
        for rows in ([row], [row, measured]):
            config = small.small_config()
            console.print(planning.table(config, rows, lambda hours: f"{hours} h"))
        text = console.export_text()
        self.assertIn("tiny: MiB, batch 4", text)
        lines = [" ".join(line.split()) for line in text.splitlines()]
        cells = "patch, remat 2 10 20 5 30 40 100 1040"
        self.assertEqual(lines.count(f"{cells} - -"), 2)
        self.assertIn(f"{cells} 0.500 2.0 h 80 +25%", lines)
        self.assertEqual(text.count("off by"), 1)

    @pytest.mark.slow
    def test_rows(self):
        config = small.small_config()
        cases = planning.list_cases(config)[-1:]
        (row,) = planning.plan_cases(cases, timing=True, measuring=True)
        self.assertEqual(row["stage"], 3)
        self.assertGreater(row["measured"], 10.0)
        self.assertGreater(row["seconds"], 0.0)
        rate = config.batch_size / row["seconds"]
        self.assertAllClose(row["hours"] * 3600.0 * rate, 8.0, rtol=1e-6)
        self.assertEqual(planning.total_hours([row]), row["hours"])
        self.assertIsNone(planning.total_hours([row, {**row, "hours": None}]))
