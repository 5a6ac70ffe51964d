import pathlib
import tempfile

import numpy as np
import pytest

from configs import inr_gan_openmoji
from inr_keras.training import build
from inr_keras.training import initial_generator
from inr_keras.training import networks
from tests import testing
from tests.training import small


class BeginWithTest(testing.TestCase):
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
            initial_generator.begin_with(gan, self.path)
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
            initial_generator.begin_with(gan, path)

    def test_settings_without_weights_are_warned_of(self):
        with self.assertLogs("absl", "WARNING") as logs:
            gan = small.small_gan(alignment="corner")
            initial_generator.begin_with(gan, self.path)
        self.assertIn("alignment corner; the generator of", logs.output[-1])
        self.assertIn("has center", logs.output[-1])

    @pytest.mark.slow
    def test_other_weights_are_named(self):
        def message(**changes):
            config = small.small_config()
            for name, value in changes.items():
                setattr(config.generator, name, value)
            gan = build.build_gan(config)
            with self.assertRaises(ValueError) as caught:
                initial_generator.begin_with(gan, self.path)
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
            initial_generator.begin_with(gan, self.path.with_name("no.keras"))

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
            names = initial_generator.weight_shapes(generator)
            self.assertEqual(len(names), len(generator.weights))
