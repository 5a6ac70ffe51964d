import dataclasses
import shutil
from unittest import mock

from PIL import Image

from inr_keras.data import sources
from inr_keras.runs import config_file
from inr_keras.runs import environment
from inr_keras.training import run_identity
from tests import testing
from tests.training import small


class RunIdentityTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.workdir = self.folder / "run"
        self.images = self.folder / "a"
        self.images.mkdir()
        for i, image in enumerate(small.random_images(3, 40)):
            Image.fromarray(image).save(self.images / f"{i}.png")
        self.begin(self.config(self.images))

    def config(self, source, **changes):
        config = small.small_config()
        config.data = dataclasses.replace(
            config.data, source=str(source), groups=(), **changes
        )
        return config

    def check(self, config):
        run_identity.check_settings(config, self.workdir)
        source = sources.open_source(config.data, config.resolution)
        return run_identity.check_images(config, self.workdir, source)

    def begin(self, config):
        environment.record(self.workdir, images=self.check(config))
        config_file.write_config(config, self.workdir)

    def test_images_that_moved(self):
        facts = self.check(self.config(self.images, cache_mib=1, cache_dir="x"))
        self.assertEqual(facts["count"], 3)
        self.assertEqual(self.check(self.config(f"{self.images}/")), facts)
        other = self.folder / "b"
        self.images.rename(other)
        self.assertEqual(self.check(self.config(other)), facts)

    def test_images_that_change_their_class(self):
        classes = self.folder / "classes.json"
        classes.write_text('{"a": ["0.png"], "b": ["1.png", "2.png"]}')
        settings = {"labels": True, "class_file": str(classes)}
        config = self.config(self.images, **settings)
        self.workdir = self.folder / "other"
        self.begin(config)
        facts = self.check(config)
        moved = {**settings, "class_file": str(self.folder / "moved.json")}
        shutil.copy(classes, moved["class_file"])
        self.assertEqual(self.check(self.config(self.images, **moved)), facts)
        classes.write_text('{"a": ["0.png", "1.png"], "b": ["2.png"]}')
        rule = "`workdir` holds .* other classes of images: config.data.class_file has"
        with self.assertRaisesRegex(ValueError, rule):
            self.check(config)

    def test_the_order_of_the_images(self):
        def check(cache_mib):
            self.check(self.config(self.images, cache_mib=cache_mib))

        for cache_mib in (2048, 0, 1):  # A folder has one order.
            check(cache_mib)
        with mock.patch.object(sources.FolderSource, "streams_as_kept", False):
            check(1)  # Three images of 32x32 are kept, as with 2048 MiB.
            rule = "config.data.cache_mib is 2048 there. Received: 0, with which images"
            with self.assertRaisesRegex(ValueError, rule):
                check(0)

    def test_other_images(self):
        other = self.folder / "b"
        shutil.copytree(self.images, other)
        (other / "2.png").unlink()
        rule = "config.data.source is '.*a' there.*'.*b', which holds other images"
        with self.assertRaisesRegex(ValueError, rule):
            self.check(self.config(other))
        shutil.copy(other / "1.png", other / "2.png")  # As many, of other sizes.
        with self.assertRaisesRegex(ValueError, rule):
            self.check(self.config(other))
        (self.images / "2.png").unlink()
        with self.assertLogs("absl", "WARNING") as logs:
            self.check(self.config(self.images))
        self.assertIn("at the last start of the run: 2, it was 3", logs.output[0])

    def test_runs_of_earlier_versions(self):
        (self.workdir / "environment.json").unlink()
        self.check(self.config(self.images))
        shutil.copytree(self.images, self.folder / "b")
        rule = "config.data.source is '.*a' there. Received: '.*b'. Take another"
        with self.assertRaisesRegex(ValueError, rule):
            self.check(self.config(self.folder / "b"))

    def test_lost_settings(self):
        (self.workdir / "config.json").unlink()
        self.check(self.config(self.images))
        folder = self.workdir / "checkpoints"
        folder.mkdir()
        (folder / "images_0000000004.weights.h5").write_bytes(b"")
        with self.assertLogs("absl", "WARNING") as logs:
            self.check(self.config(self.images))
        self.assertIn("has checkpoints and no config.json", logs.output[0])
