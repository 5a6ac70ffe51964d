from unittest import mock

import numpy as np
import pytest
from PIL import Image

from configs import tiny
from inr_keras import config as config_lib
from inr_keras import rendering
from inr_keras.studies import suite_report
from inr_keras.training import networks
from tests import testing


def result(name, title, fd, config):
    return {
        "settings": {"config": config_lib.to_dict(config)},
        "name": name,
        "title": title,
        "seed": 0,
        "kimg": 12.0,
        "train_seconds": 90.0,
        "scores": {"fd": fd, "kid": 0.1, "precision": 0.25, "recall": 0.5},
        "cost": {"seconds": 0.125, "memory_mib": 321.0},
    }


class ExperimentReportTest(testing.TestCase):
    @pytest.mark.slow
    def test_page_and_images(self):
        folder = self.temporary_folder()
        config = tiny.get_config()
        runs = []
        for name in ("patch", "multi_stage"):
            run = folder / name / "run"
            (run / "samples").mkdir(parents=True)
            networks.build_generator(config).save(run / "generator.keras")
            runs.append(run)
        stages = np.zeros((3, 8, 8, 3), "uint8")
        path = runs[1] / "samples" / "stages.png"
        rendering.save_image(path, rendering.sheet(stages))
        patch = config_lib.changed(config, {"method": "patch", "seed": 1})
        results = [
            result("patch", "patch-based", 150.0, patch),
            result("multi_stage", "multi-stage", 100.0, config),
        ]
        facts = {
            "command": "python -m apps.experiment --suite=table1",
            "machine": "2 cores",
            "date": "2026-11-21",
            "minutes": 1.5,
            "samples": 16,
            "features": "mean.keras",
            "missing": [],
        }
        page = folder / "docs" / "table1.md"
        files = suite_report.write("table1", config, results, runs, page, facts)
        text = page.read_text()
        self.assertEqual(files[0], page)
        for path in files[1:]:
            with Image.open(path) as image:
                self.assertEqual(image.format, {".jpg": "JPEG"}.get(path.suffix, "PNG"))
            self.assertIn(f"({path.relative_to(page.parent)})", text)
        names = [path.name for path in files[1:]]
        self.assertEqual(names, ["samples.jpg", "stages.png", "beyond.jpg"])
        row = "| patch-based | 0 | 150.0 | 0.100 | 0.250 | 0.500 | 1.5 | 12 |"
        self.assertIn(row + " 0.125 | 321 |", text)
        self.assertIn("patch-based, seed 0: FD +50%", text)
        self.assertIn(facts["command"], text)
        self.assertNotIn("Not run yet", text)
        self.assertIn("- patch-based: `method` patch instead of multi_stage.", text)
        self.assertIn("- multi-stage: nothing.", text)
        count = len(config.stages)
        rows = "; ".join(f"stage {number + 1}" for number in range(count))
        self.assertIn(f"Rows: {rows}; the same latents", text)

    def test_equal_images_show_no_time(self):
        folder = self.temporary_folder()
        one = result("multi_stage", "multi-stage", 100.0, tiny.get_config())
        wild = {**one, "title": "wild", "failed": "g_loss is nan in step 3."}
        del one["cost"], wild["scores"]
        facts = {
            "command": "",
            "machine": "",
            "date": "",
            "minutes": 0.0,
            "samples": 16,
            "features": "",
            "missing": ["image_seed0", "patch_seed0"],
        }
        page = folder / "page.md"
        config = tiny.get_config()
        with mock.patch.object(suite_report, "_figures", lambda *_: ()):
            files = suite_report.write(
                "table1", config, [wild, one], [None, folder], page, facts
            )
        text = page.read_text()
        self.assertEqual(files, [page])
        self.assertIn("| run | seed | FD | KID | precision | recall | kimg |\n", text)
        row = "| multi-stage | 0 | 100.0 | 0.100 | 0.250 | 0.500 | 12 |\n"
        self.assertIn(row, text)
        self.assertIn("however long that takes", text)
        self.assertIn("- wild, seed 0: g_loss is nan in step 3.\n", text)
        self.assertEqual(text.count("wild"), 1)
        self.assertIn("Not run yet: image_seed0, patch_seed0.\n", text)
