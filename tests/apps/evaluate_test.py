import json

import pytest

from apps import evaluate
from inr_keras.evaluation import passports
from tests import testing
from tests.apps import running


def run(*arguments):
    return running.run_app("evaluate", *arguments)


@pytest.mark.slow
class EvaluateTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _trained(self, trained, images):
        self.workdir = trained.workdir
        self.images = images

    def test_a_run_and_two_side_by_side(self):
        folder = self.temporary_folder()
        outs = [folder / "a", folder / "b"]
        for out, samples in zip(outs, (8, 8)):
            process = run(
                f"--model={self.workdir}",
                f"--data={self.images}",
                "--metrics=dfid,seam,pr",
                "--features=pixels",
                f"--samples={samples}",
                f"--out={out}",
            )
            self.assertSucceeded(process)
            self.assertIn("precision", process.stdout)
            self.assertIn("report.md", process.stdout)
        lines = [(out / "scores.jsonl").read_text() for out in outs]
        self.assertEqual(lines[0], lines[1])
        records = [json.loads(line) for line in lines[0].splitlines()]
        self.assertEqual(records[0]["metric"], "dfd")
        self.assertGreater(records[0]["kimg"], 0)
        page = (outs[0] / "report.md").read_text()
        self.assertIn("--metrics=dfid,seam,pr", page)
        self.assertNotIn(str(folder), page)

        process = run("--compare", *outs)
        self.assertSucceeded(process)
        for text in ("Side by side", "dfd", "recall", "seam"):
            self.assertIn(text, process.stdout)

    def test_shards(self):
        folder = self.temporary_folder()
        flags = (
            f"--model={self.workdir}",
            f"--data={self.images}",
            "--metrics=seam",
            "--samples=8",
            f"--shards={folder / 'shards'}",
        )
        for text in ("shard_1_of_1  drawn", "shard_1_of_1  was there"):
            process = run(*flags, "--shard=1/1")
            self.assertSucceeded(process)
            self.assertIn(text, process.stdout)
        process = run(*flags, f"--out={folder / 'scores'}")
        self.assertSucceeded(process)
        page = (folder / "scores" / "report.md").read_text()
        self.assertIn("--shards=shards", page)
        self.assertNotIn(str(folder), page)


class CompareTest(running.TestCase):
    def record(self, metric, value, samples):
        return {
            "metric": metric,
            "value": value,
            "interval": [value - 1, value + 1],
            "better": "lower",
            "passport": {"samples": samples, "code": {}},
        }

    def test_unlike_scores_are_refused(self):
        folders = [self.temporary_folder() / "a", self.temporary_folder() / "b"]
        for folder, samples in zip(folders, (10, 20)):
            folder.mkdir()
            records = [
                self.record("fd", 2.0, samples),
                self.record("kid", 2.0, samples),
                self.record("swd", 3.25, 5),
            ]
            passports.append(folder, records)
        process = run("--compare", *folders)
        self.assertRefused(process, "--compare", "fd, kid: samples 10 and 20")
        self.assertIn("3.25  (2.25 .. 4.25)", process.stdout)
        rows = [line.split()[:1] for line in process.stdout.splitlines()]
        self.assertNotIn(["fd"], rows)
        self.assertIn(["swd"], rows)

    def test_wrong_folders(self):
        folder = self.temporary_folder()
        process = run(f"--compare={folder}", f"--compare={folder}")
        self.assertRefused(process, "--compare must name folders", folder)
        process = run(f"--compare={folder}")
        self.assertRefused(process, "--compare must name two folders")


class FlagsTest(running.TestCase):
    def test_wrong_values(self):
        out = self.temporary_folder() / "out"
        for flag, *texts in (
            ("--metrics=swd,ssim", "--metrics must be one of", "'ssim'"),
            ("--metrics=", "--metrics must be one of", "''"),
            ("--samples=1", "--samples must be from 2", "1"),
            ("--seed=-1", "--seed must be from 0", "-1"),
            ("--truncation=nan", "--truncation must be", "nan"),
            ("--model=", "--model must be given"),
            ("--features=pixels", "--features must not be given with --metrics=swd"),
            ("--compare=a", "--model must not be given with --compare", "nothing"),
            ("--shard=2/8", "--out must not be given with --shard", out),
        ):
            process = run("--model=nothing", f"--out={out}", flag)
            self.assertRefused(process, *texts)
        for shard, text in (("2:8", "K/N, such as 2/8"), ("9/9", "K/N with .*most 8")):
            process = run("--model=nothing", f"--shard={shard}", f"--shards={out}")
            self.assertRefused(process, shard)
            self.assertRegex(process.stderr, f"--shard must be {text}")
        process = run("--model=nothing", f"--shards={out}", f"--out={out}")
        self.assertRefused(process, "--shards must be a folder with the shards", out)
        process = run("--model=nothing", "--shard=2/8")
        self.assertRefused(process, "--shards must be given, with --shard")
        process = run("--model=nothing")
        self.assertRefused(process, "--out must be given")
        self.assertFalse(out.exists())


class JoinedTest(testing.TestCase):
    def test_two_paths_after_compare(self):
        joined = evaluate._joined
        self.assertEqual(
            joined(["e", "--compare", "a", "b,c", "--x"]),
            ["e", "--compare=a", "--compare=b,c", "--x"],
        )
        for argv in (
            ["e", "--out=x"],
            ["e", "--compare", "a"],
            ["e", "--compare=a", "--compare=b"],
        ):
            self.assertEqual(joined(argv), argv)
