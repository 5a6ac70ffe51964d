import json
import os

import pytest

from tests.apps import running


def benchmark(*arguments, before=""):
    return running.run_app("benchmark", *arguments, before=before)


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
            before=running.HERE,
        )
        self.assertSucceeded(process)
        self.assertIn(str(self.out), process.stdout)
        self.assertIn("A training step of tiny, batch 4", process.stdout)
        results = json.loads(self.out.read_text())
        self.assertEqual(results["machine"]["cores"], os.cpu_count())
        widths = [row["width"] for row in results["generator"]]
        self.assertEqual(widths, [16] * 4 + [12] * 4 + [8] * 4)

    @pytest.mark.slow
    def test_a_device(self):
        process = benchmark(
            "--suite=device",
            "--config=configs/tiny.py",
            "--widths=8",
            "--sizes=8",
            "--runs=1",
            "--minutes=0.1",  # Some of it.
            f"--out={self.out}",
            before=running.HERE,
        )
        self.assertSucceeded(process)
        page = self.out.with_suffix(".md").read_text()
        self.assertIn("| CIPS | 8 | 8 | forward | float32 | off |", page)
        self.assertNotIn(str(self.folder), page)
        results = json.loads(self.out.read_text())
        self.assertEqual(results["network"][0]["pass"], "forward")

    def test_wrong_flags(self):
        file = self.folder / "file"
        file.write_text("mine")
        for flag, texts in {
            "--widths=0": ["--widths must be", "'0'"],
            "--widths=8,a": ["--widths must be", "'a'"],
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
            f"--out={self.folder}/a.md": ["--out must end in another way", "a.md"],
            "stray": ["'stray'"],
        }.items():
            with self.subTest(flag):
                process = benchmark(f"--out={self.out}", flag)
                self.assertRefused(process, *texts)
                self.assertEqual(len(process.stderr.splitlines()), 1)
        for flag, texts in {
            "--methods=sgd": ["--methods must be one of image", "'sgd'"],
            "--options=fast": ["--options must be one of", "'fast'"],
            "--resolutions=a": ["--resolutions must be", "'a'"],
            "--resolutions=100": ["config.resolution", "100"],
            "--sizes=64,a --suite=generators": ["--sizes must be", "'a'"],
            "--sizes=4 --suite=rendering": ["--sizes must be", "'4'"],
            "--sizes=48 --suite=device": ["--sizes must be powers of two", "48"],
            "--minutes=0": ["--minutes=0"],
            "--batch=2": ["--batch must be given with --suite=generators, device"],
            "--suite=data --runs=3": ["--runs must be given", "--suite=data"],
        }.items():
            with self.subTest(flag):
                process = benchmark(
                    "--suite=training", f"--out={self.out}", *flag.split()
                )
                self.assertRefused(process, *texts)
        self.assertEqual(running.files(self.folder), {"file": b"mine"})
