import os
from unittest import mock

import numpy as np
import pytest

from inr_keras import CIPSGenerator
from inr_keras import INRGenerator
from inr_keras import StyleGAN2Generator
from inr_keras import load_generator
from inr_keras.models import generator_files
from tests import testing
from tests.rendering.generators import small_generator


class PresetTest(testing.TestCase):
    def test_what_is_saved_is_loaded(self):
        generator = small_generator()
        folder = self.temporary_folder() / "mine"
        generator.save_to_preset(folder)
        for preset in (folder, str(folder), folder / "generator.keras"):
            loaded = INRGenerator.from_preset(preset)
            np.testing.assert_array_equal(loaded.generate(5), generator.generate(5))

    @pytest.mark.slow
    def test_shipped_presets_are_the_exported_models(self):
        for name in ("openmoji", "openmoji128"):
            generator = CIPSGenerator.from_preset(name)
            exported = load_generator(f"saved_models/{name}")
            images = generator.generate(range(4)).astype(int)
            difference = images - exported.generate(range(4))
            self.assertLessEqual(np.abs(difference).max(), 1)
            self.assertTrue(generator.trainable_variables)
            readme = generator_files.PRESETS / name / "README.md"
            self.assertIn("CC BY-SA", readme.read_text(encoding="utf-8"))

    def test_the_average_of_a_run_can_be_trained(self):
        folder = self.temporary_folder()
        generator = small_generator()
        count = len(generator.trainable_variables)
        generator.trainable = False
        generator.save(folder / "generator.keras")
        loaded = CIPSGenerator.from_preset(folder)
        self.assertEqual(len(loaded.trainable_variables), count)

    def test_errors(self):
        folder = self.temporary_folder()
        for preset, rule in (
            (
                "nothing",
                r"`preset` must be a shipped one \(openmoji, openmoji128\).*'nothing'",
            ),
            (folder, "`preset` must be a folder with a generator.keras, which `save_"),
            ("saved_models/openmoji", "with a generator.keras.*saved_models/openmoji"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                CIPSGenerator.from_preset(preset)
        small_generator().save_to_preset(folder)
        with self.assertRaisesRegex(ValueError, "must be.*StyleGAN2Gen.*CIPSGen"):
            StyleGAN2Generator.from_preset(folder)

    def test_pipes_are_not_opened(self):
        path = self.temporary_folder() / "pipe.keras"
        os.mkfifo(path)  # To open it would wait for a writer.
        opened = AssertionError("opened")
        with mock.patch("zipfile.is_zipfile", side_effect=opened):
            with self.assertRaisesRegex(ValueError, "must be a .keras file.*pipe.ker"):
                generator_files.load(path, INRGenerator)
        with mock.patch("zipfile.ZipFile", side_effect=opened):
            self.assertFalse(generator_files.holds(path, "inr_keras>INR"))
