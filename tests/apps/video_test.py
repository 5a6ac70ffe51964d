"""Videos from the command line."""

import pytest
from PIL import Image

from inr_keras.models import VideoGenerator
from tests.apps import running
from tests.rendering.generators import small_generator


@pytest.mark.slow
class VideoTest(running.TestCase):
    def test_a_sheet_that_moves(self):
        folder = self.temporary_folder()
        volume = small_generator(coord_dim=3, embedding_size=4, resolution=16)
        VideoGenerator(volume, 5).save(folder / "generator.keras")
        for name, good in (("a.gif", True), ("a.png", False)):
            process = running.run_app(
                "generate",
                f"--model={folder / 'generator.keras'}",
                "--seeds=0-3",
                f"--out={folder / name}",
            )
            if good:
                self.assertSucceeded(process)
                with Image.open(folder / name) as image:
                    self.assertEqual(image.n_frames, 5)
                    self.assertEqual(image.size, (32, 32))
            else:
                self.assertRefused(process, "--out must end in .mp4, .webp, .gif")
                self.assertFalse((folder / name).exists())
