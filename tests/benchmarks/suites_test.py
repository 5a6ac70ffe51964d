import json
from unittest import mock

import pytest

from configs import inr_gan_openmoji
from configs import tiny
from inr_keras.benchmarks import generator_speed
from inr_keras.benchmarks import modulation_speed
from inr_keras.benchmarks import rendering_cost
from inr_keras.benchmarks import suites
from inr_keras.benchmarks import training_cost
from tests import testing
from tests.benchmarks import cost_report_test
from tests.benchmarks import rendering_cost_test


class SuitesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.temporary_folder() / "results" / "a.json"
        self.told, self.shares = [], []

    def measure(self, suite, **kwargs):
        """Tables, files written and the results in JSON."""
        request = suites.Request(suite, tiny.get_config(), str(self.out), **kwargs)
        tables, files = suites.measure(request, self.told.append, self.shares.append)
        for path, _ in files[:-1]:
            self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))
        self.assertEqual(files[-1], (str(self.out), "the same as JSON"))
        return tables, json.loads(self.out.read_text())

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_model(self):
        tables, results = self.measure("model", runs=2, widths=(16, 12))
        self.assertEqual(tables[1].title, "A training step of tiny, batch 4")
        widths = [row["width"] for row in results["generator"]]
        self.assertEqual(widths, [16] * 4 + [12] * 4 + [8] * 4)
        dtypes = [row["dtype"] for row in results["generator"]]
        self.assertEqual(dtypes, ["float32", "float32", "bfloat16", "bfloat16"] * 3)
        for row in results["generator"]:
            self.assertEqual((row["images"], row["points"]), (4, 8 * 8))
            self.assertGreater(row["plain_gflops"], 0)
            self.assertLessEqual(row["share_min"], row["share"])
            self.assertLessEqual(row["share"], row["share_max"])
        for row in results["training_step"].values():
            self.assertGreater(row["min_ms"], 0)
            self.assertLessEqual(row["min_ms"], row["median_ms"])
            self.assertLessEqual(row["median_ms"], row["max_ms"])
        self.assertEqual(len(results["training_step"]), 5)

    def test_training(self):
        def row(names, config, runs):
            self.assertEqual(runs, 3)
            return cost_report_test.row(*names, 1.0, 100.0)

        with mock.patch.object(training_cost, "measure_case", row):
            tables, results = self.measure(
                "training",
                runs=3,
                methods=("multi_stage", "image"),
                options=("remat",),
            )
        self.assertEqual(len(tables), 2)
        names = [(row["method"], row["option"]) for row in results["rows"]]
        expected = [("multi_stage", "plain"), ("image", "plain")]
        expected += [("multi_stage", "remat"), ("image", "remat")]
        self.assertEqual(names, expected)
        self.assertEqual(results["config"], "tiny")
        self.assertEqual(self.told[1], "2 of 4: image plain")
        self.assertEqual(self.shares, [0.25, 0.5, 0.75, 1.0])

    def test_what_is_measured_outlives_a_failure(self):
        rows = [cost_report_test.row("patch", "plain", 32, 1.0, 100.0)]
        with (
            mock.patch.object(training_cost, "measure_case", side_effect=rows),
            self.assertRaises(StopIteration),
        ):
            self.measure("training", methods=("patch", "image"))
        self.assertEqual(json.loads(self.out.read_text())["rows"], rows)

    def test_generators(self):
        row = {"images_per_second": 1.0, "seconds": 1.0, "seconds_min": 1.0}
        row |= {"seconds_max": 2.0, "memory_mib": 1.0, "parameters": 9}

        def measured(name, size, batch, runs):
            return {"name": name, "size": size, "batch": batch, **row}

        with (
            mock.patch.object(generator_speed, "measure_case", measured),
            mock.patch.object(generator_speed, "measure_layer", return_value=[]),
            mock.patch.object(modulation_speed, "measure", return_value=[]),
            mock.patch.object(generator_speed, "measure_synthesis", return_value=[]),
        ):
            tables, results = self.measure("generators", sizes=(32, 16), batch=2)
        self.assertEqual(len(tables), 4)
        names = [(row["name"], row["size"], row["batch"]) for row in results["rows"]]
        self.assertEqual(
            names, [("CIPS", 32, 2), ("INR-GAN", 16, 2), ("INR-GAN", 32, 2)]
        )
        self.assertEqual(results["layer"], [])

    def test_rendering(self):
        def measured(config, size, limit):
            self.assertEqual((config.name, limit), ("tiny", 2.0))
            return {**rendering_cost_test.ROW, "size": size}

        with (
            mock.patch.object(rendering_cost, "measure", measured),
            mock.patch.object(rendering_cost, "profile", return_value={"Sin": 1.0}),
        ):
            tables, results = self.measure("rendering", sizes=(32, 16), limit=2.0)
        self.assertEqual(len(tables), 2)
        self.assertEqual([row["size"] for row in results["rows"]], [16, 32])
        self.assertEqual(results["profile"], {"Sin": 1.0})

    def test_wrong_requests(self):
        for kwargs, text in (
            ({"methods": ("sgd",)}, "`methods` must be one of image, .* 'sgd'"),
            ({"options": ("fast",)}, "`options` must be one of plain, .* 'fast'"),
            ({"resolutions": (100,)}, "config.resolution.* 100"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.measure("training", **kwargs)
        request = suites.Request("model", inr_gan_openmoji.get_config(), "unused")
        with self.assertRaisesRegex(ValueError, "architecture must be cips.*inr_gan"):
            suites.measure(request)
        self.assertFalse(self.out.parent.exists())
