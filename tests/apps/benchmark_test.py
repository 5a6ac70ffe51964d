import json
import os

import pytest

from tests.apps import running


def benchmark(*arguments):
    return running.run_app("benchmark", *arguments)


class BenchmarkTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.out = self.folder / "results" / "benchmark.json"

    @pytest.mark.slow
    def test_measures(self):
        process = benchmark(
            "--config=configs/tiny.py",
            "--runs=2",
            "--widths=16,12",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        self.assertIn(str(self.out), process.stdout)
        self.assertIn("A training step of tiny, batch 4", process.stdout)
        results = json.loads(self.out.read_text())
        self.assertEqual(results["machine"]["cores"], os.cpu_count())
        widths = [row["width"] for row in results["generator"]]
        self.assertEqual(widths, [16, 12, 8])
        for row in results["generator"]:
            self.assertEqual(row["rows"], 4 * 8 * 8)
            self.assertGreater(row["matmul_gflops"], 0)
            self.assertLessEqual(row["share_min"], row["share"])
            self.assertLessEqual(row["share"], row["share_max"])
        for row in results["training_step"].values():
            self.assertGreater(row["min_ms"], 0)
            self.assertLessEqual(row["min_ms"], row["median_ms"])
            self.assertLessEqual(row["median_ms"], row["max_ms"])
        self.assertEqual(len(results["training_step"]), 5)

    @pytest.mark.slow
    def test_measures_training(self):
        process = benchmark(
            "--suite=training",
            "--config=configs/tiny.py",
            "--runs=1",
            "--methods=multi_stage,image",
            "--options=remat",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        results = json.loads(self.out.read_text())
        names = [(r["method"], r["option"]) for r in results["rows"]]
        self.assertEqual(
            names,
            [
                ("multi_stage", "plain"),
                ("image", "plain"),
                ("multi_stage", "remat"),
                ("image", "remat"),
            ],
        )
        self.assertEqual([r["points"] for r in results["rows"][:2]], [256, 4096])
        plot = self.out.with_suffix(".png")
        self.assertTrue(plot.read_bytes().startswith(b"\x89PNG"))
        for path in (self.out, plot):
            self.assertIn(str(path), process.stdout)

    def test_wrong_flags(self):
        file = self.folder / "file"
        file.write_text("mine")
        for flag, texts in {
            "--widths=0": ["--widths must be", "'0'"],
            "--widths=8,a": ["--widths must be", "'8,a'"],
            "--widths=99999": ["--widths must be", "'99999'"],
            "--runs=0": ["--runs=0"],
            "--suite=none": ["--suite=none"],
            "--batch=0": ["--batch=0"],
            "--limit=0": ["--limit=0"],
            "--config=configs/inr_gan_openmoji.py": [
                "config.generator.architecture must be cips",
                "'inr_gan'",
            ],
            "--config=nothing.py": ["--config must be", "nothing.py"],
            "--config.batch_size=-3": ["config.batch_size", "-3"],
            f"--out={self.folder}": ["--out must be a file", self.folder],
            f"--out={file}/a.json": ["--out must be in a folder", file],
            "stray": ["'stray'"],
        }.items():
            with self.subTest(flag):
                process = benchmark(f"--out={self.out}", flag)
                self.assertRefused(process, *texts)
                self.assertEqual(len(process.stderr.splitlines()), 1)
        for flag, texts in {
            "--methods=sgd": ["--methods must be of image", "'sgd'"],
            "--options=fast": ["--options must be of", "'fast'"],
            "--resolutions=a": ["--resolutions must be", "'a'"],
            "--resolutions=100": ["config.resolution", "100"],
            "--sizes=64,a --suite=generators": ["--sizes must be", "'a'"],
            "--sizes=4 --suite=rendering": ["--sizes must be", "'4'"],
        }.items():
            with self.subTest(flag):
                process = benchmark(
                    "--suite=training", f"--out={self.out}", *flag.split()
                )
                self.assertRefused(process, *texts)
        self.assertEqual(running.files(self.folder), {"file": b"mine"})
