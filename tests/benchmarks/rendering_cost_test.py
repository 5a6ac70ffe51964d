import io

import pytest
import rich.console

from configs import tiny
from inr_keras.benchmarks import rendering_cost
from tests import testing

ROW = {
    "size": 16,
    "drawn": 1.0,
    "seconds": 0.25,
    "points_per_second": 900.0,
    "own_per_second": 1000.0,
    "processor_share": 0.95,
    "memory_mib": 512.0,
}


class RenderingCostTest(testing.TestCase):
    @pytest.mark.slow
    def test_measures_images(self):
        config = tiny.get_config()
        row = rendering_cost.measure_here(config, 24, 60.0)
        self.assertEqual((row["size"], row["drawn"]), (24, 1.0))
        self.assertAllClose(row["points_per_second"] * row["seconds"], 24**2, rtol=1e-6)
        self.assertGreater(row["own_per_second"], 0)
        self.assertTrue(0 < row["processor_share"] < 1.5)
        self.assertGreater(row["memory_mib"], 50)
        # Out of time after the first rows, the rest is reckoned.
        row = rendering_cost.measure_here(config, 1024, 0.0)
        self.assertEqual(row["drawn"], 64 / 1024)
        self.assertAllClose(
            row["points_per_second"] * row["seconds"], 1024**2, rtol=1e-6
        )

    @pytest.mark.slow
    def test_profile_in_a_process_of_its_own(self):
        shares = rendering_cost.profile(tiny.get_config(), 16)
        self.assertAllClose(sum(shares.values()), 1.0)
        self.assertEqual(sorted(shares.values())[::-1], list(shares.values()))
        self.assertGreater(shares["products"], 0)
        self.assertIn("Sin", shares)

    def test_products(self):
        for name in ("MatMul", "_MklMatMul", "BatchMatMulV2", "Einsum"):
            self.assertTrue(rendering_cost.is_product(name))
        for name in ("Mul", "AddV2", "Prod", ""):
            self.assertFalse(rendering_cost.is_product(name))

    def test_tables_and_plot(self):
        part = {**ROW, "size": 64, "seconds": 8.0, "drawn": 0.125}
        results = {
            "config": "some",
            "rows": [ROW, part],
            "profile": {"products": 0.8, "Mul": 0.1995, "Odd": 0.0005},
        }
        console = rich.console.Console(file=io.StringIO(), width=100)
        for table in rendering_cost.tables(results):
            console.print(table)
        text = console.file.getvalue()
        for shown in (
            "16x16",
            "0.25",
            "90%",
            "95%",
            "512",
            "8 (from 12.5%)",
            "80.0%",
            "Mul: modulation, demodulation and gains",
        ):
            self.assertIn(shown, text)
        self.assertNotIn("Odd", text)
        path = self.temporary_folder() / "a.png"
        rendering_cost.plot(results["rows"], path)
        self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))
