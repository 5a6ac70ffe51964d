import json

import pytest

from inr_keras.evaluation import candidates
from inr_keras.training import checkpoints
from inr_keras.training import experiment
from tests import testing
from tests.rendering.generators import small_generator
from tests.training import small


class CandidatesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.run = self.temporary_folder() / "run"
        self.run.mkdir()
        self.config = small.small_config()
        experiment._write_config(self.config, self.run)

    @pytest.mark.slow
    def test_checkpoints_come_first(self):
        gan = experiment.build_gan(self.config)
        for seen in (4, 8):
            gan.images_seen.assign(seen)
            checkpoints.save(gan, self.run / "checkpoints", keep=3)
        gan.ema_generator.save(self.run / "generator.keras")
        line = {"images_seen": 6, "step": 1, "stage": 1, "seconds": 1.0}
        (self.run / "metrics.jsonl").write_text(json.dumps(line) + "\n")
        found = list(candidates.open_candidates(self.run, True))
        self.assertEqual([c.kimg for c in found], [0.004, 0.008, 0.008])
        self.assertTrue(found[-1].name.endswith("/run"), found[-1].name)
        best = self.run / "best_generator.keras"
        gan.ema_generator.save(best)
        (self.run / "best.json").write_text('{"images_seen": 7}')
        [found] = candidates.open_candidates(best)
        self.assertEqual(found.kimg, 0.007)
        self.assertEqual(candidates.run_config(best), self.config)

    def test_more_than_pictures(self):
        path = self.temporary_folder() / "a.keras"
        small_generator(channels=6).save(path)
        with self.assertRaisesRegex(ValueError, "--model.*Received: 6 chan"):
            next(candidates.open_candidates(path))

    def test_file_outside_a_run(self):
        folder = self.temporary_folder()
        path = folder / "generator.keras"
        small_generator(resolution=8).save(path)
        [found] = candidates.open_candidates(path)
        self.assertEqual((found.generator.resolution, found.kimg), (8, None))
        with self.assertRaisesRegex(ValueError, "--checkpoints must be of"):
            next(candidates.open_candidates(path, True))
        with self.assertRaisesRegex(ValueError, "--data must be given"):
            candidates.open_data("", path, 8)
        with self.assertRaisesRegex(ValueError, "^--data must be.*'nowhere'"):
            candidates.open_data("nowhere", path, 8)
