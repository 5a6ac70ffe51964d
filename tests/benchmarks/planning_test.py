import io
from unittest import mock

import psutil
import rich.console

from inr_keras.benchmarks import fresh_process
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

    def plan(self, available, **kwargs):
        """Rows of all cases, and the functions that are called in fresh processes."""
        called = []
        estimate = memory.Estimate(10.0, 20.0, 5.0, 30.0, 40.0)

        def call(function, /, config, **arguments):
            called.append((function.__name__, arguments.get("index")))
            return {"images_per_second": 16.0, "measure_here": {"memory_mib": 80.0}}[
                function.__name__
            ]

        there = mock.Mock(available=available * memory.MIB)
        with (
            mock.patch.object(memory, "estimate_each", lambda cases: [estimate] * 14),
            mock.patch.object(fresh_process, "call", call),
            mock.patch.object(psutil, "virtual_memory", return_value=there),
        ):
            cases = planning.list_cases(small.small_config(), everything=True)
            return list(planning.plan_cases(cases, **kwargs)), called

    def test_rows(self):
        rows, called = self.plan(101.0, timing=True, measuring=True)
        self.assertEqual(
            called,
            [
                *(("images_per_second", index) for index in range(3)),
                ("measure_here", -1),
            ],
        )
        self.assertEqual([row["stage"] for row in rows[:5]], [1, 2, 3, 3, 3])
        self.assertEqual(
            [row["measured"] for row in rows[:4]], [None, None, 80.0, None]
        )
        own, others = rows[:3], rows[3:]
        for row in own:
            self.assertEqual(row["seconds"], 4 / 16.0)
            self.assertAllClose(row["hours"] * 3600.0 * 16.0, 8.0, rtol=1e-6)
        for row in others:
            self.assertIsNone(row["seconds"])
        hours = planning.total_hours(rows)
        self.assertEqual(hours, sum(row["hours"] for row in own))
        self.assertIsNone(planning.total_hours([*rows, {**own[0], "hours": None}]))

    def test_rows_that_are_not_tried(self):
        for available, timing in ((99.0, True), (101.0, False)):
            rows, called = self.plan(available, timing=timing)
            self.assertEqual(called, [])
            self.assertIsNone(planning.total_hours(rows))
