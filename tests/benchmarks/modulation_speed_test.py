import io

import rich.console

from inr_keras.benchmarks import modulation_speed
from tests import testing


class ModulationSpeedTest(testing.TestCase):
    def test_measures_both_forms(self):
        sizes = [(4, 2, (3, 8)), (64, 1, (4096,))]
        rows = modulation_speed.measure(sizes, ["float32", "bfloat16"], 1)
        self.assertEqual(
            [(row["dtype"], row["points"], row["form"]) for row in rows],
            [
                ("float32", 3, "shared"),
                ("float32", 8, "kernel"),
                ("float32", 4096, "convolution"),
                ("bfloat16", 3, "shared"),
                ("bfloat16", 8, "kernel"),
                ("bfloat16", 4096, "convolution"),
            ],
        )
        for row in rows:
            for name in ("kernel", "shared", "product"):
                self.assertGreater(row[f"{name}_ms"], 0)
        rows[0] |= {"kernel_ms": 4.0, "shared_ms": 2.0, "product_ms": 1.0}
        console = rich.console.Console(width=160, record=True, file=io.StringIO())
        console.print(modulation_speed.table(rows))
        text = console.export_text()
        for part in ("0.25", "0.50", "bfloat16"):
            self.assertIn(part, text)
