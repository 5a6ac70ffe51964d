import dataclasses
import pathlib
import tempfile

import numpy as np
import pytest

from configs import inr_gan_openmoji
from inr_keras.config import Data
from inr_keras.runs import config_file
from inr_keras.training import build
from inr_keras.training import checkpoints
from inr_keras.training import initial_networks
from inr_keras.training import networks
from tests import testing
from tests.training import small


def _with_classes(*names):
    return Data(labels=True, groups=names)


class CopyGeneratorTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = pathlib.Path(folder.name) / "g.keras"
        cls.trained = small.small_gan(seed=5)
        cls.trained.generator.save(cls.path)

    @pytest.mark.slow
    def test_generator_and_average_are_those_of_the_file(self):
        gan = small.small_gan()
        discriminator = small.values(gan.discriminator.weights)
        expected = small.values(self.trained.generator.weights)
        before = small.values(gan.generator.weights)
        moved = [np.any(a != b) for a, b in zip(before, expected)]
        self.assertTrue(any(moved))
        with self.assertNoLogs("absl", "WARNING"):
            initial_networks.copy_generator(gan, self.path)
        for network in (gan.generator, gan.ema_generator):
            for a, b in zip(network.weights, expected, strict=True):
                self.assertAllEqual(a, b)
        for a, b in zip(gan.discriminator.weights, discriminator, strict=True):
            self.assertAllEqual(a, b)

    def test_the_averaged_generator_of_a_run(self):
        path = self.temporary_folder() / "average.keras"
        self.trained.settled_average().save(path)
        gan = small.small_gan()
        with self.assertNoLogs("absl", "WARNING"):
            initial_networks.copy_generator(gan, path)

    def test_settings_without_weights_are_warned_of(self):
        with self.assertLogs("absl", "WARNING") as logs:
            gan = small.small_gan(alignment="corner")
            initial_networks.copy_generator(gan, self.path)
        self.assertIn("alignment corner; the generator of", logs.output[-1])
        self.assertIn("has center", logs.output[-1])

    def test_other_names_of_classes_are_warned_of(self):
        path = self.temporary_folder() / "classes.keras"
        small.small_gan(data=_with_classes("faces", "people")).generator.save(path)
        gan = small.small_gan(data=_with_classes("animals", "flags"))
        with self.assertLogs("absl", "WARNING") as logs:
            initial_networks.copy_generator(gan, path)
        [warning] = logs.output
        self.assertIn("class_names ('animals', 'flags'); the generator of", warning)
        self.assertIn("has ('faces', 'people')", warning)

    @pytest.mark.slow
    def test_other_weights_are_named(self):
        def message(**changes):
            config = small.small_config()
            for name, value in changes.items():
                setattr(config.generator, name, value)
            gan = build.build_gan(config)
            with self.assertRaises(ValueError) as caught:
                initial_networks.copy_generator(gan, self.path)
            text = str(caught.exception)
            self.assertNotIn("\n", text)
            self.assertIn("`path` must have", text)
            return text

        text = message(width=12)
        self.assertRegex(text, r"wrongly shaped: .* is \(.*8\), not \(.*12\)")
        self.assertIn("more", text)
        self.assertRegex(message(blocks=2), "; missing: block_1_a/")
        self.assertRegex(message(embedding_channels=0), "; extra: embedding/")

    def test_no_such_file(self):
        gan = small.small_gan()
        with self.assertRaisesRegex(ValueError, "`path` must exist"):
            initial_networks.copy_generator(gan, self.path.with_name("no.keras"))

    def test_names_tell_all_weights_apart(self):
        inr_gan = small.small_config()
        inr_gan.generator = inr_gan_openmoji.get_config().generator
        inr_gan.generator.embedding_levels = ()
        video = small.small_config()
        video.data.video_length = 2
        for config in (
            inr_gan,
            video,
            small.small_config(),
            small.hyper_config(),
        ):
            generator = networks.build_generator(config)
            names = initial_networks.weight_shapes(generator)
            self.assertEqual(len(names), len(generator.weights))
        config = small.small_config()
        config.discriminator.feature_gain = 0.2
        discriminator = networks.build_discriminator(config)
        names = initial_networks.weight_shapes(discriminator)
        self.assertEqual(len(names), len(discriminator.weights))


class CopyDiscriminatorTest(testing.TestCase):
    def run_directory(self, **changes):
        """Writes the settings and a checkpoint of a run; returns its GAN and folder."""
        folder = self.temporary_folder()
        config = small.small_config(seed=5, **changes)
        gan = build.build_gan(config)
        config_file.write_config(config, folder)
        (folder / "checkpoints").mkdir()
        checkpoints.save(gan, folder / "checkpoints", 1)
        return gan, folder

    @pytest.mark.slow
    def test_the_discriminator_alone_is_that_of_the_run(self):
        discriminator = small.small_config().discriminator
        for gain in (0.0, 0.2):
            changed = dataclasses.replace(discriminator, feature_gain=gain)
            with self.subTest(feature_gain=gain):
                self.check_copy(discriminator=changed)

    def check_copy(self, **changes):
        trained, folder = self.run_directory(**changes)
        gan = small.small_gan(**changes)
        generator = small.values(gan.generator.weights)
        initial_networks.copy_discriminator(gan, folder)
        pairs = zip(
            gan.discriminator.weights, trained.discriminator.weights, strict=True
        )
        for a, b in pairs:
            self.assertAllEqual(a, b)
        for a, b in zip(gan.generator.weights, generator, strict=True):
            self.assertAllEqual(a, b)

    @pytest.mark.slow
    def test_another_discriminator_is_refused(self):
        _, folder = self.run_directory()
        config = small.small_config()
        config.discriminator.channels = tuple(
            2 * width for width in config.discriminator.channels
        )
        message = r"weights that follow from config.patch_size.* wrongly shaped"
        with self.assertRaisesRegex(ValueError, message):
            initial_networks.copy_discriminator(build.build_gan(config), folder)

    def test_a_folder_without_checkpoints(self):
        message = "`path` must be a run directory with a config.json and checkpoints"
        with self.assertRaisesRegex(ValueError, message):
            initial_networks.copy_discriminator(None, self.temporary_folder())

    def test_files_that_cannot_be_read(self):
        _, folder = self.run_directory()
        [checkpoint] = checkpoints.paths(folder / "checkpoints")
        for path, contents, message in (
            (checkpoint, b"", "`path` must have a checkpoint that can be read"),
            (folder / "config.json", b"", "`path` must have a config.json that can be"),
        ):
            path.write_bytes(contents)
            with self.assertRaisesRegex(ValueError, message):
                initial_networks.copy_discriminator(None, folder)
