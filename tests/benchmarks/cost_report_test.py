import io

import rich.console

from inr_keras.benchmarks import cost_report
from tests import testing


def row(method, option, resolution, seconds, memory):
    return {
        "method": method,
        "option": option,
        "resolution": resolution,
        "seconds": seconds,
        "seconds_min": seconds * 0.9,
        "seconds_max": seconds * 1.1,
        "images_per_second": 4.0 / seconds,
        "points": 1024,
        "parameters": 5000,
        "memory_mib": memory,
        "multiplications": {"generator": seconds, "discriminator": 1.0},
    }


class CompareTest(testing.TestCase):
    def test_ratios(self):
        rows = [
            row("image", "plain", 64, 9.0, 800.0),
            row("multi_stage", "plain", 64, 3.0, 100.0),
            row("image", "remat", 64, 12.0, 200.0),
            {
                "method": "image",
                "option": "xla",
                "resolution": 64,
                "error": "x",
            },
        ]
        image, remat = cost_report.compare(rows)
        self.assertEqual(image["of"], "image plain")
        self.assertEqual(image["to"], "multi_stage plain")
        self.assertEqual(image["seconds"], 3.0)
        self.assertEqual(image["multiplications"], 2.5)
        self.assertEqual(image["memory_mib"], 8.0)
        self.assertEqual(remat["to"], "image plain")
        self.assertEqual(remat["memory_mib"], 0.25)
        path = self.temporary_folder() / "cost.png"
        cost_report.plot(rows, path)
        self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))

    def test_lean_discriminator_is_compared_with_whole_images(self):
        rows = [
            row("image", "plain", 64, 9.0, 800.0),
            row("multi_stage", "lean_discriminator", 64, 1.5, 80.0),
        ]
        (ratio,) = cost_report.compare(rows)
        self.assertEqual(ratio["to"], "multi_stage lean_discriminator")
        self.assertEqual(ratio["seconds"], 6.0)

    def test_tables_name_every_row_and_every_failure(self):
        rows = [
            row("image", "plain", 64, 9.0, 800.0),
            row("multi_stage", "plain", 64, 3.0, 100.0),
            {
                "method": "image",
                "option": "xla",
                "resolution": 64,
                "error": "out of memory",
            },
        ]
        text = io.StringIO()
        console = rich.console.Console(file=text, width=200)
        for table in cost_report.tables({"config": "mine", "rows": rows}):
            console.print(table)
        for part in ("mine", "9.000", "8.100 to 9.900", "800", "out of memory"):
            self.assertIn(part, text.getvalue())
        self.assertIn("2.50", text.getvalue())  # The counted limit.
