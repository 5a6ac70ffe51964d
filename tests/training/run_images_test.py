import json
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from inr_keras.training import run_images
from tests import testing
from tests.training import small


class StagesTest(testing.TestCase):
    def test_sheets_of_another_number_of_samples_are_left_out(self):
        folder = self.temporary_folder()
        paths = [folder / f"stage_{i}.png" for i in range(3)]
        for path, columns in zip(paths, (4, 3, 3)):
            Image.fromarray(np.full((16, 8 * columns, 3), 9, "uint8")).save(path)
        run_images._side_by_side(paths, folder / "stages.png", count=6, classes=0)
        self.assertEqual(Image.open(folder / "stages.png").size, (24, 16))


class RunImagesTest(testing.TestCase):
    @pytest.mark.slow
    def test_all_images_of_a_run(self):
        folder = self.temporary_folder()
        config = small.small_config()
        gan = small.small_gan()
        draw = run_images.RunImages(gan, config, folder)
        draw.samples(0)
        for index in range(3):
            draw.stage(index)
        records = [
            {"images_seen": 8 * i, "stage": 1 + i // 2, "d_loss": 1.0 + i}
            for i in range(4)
        ]
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / "metrics.jsonl").write_text(lines)
        results = draw.final()
        sizes = {}
        for path, meaning in results:
            self.assertTrue(meaning)
            sizes[path.name] = Image.open(path).size
        # Six images of 32 in three columns, doubled to be looked at.
        self.assertEqual(sizes["final_32.png"], (3 * 64, 2 * 64))
        self.assertEqual(sizes["final_128.png"], (3 * 128, 2 * 128))
        self.assertEqual(sizes["beyond_border.png"], (128, 128))
        self.assertEqual(sizes["stages.png"], (3 * 64, 3 * 64))
        self.assertIn("losses.png", sizes)

    @pytest.mark.slow
    def test_a_sheet_of_large_images_shows_few(self):
        draw = run_images.RunImages(
            small.small_gan(), small.small_config(), self.temporary_folder()
        )
        with mock.patch.object(run_images, "_MOST_PIXELS", 2 * 128**2):
            meanings = {path.name: meaning for path, meaning in draw.final()}
        self.assertIn("the first 2 of", meanings["final_128.png"])
        with Image.open(draw.folder / "final_128.png") as sheet:
            self.assertEqual(sheet.size, (2 * 128, 128))

    def test_a_stage_is_drawn_at_its_own_density(self):
        folder = self.temporary_folder()
        draw = run_images.RunImages(small.small_gan(), small.small_config(), folder)
        sheet = np.array(Image.open(draw.stage(0)))
        cells = sheet[:64, :64].reshape(8, 8, 8, 8, 3)
        np.testing.assert_array_equal(cells, cells[:, :1, :, :1] + 0 * cells)

    def test_samples_have_the_shapes_of_real_images(self):
        folder = self.temporary_folder()
        extents = np.array([[32, 32], [8, 32], [32, 16], [32, 32]])
        draw = run_images.RunImages(
            small.small_gan(), small.small_config(), folder, extents
        )
        sheet = np.array(Image.open(draw.stage(0)))  # Three columns of 64.
        white = np.all(sheet == 255, axis=-1)
        for i, (rows, columns) in enumerate(np.resize(extents, (6, 2))):
            y, x = i // 3 * 64, i % 3 * 64
            cell = white[y : y + 64, x : x + 64]
            inner = cell[32 - rows : 32 + rows, 32 - columns : 32 + columns]
            self.assertFalse(inner.all())
            self.assertEqual(cell.sum() - inner.sum(), 64**2 - inner.size)
