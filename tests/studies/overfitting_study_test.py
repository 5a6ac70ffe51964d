from unittest import mock

import numpy as np
import pytest

from configs import tiny
from inr_keras.config import Stage
from inr_keras.studies import overfitting_study
from tests import testing


def make_row(training, held_out, generated):
    values = (training, held_out, generated)
    return {k: (v, np.sign(v)) for k, v in zip(overfitting_study.KINDS, values)}


class OverfittingStudyTest(testing.TestCase):
    def test_overfitting_is_a_share(self):
        for held_out, expected in ((2.0, 0.0), (-1.0, 1.0), (0.5, 0.5)):
            row = make_row(2.0, held_out, -1.0)
            self.assertAlmostEqual(overfitting_study.overfitting(row), expected)

    def test_too_few_images_and_labels_are_refused(self):
        config = tiny.get_config()
        config.data.labels = True
        with self.assertRaisesRegex(ValueError, "without labels"):
            overfitting_study.watch(config)

    def test_too_large_batches_are_refused(self):
        config = tiny.get_config()
        for size, most in ((321, 320), (200, 180)):
            config.batch_size = size
            images = np.zeros((400 if size > 320 else 200, 32, 32, 3), "uint8")
            source = mock.Mock(images=images)
            with mock.patch.object(
                overfitting_study.sources, "open_source", lambda *_: source
            ):
                with self.assertRaisesRegex(ValueError, f"at most {most}.*{size}"):
                    overfitting_study.watch(config)

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_a_page_tells_every_stage_and_images_held_out_are_not_seen(self):
        config = tiny.get_config()
        config.stages = (Stage(2, 0.02), Stage(1, 0.02, patch_weight=1.0))
        config.discriminator.position = True
        config.augment = ("color",)
        seen = []
        page = self.temporary_folder() / "overfitting.md"
        facts = {"command": "a command", "machine": "a machine", "date": "today"}
        original = overfitting_study.Watch

        class Watch(original):
            def __init__(self, training, held_out, *args):
                super().__init__(training, held_out, *args)
                seen.extend([training, held_out])

        self.enterContext(mock.patch.object(overfitting_study, "_PATCHES", 8))
        self.enterContext(mock.patch.object(overfitting_study, "_POINTS", 4))
        with mock.patch.object(overfitting_study, "Watch", Watch):
            files = overfitting_study.write(config, page, facts)
        training, held_out = ({i.tobytes() for i in images} for images in seen)
        self.assertFalse(training & held_out)
        self.assertAlmostEqual(len(held_out) * 9, len(seen[0]) // 2, delta=9)
        lines = page.read_text().splitlines()
        rows = [line.split("|") for line in lines if line.startswith("| 0")]
        self.assertEqual({int(row[2]) for row in rows}, {1, 2})
        self.assertTrue(all(-1.0 <= float(r[3]) <= 1.0 for r in rows))
        self.assertTrue(all(path.is_file() for path in files))
