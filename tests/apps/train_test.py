import json
import os
import re
import shutil
import signal
import time
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.apps import running

pytestmark = pytest.mark.slow

STAGES = 3
IMAGES = 48  # Of the whole schedule of `configs/tiny.py`.


def checkpoints(workdir):
    """Paths by their number of images seen, the newest last."""
    return {
        int(re.search(r"\d+", path.name)[0]): path
        for path in sorted((workdir / "checkpoints").glob("images_*.h5"))
    }


def metrics(workdir):
    lines = (workdir / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def weights(workdir):
    with zipfile.ZipFile(workdir / "generator.keras") as file:
        return file.read("model.weights.h5")


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


class FinishedRunTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _trained(self, trained):
        self.trained = trained
        self.workdir = trained.workdir

    def test_succeeds_and_says_where_everything_is(self):
        self.assertSucceeded(self.trained.process)
        lines = self.trained.process.stdout.splitlines()
        paths = [line.split("  ")[0] for line in lines]
        for path in paths:
            self.assertTrue(os.path.isfile(path), path)
        for name in ("generator.keras", "losses.png", "samples/stages.png"):
            self.assertIn(str(self.workdir / name), paths)

    def test_leaves_what_the_contract_names(self):
        names = {
            *("config.json", "environment.json", "metrics.jsonl", "losses.png"),
            *("generator.keras", "checkpoints", "events", "samples"),
        }
        self.assertEqual({p.name for p in self.workdir.iterdir()}, names)
        hidden = [p for p in self.workdir.rglob(".*")]
        self.assertEqual(hidden, [], "Temporary files are left.")

    def test_settings(self):
        config = json.loads((self.workdir / "config.json").read_text())
        self.assertEqual(config["name"], "tiny")
        self.assertEqual(len(config["stages"]), STAGES)
        self.assertIn("cache", config["data"]["cache_dir"])
        [start] = json.loads((self.workdir / "environment.json").read_text())
        self.assertEqual(start["tensorflow"], tf.__version__)

    def test_metrics(self):
        records = metrics(self.workdir)
        seen = [record["images_seen"] for record in records]
        self.assertEqual(seen, list(range(8, IMAGES + 1, 8)))
        stages = [record["stage"] for record in records]
        self.assertEqual(stages, [1, 1, 2, 2, 3, 3])
        for record in records:
            self.assertEqual(record["step"] * 4, record["images_seen"])
            for name in ("d_loss", "g_loss", "r1", "seconds"):
                self.assertTrue(np.isfinite(record[name]))
            self.assertEqual("patch" in record, record["stage"] > 1)

    def test_events_hold_the_metrics(self):
        [path] = (self.workdir / "events").iterdir()
        found = {}
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                number = float(tf.make_ndarray(value.tensor))
                found[event.step, value.tag] = number
        for record in metrics(self.workdir):
            for name in ("d_loss", "g_loss"):
                number = found[record["images_seen"], name]
                self.assertAllClose(number, record[name])

    def test_checkpoints(self):
        self.assertEqual(list(checkpoints(self.workdir)), [16, 32, 48])

    def test_images(self):
        sizes = {}
        for path in (self.workdir / "samples").iterdir():
            with Image.open(path) as image:
                sizes[path.name] = image.size
        # 6 samples in 3 columns; what is small is shown twice as large.
        sheet = (3 * 64, 2 * 64)
        self.assertEqual(sizes.pop("final_32.png"), sheet)
        self.assertEqual(sizes.pop("final_128.png"), (3 * 128, 2 * 128))
        self.assertEqual(sizes.pop("beyond_border.png"), (128, 128))
        self.assertEqual(sizes.pop("stages.png"), (3 * 64, STAGES * 64))
        for stage in range(STAGES):
            self.assertEqual(sizes.pop(f"stage_{stage + 1}.png"), sheet)
        self.assertIn("kimg_000000.0.png", sizes)
        self.assertEqual(set(sizes.values()), {sheet})

    def test_same_command_again_changes_nothing(self):
        workdir = self.temporary_folder() / "run"
        shutil.copytree(self.workdir, workdir)
        process = running.run_app(
            "train", *self.trained.arguments, f"--workdir={workdir}"
        )
        self.assertSucceeded(process)
        self.assertIn(f"The run in {workdir} is complete", process.stderr)
        before, after = running.files(self.workdir), running.files(workdir)
        # The file's date of writing is the only difference.
        before.pop("generator.keras")
        after.pop("generator.keras")
        self.assertEqual(list(after), list(before))
        for name, content in after.items():
            self.assertEqual(content, before[name], name)
        self.assertEqual(weights(workdir), weights(self.workdir))


class InterruptedRunTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _images(self, images):
        self.workdir = self.temporary_folder() / "run"
        self.arguments = (
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={images}",
            "--config.stages[0].kimg=0.8",
            "--config.log_kimg=0.02",
            "--config.checkpoint_kimg=0.2",
            f"--workdir={self.workdir}",
        )

    def interrupt(self, number=signal.SIGINT):
        """Sends a signal between the first checkpoint and the second."""
        path = self.workdir / "metrics.jsonl"
        run = running.Started("train", self.arguments)
        while run.process.exitcode is None:
            if path.exists() and path.read_text().count("\n") >= 12:
                break
            time.sleep(0.01)
        os.kill(run.process.pid, number)
        return run.finish(timeout=100)

    def test_a_machine_that_asks_for_an_end_gets_it(self):
        process = self.interrupt(signal.SIGTERM)
        self.assertRefused(process, "terminated", code=143)
        newest = list(checkpoints(self.workdir).values())[-1]
        self.assertIn(f"goes on from {newest}", process.stderr)

    def test_goes_on_where_it_stopped(self):
        process = self.interrupt()
        self.assertRefused(process, "interrupted", code=130)
        seen, newest = list(checkpoints(self.workdir).items())[-1]
        self.assertIn(f"goes on from {newest}", process.stderr)
        self.assertTrue(240 <= seen < 800, seen)
        self.assertLessEqual(metrics(self.workdir)[-1]["images_seen"], seen)

        # A newer one that a power cut, say, has damaged, is passed over.
        damaged = newest.with_name(f"images_{seen + 4:010d}.weights.h5")
        shutil.copy(newest, damaged)
        shutil.copy(f"{newest}.sha256", f"{damaged}.sha256")
        cut(damaged)
        process = running.run_app("train", *self.arguments)
        self.assertSucceeded(process)
        self.assertRegex(
            process.stderr, f"warning: Checkpoint {damaged} cannot be read"
        )
        self.assertIn(f"Going on from {newest} ({seen} images seen)", process.stderr)
        self.assertEqual(list(checkpoints(self.workdir)), [400, 600, 800])
        records = metrics(self.workdir)
        images = [record["images_seen"] for record in records]
        self.assertEqual(images, list(range(20, 801, 20)))
        for record in records:
            self.assertEqual(record["step"] * 4, record["images_seen"])

        # And where none can be read, nothing is trained over them.
        for path in checkpoints(self.workdir).values():
            cut(path)
        before = running.files(self.workdir)
        process = running.run_app("train", *self.arguments)
        folder = self.workdir / "checkpoints"
        self.assertRefused(process, f"No checkpoint in {folder} can be read")
        self.assertEqual(running.files(self.workdir), before)
