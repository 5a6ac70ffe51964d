import dataclasses
import io

import pytest
import rich.console

from configs import tiny
from inr_keras.benchmarks import generator_speed
from inr_keras.training import networks
from tests import testing


class GeneratorSpeedTest(testing.TestCase):
    def test_cases(self):
        self.assertEqual(
            generator_speed.list_cases(),
            [("CIPS", 256), *[("INR-GAN", size) for size in (64, 128, 256)]],
        )

    def test_the_papers_settings_are_valid(self):
        for name in generator_speed.PAPERS:
            generator_speed.build_experiment(name).validate()

    @pytest.mark.slow
    def test_measures_in_a_process_of_its_own(self):
        config = tiny.get_config()
        result = generator_speed.measure(config, 16, batch=2, runs=3)
        self.assertEqual(
            result["parameters"],
            networks.build_generator(config).count_params(),
        )
        self.assertGreater(result["memory_mib"], 0)
        self.assertGreater(result["seconds_min"], 0)
        self.assertLessEqual(result["seconds_min"], result["seconds"])
        self.assertLessEqual(result["seconds"], result["seconds_max"])
        self.assertAllClose(result["images_per_second"], 2 / result["seconds"])

    @pytest.mark.slow
    def test_a_process_that_fails_says_why(self):
        config = tiny.get_config()
        config.generator = dataclasses.replace(config.generator, width=-1)
        with self.assertRaisesRegex(ValueError, "-1"):
            generator_speed.measure(config, 8)

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_synthesis(self):
        rows = generator_speed.measure_synthesis(width=8, images=1, side=8, runs=1)
        found = [(row["dtype"], row["pass"], row["points"]) for row in rows]
        passes = ("forward", "with backward")
        dtypes = ("float32", "bfloat16")
        self.assertEqual(found, [(d, p, 64) for d in dtypes for p in passes])

    def test_layers_and_tables(self):
        layers = generator_speed.measure_layer(
            channels=8, rank=2, batch=2, counts=(3,), runs=2
        )
        self.assertEqual([r["modulation"] for r in layers], ["demod", "none"])
        # Three products of three points, and six pairs to demodulate.
        self.assertEqual([r["factors_numbers"] for r in layers], [240, 144])
        for r in layers:
            self.assertEqual(r["kernel_numbers"], 64)
            for form in ("kernel", "factors", "shared"):
                self.assertGreater(r[f"{form}_ms"], 0)
        row = {
            "size": 256,
            "batch": 1,
            "seconds": 2.0,
            "seconds_min": 1.0,
            "seconds_max": 4.0,
            "memory_mib": 10.0,
            "parameters": 2_000_000,
        }
        results = {
            "layer": layers,
            "rows": [
                {"name": "CIPS", "images_per_second": 0.5, **row},
                {"name": "INR-GAN", "images_per_second": 3.0, **row},
            ],
        }
        console = rich.console.Console(width=160, record=True, file=io.StringIO())
        for table in generator_speed.tables(results):
            console.print(table)
        text = console.export_text()
        for part in ("0.50 (0.25 to 1.00)", "6.0", "266", "2.0 M", "64, 240"):
            self.assertIn(part, text)
