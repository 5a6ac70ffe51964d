import json

import numpy as np
import pytest
from PIL import Image

from tests.apps import running

TINY = "--config=configs/tiny.py"


class SettingsTest(running.TestCase):
    """Wrong settings, all found before TensorFlow is imported."""

    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.workdir = self.folder / "run"

    def train(self, *arguments):
        return running.run_app("train", f"--workdir={self.workdir}", *arguments)

    def assertRefused(self, process, *texts, **kwargs):
        super().assertRefused(process, *texts, **kwargs)
        self.assertEqual(len(process.stderr.splitlines()), 1)
        self.assertFalse(self.workdir.exists())

    def test_dry_run_shows_the_settings_and_writes_nothing(self):
        process = self.train(TINY, "--dry_run", "--config.stages[1].kimg=0.5")
        self.assertSucceeded(process)
        settings = json.loads(process.stdout)
        self.assertEqual(settings["name"], "tiny")
        self.assertEqual(settings["stages"][1]["kimg"], 0.5)
        self.assertEqual(process.stderr, "")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_dry_run_checks_the_settings(self):
        process = self.train(TINY, "--dry_run", "--config.batch_size=0")
        self.assertRefused(process, "config.batch_size must be positive", "0")

    def test_remote_paths_in_settings(self):
        remote = "gs://bucket/set"
        process = self.train(TINY, "--dry_run", f"--config.data.source={remote}")
        self.assertSucceeded(process)
        self.assertEqual(json.loads(process.stdout)["data"]["source"], remote)
        process = self.train(TINY, f"--config.data.cache_dir={remote}")
        self.assertRefused(process, "error: --config.data.cache_dir must be on", remote)

    def test_settings(self):
        for setting, texts in {
            "resolution=36": ["config.resolution", "multiple of patch_size"],
            "patch_size=12": ["config.patch_size", "a power of two", "12"],
            "stages[2].kimg=-1.5": ["config.stages[2].kimg", "-1.5"],
            "seed=4294967296": ["config.seed must be from 0 to 4294967295", "6"],
            "sample_count=9999999": ["--config.sample_count must be at most 10000"],
            "log_kimg=nan": ["--config.log_kimg", "a number", "nan"],
            "stages=many": ["config.stages[0]", "of type Stage", "many"],
            "batch_size=many": ["--config.batch_size=many"],
            "data.reduction=mean": ["config.data.reduction", "box", "'mean'"],
            "generator.architecture=hyper": [
                "config.generator.architecture must be cips",
                "'hyper'",
            ],
            "generator.rank=3": ["--config.FIELD", "--config.generator.rank=3"],
            "nonsense=3": ["--config.FIELD", "--config.nonsense=3"],
            "data.nonsense=3": [
                "no setting there is called nonsense",
                "--config.data.nons",
            ],
            "data.nonsense": ["--config.FIELD", "Received: --config=configs/tiny.py"],
            "stages[7].kimg=1": ["--config.FIELD", "--config.stages[7].kimg=1"],
        }.items():
            with self.subTest(setting):
                process = self.train(TINY, f"--config.{setting}")
                self.assertRefused(process, *texts)

    @pytest.mark.slow
    def test_config_files(self):
        path = self.folder / "settings.py"
        process = self.train(f"--config={path}")
        self.assertRefused(process, "--config must be an existing file", path)
        for content in (
            "def get_config(:",
            "x = 1",
            "def get_config(): return {'batch_size': 3}",
            "def get_config(): return 1 / 0",
            "def get_config(): raise ValueError('a\\nb')",
            "from configs import no_such_config",
            "raise SystemExit('no images')",
        ):
            with self.subTest(content):
                path.write_text(content)
                process = self.train(f"--config={path}")
                self.assertRefused(process, "--config must", path)
        process = self.train(f"--config={path}", "helpless")  # The last one exits.
        self.assertRefused(process, "--config must", path)

    def test_flags(self):
        run = running.run_app
        self.assertRefused(run("train", TINY), "--workdir")
        self.assertRefused(run("train", TINY, "--workdir="), "--workdir")
        self.assertRefused(self.train(), "--config")
        remote = "gs://bucket/run"
        self.assertRefused(
            run("train", TINY, f"--workdir={remote}"), "--workdir", remote
        )
        self.assertRefused(self.train(TINY, "more"), "'more'")
        self.assertRefused(self.train(TINY, "--steps=3"), "'steps'")


@pytest.mark.slow
class WorkdirTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _images(self, images):
        self.arguments = (
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={images}",
        )
        self.folder = self.temporary_folder()

    def train(self, workdir, *arguments, before=""):
        return running.run_app(
            "train",
            *self.arguments,
            f"--workdir={workdir}",
            *arguments,
            before=running.EAGERLY + before,
        )

    def test_a_file_in_its_place(self):
        file = self.folder / "file"
        file.write_text("mine")
        self.assertRefused(self.train(file), "--workdir must be a folder", file)
        self.assertRefused(self.train(file / "run"), file)
        self.assertEqual(running.files(self.folder), {"file": b"mine"})

    def test_run_of_another_configuration(self):
        (self.folder / "config.json").write_text(
            running.run_app("train", *self.arguments, "--workdir=x", "--dry_run").stdout
        )
        before = running.files(self.folder)
        for dry_run in ((), ("--dry_run",)):
            process = self.train(self.folder, "--config.seed=7", *dry_run)
            self.assertRefused(
                process, "--workdir", "config.seed is 0 there", "Received: 7"
            )
            self.assertEqual(running.files(self.folder), before)

    def test_missing_weights(self):
        before = (
            "from inr_keras.evaluation import efficientnet_lite0 as network\n"
            "network._cached = lambda: network.pathlib.Path('/nowhere')\n"
            "network._packaged = lambda: None\n"
        )
        setting = "--config.discriminator.feature_gain=0.2"
        for dry_run in ((), ("--dry_run",)):
            process = self.train(self.folder, setting, *dry_run, before=before)
            self.assertRefused(process, "pip install", "feature_gain")
            self.assertEqual(running.files(self.folder), {})

    def assertStoppedByFullDisk(self, size):
        workdir = self.folder / "run"
        process = self.train(workdir, before=running.full_disk(size))
        self.assertRefused(process, "File too large")
        self.assertEqual(list(workdir.rglob(".*")), [], "Half-written files.")
        self.assertEqual(list(workdir.glob("checkpoints/*")), [])
        self.assertFalse((workdir / "generator.keras").exists())
        return workdir

    def test_disk_full_at_a_sheet_of_samples(self):
        workdir = self.assertStoppedByFullDisk(2_000)
        # The same command goes on once there is room.
        self.assertSucceeded(self.train(workdir))
        self.assertTrue((workdir / "generator.keras").exists())

    def test_disk_full_at_a_checkpoint(self):
        self.assertStoppedByFullDisk(60_000)

    def test_a_run_that_goes_on_without_checkpoints(self):
        workdir = self.folder / "run"
        before = running.full_disk(60_000) + (
            "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        )
        more = ["--config.on_full_disk=go_on", "--config.checkpoint_kimg=0.004"]
        process = self.train(workdir, *more, before=before)
        # The last one is the run's result, without which it has failed.
        self.assertRefused(process, "File too large")
        self.assertIn("Training goes on without this", process.stderr)
        self.assertEqual(list(workdir.glob("checkpoints/*")), [])
        self.assertSucceeded(self.train(workdir, *more))


@pytest.mark.slow
class ImagesTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.images = self.folder / "images"
        self.workdir = self.folder / "run"

    def train(self, source):
        return running.run_app(
            "train",
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={source}",
            f"--workdir={self.workdir}",
            before=running.EAGERLY,
        )

    def save_odd_but_good(self):
        rng = np.random.default_rng(0)
        shape = (30, 50, 3)
        noise = rng.integers(0, 256, shape).astype("uint8")
        image = Image.fromarray(noise)
        image.save(self.images / "plain.PNG")
        image.convert("CMYK").save(self.images / "cmyk.jpg")
        image.convert("L").save(self.images / "grey.png")
        image.convert("LA").save(self.images / "grey_alpha.png")
        image.convert("P").save(self.images / "palette.png")
        image.convert("RGBA").save(self.images / "alpha.webp")
        deep = Image.fromarray(noise[..., 0].astype("uint16") * 257)
        deep.save(self.images / "deep.png")
        exif = Image.Exif()
        exif[274] = 6  # Orientation: turned by a quarter.
        image.save(self.images / "turned.jpg", exif=exif)
        images = [image, image.rotate(180)]
        for name in ("animated.gif", "animated.webp"):
            images[0].save(self.images / name, save_all=True, append_images=images[1:])
        (self.images / "notes.txt").write_text("no image")

    def save_bad(self):
        whole = (self.images / "cmyk.jpg").read_bytes()
        (self.images / "cut.jpg").write_bytes(whole[: len(whole) // 2])
        (self.images / "empty.png").write_bytes(b"")
        (self.images / "noise.png").write_bytes(bytes(range(256)))
        Image.new("RGB", (1, 1)).save(self.images / "point.png")

    def test_odd_images_train_and_bad_ones_are_named(self):
        self.images.mkdir()
        self.save_odd_but_good()
        self.save_bad()
        process = self.train(self.images)
        self.assertSucceeded(process)
        [line] = [line for line in process.stderr.splitlines() if "Skipped" in line]
        self.assertIn("Skipped 4 of 14 images", line)
        for name in ("cut.jpg", "empty.png", "noise.png", "point.png"):
            self.assertIn(f"{name} (", line)
        self.assertTrue((self.workdir / "generator.keras").exists())

    def test_no_image_to_learn_from(self):
        process = self.train(self.images)
        self.assertRefused(process, "config.data.source", self.images)

        self.images.mkdir()
        (self.images / "notes.txt").write_text("no image")
        process = self.train(self.images)
        self.assertRefused(process, "config.data.source", self.images)

        (self.images / "notes.txt").rename(self.images / "a.png")
        process = self.train(self.images)
        self.assertRefused(process, "config.data.source", self.images, "a.png")
        self.assertFalse(self.workdir.exists())

    def test_unknown_data_set(self):
        process = self.train("tfds:no_such_data_set")
        self.assertRefused(process, "config.data.source", "no_such_data_set")
        self.assertFalse(self.workdir.exists())
