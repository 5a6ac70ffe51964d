import json
import time
import zipfile

import pytest
import tensorflow_datasets as tfds

from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from tests.apps import running
from tests.data import fixtures
from tests.data import messy


def prepare(*arguments):
    return running.run_app("prepare_data", *arguments)


class PrepareDataTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.out = self.folder / "out"

    @pytest.mark.slow
    def test_a_messy_zip_by_two_processes(self):
        images = messy.write(self.folder / "in")
        archive = self.folder / "images.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(images.iterdir()):
                file.write(path, path.name)
        process = prepare(
            f"--source={archive}",
            "--resolution=32",
            "--levels=16,8",
            "--workers=2",
            "--leave_out=duplicate",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        for line in (
            "1  Truncated images (left out), such as cut.jpg",
            "1  Exact duplicates (left out), such as z copy.png",
            "1  other files, such as notes.txt",
        ):
            self.assertIn(line, process.stdout)
        self.assertIn(
            f"{messy.USABLE - 1} images, --config.data.source",
            process.stdout,
        )
        self.assertIn("a second", process.stderr)
        builder = tfds.builder_from_directory(self.out)
        self.assertEqual(builder.info.splits["train"].num_examples, messy.USABLE - 1)
        self.assertIn("image_8", builder.info.features)

    @pytest.mark.slow
    def test_checks_alone(self):
        for name in ("a", "b"):
            fixtures.write_folder(self.folder / "in" / name, 6, size=40)
        source = f"--source={self.folder / 'in'}"
        report = self.folder / "report"
        process = prepare(source, "--check_only", "--workers=1", f"--out={report}")
        self.assertSucceeded(process)
        written = json.loads((report / "report.json").read_text())
        self.assertEqual(written["classes"], {"a": 6, "b": 6})
        # The second folder holds the same images.
        self.assertEqual(written["counts"], {"duplicate": 6})

    @pytest.mark.slow
    def test_killed_and_started_again(self):
        fixtures.write_folder(self.folder / "in", 200, size=64)
        arguments = (
            f"--source={self.folder / 'in'}",
            "--resolution=64",
            "--workers=1",
            "--shard_size=10",
        )
        first = running.Started("prepare_data", (*arguments, f"--out={self.out}"))
        part = self.out / ".preparing" / "findings"
        while not (part / "00003.json").exists():
            self.assertIsNone(first.process.exitcode)
            time.sleep(0.002)
        first.process.kill()
        first.finish()
        self.assertFalse((self.out / "dataset_info.json").exists())
        self.assertGreaterEqual(len(list(part.glob("*.json"))), 4)
        process = prepare(*arguments, f"--out={self.out}")
        self.assertSucceeded(process)
        self.assertIn("Going on after", process.stderr)
        whole = self.folder / "whole"
        preparation.prepare(
            image_inputs.open_input(str(self.folder / "in")),
            whole,
            preparation.Job(form=framing.Form(resolution=64), shard_size=10),
            title="Images of in",
        )
        written, expected = running.files(self.out), running.files(whole)
        self.assertEqual(set(written), set(expected))
        for name in expected:
            self.assertTrue(written[name] == expected[name], name)

    def test_wrong_input(self):
        fixtures.write_folder(self.folder / "in", 1)
        source = f"--source={self.folder / 'in'}"
        out = f"--out={self.out}"
        image = f"--out={self.folder / 'in/0000.png'}"
        missing = self.folder / "missing"
        for arguments, texts in (
            ([out], ["--source"]),
            ([f"--source={missing}", out], ["--source must", missing]),
            ([source, out, "--levels=x"], ["--levels", "'x'"]),
            ([source, out, "--near=99"], ["--near", "99"]),
            ([source, image], ["--out"]),
            ([source, image, "--check_only"], ["--out must be", image[6:]]),
            (["--source=tfds:no_such", out], ["--source must", "no_such"]),
            ([source, out, "--split=test"], ["--split must be given with", "tfds:"]),
            ([source, out, "--quality=80"], ["--quality must be given", "=png"]),
            ([source, out, "--seed=3"], ["--seed must be given", "=center"]),
            ([source, out, "--check_only", "--levels=8"], ["--levels must", "True"]),
            ([source, out, "--check_only", "--license=CC0"], ["--license must"]),
            (
                [source, out, "--check_only", "--leave_out=enlarged"],
                ["--leave_out must not hold enlarged"],
            ),
        ):
            process = prepare(*arguments)
            self.assertRefused(process, *texts)
        self.assertFalse(self.out.exists())
