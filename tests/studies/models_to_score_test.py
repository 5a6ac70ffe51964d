import json
import pathlib

import pytest

from inr_keras import runs
from inr_keras.data import classes
from inr_keras.runs import config_file
from inr_keras.runs import saved_generators
from inr_keras.studies import models_to_score
from inr_keras.training import build
from inr_keras.training import checkpoints
from tests import testing
from tests.rendering.generators import small_generator
from tests.training import small


class CandidatesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.run = self.temporary_folder() / "run"
        self.run.mkdir()
        self.config = small.small_config()
        config_file.write_config(self.config, self.run)

    def save_checkpoints(self):
        """Saves two checkpoints of a GAN, and returns it."""
        gan = build.build_gan(self.config)
        for seen in (4, 8):
            gan.images_seen.assign(seen)
            checkpoints.save(gan, self.run / "checkpoints", keep=3)
        return gan

    @pytest.mark.slow
    def test_checkpoints_come_first(self):
        gan = self.save_checkpoints()
        gan.ema_generator.save(self.run / "generator.keras")
        line = {"images_seen": 6, "step": 1, "stage": 1, "seconds": 1.0}
        (self.run / "metrics.jsonl").write_text(json.dumps(line) + "\n")
        found = list(models_to_score.open_candidates(self.run, True))
        self.assertEqual([c.kimg for c in found], [0.004, 0.008, 0.008])
        self.assertTrue(found[-1].name.endswith("/run"), found[-1].name)
        best = self.run / "best_generator.keras"
        gan.ema_generator.save(best)
        (self.run / "best.json").write_text('{"images_seen": 7}')
        [found] = models_to_score.open_candidates(best)
        self.assertEqual(found.kimg, 0.007)
        self.assertEqual(
            models_to_score.known_settings(best),
            (self.config.data, self.config.patch_size),
        )

    @pytest.mark.slow
    def test_all_are_opened_before_the_first_is_scored(self):
        gan = self.save_checkpoints()
        candidates = models_to_score.open_candidates(self.run, True)
        with self.assertRaisesRegex(ValueError, "generator.keras"):
            next(candidates)
        gan.ema_generator.save(self.run / "generator.keras")
        *_, newest = checkpoints.paths(self.run / "checkpoints")
        newest.write_bytes(newest.read_bytes()[:-9])
        candidates = models_to_score.open_candidates(self.run, True)
        with self.assertRaisesRegex(ValueError, "`checkpoints` must be whole"):
            next(candidates)

    def test_more_than_images(self):
        path = self.temporary_folder() / "a.keras"
        small_generator(channels=6).save(path)
        with self.assertRaisesRegex(ValueError, "`model`.*Received: 6 chan"):
            next(models_to_score.open_candidates(path))

    def test_file_outside_a_run(self):
        folder = self.temporary_folder()
        path = folder / "generator.keras"
        small_generator(resolution=8).save(path)
        [found] = models_to_score.open_candidates(path)
        self.assertEqual((found.generator.resolution, found.kimg), (8, None))
        with self.assertRaisesRegex(ValueError, "`checkpoints` must be of"):
            next(models_to_score.open_candidates(path, True))
        with self.assertRaisesRegex(ValueError, "`data` must be given"):
            models_to_score.open_data("", path, 8)
        with self.assertRaisesRegex(ValueError, "^`data` must be.*'nowhere'"):
            models_to_score.open_data("nowhere", path, 8)

    def test_exported_models_name_their_images(self):
        model = self.temporary_folder() / "model"
        files = [model / version / saved_generators.METADATA for version in ("1", "2")]
        data = {"source": "openmoji", "groups": ["faces", "people", "animals"]}
        for file, images in zip(files, ({}, data)):
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps({"data": images, "patch_size": 4}))
        for path in (model, model / "2"):
            settings, patch_size = models_to_score.known_settings(path)
            self.assertEqual(settings.groups, ("faces", "people", "animals"))
            self.assertEqual(patch_size, 4)
            source = models_to_score.open_data("", path, 8)
            self.assertEqual(source.count, 654)
        self.assertEqual(models_to_score.known_settings(model / "1"), (None, 4))
        with self.assertRaisesRegex(ValueError, "`data` must be given"):
            models_to_score.open_data("", model / "1", 8)

    def test_metadata_of_others(self):
        file = self.temporary_folder() / saved_generators.METADATA
        model = file.parents[1]
        file.parent.mkdir()
        for metadata, patch_size in (
            ({}, 0),  # Of an earlier version.
            ({"data": {"source": "tfds:community:words"}}, 0),
            ({"data": {"source": "/home/me/photos"}, "patch_size": 4}, 4),
            ({"data": {"class_file": "/home/me/a.json"}, "patch_size": 4}, 4),
            ({"data": {"kind": "panorama"}}, 0),
            ({"data": {"later": 1}, "patch_size": 4}, 0),
            ({"data": "openmoji"}, 0),
        ):
            with self.subTest(metadata):
                file.write_text(json.dumps(metadata))
                found = models_to_score.known_settings(model)
                self.assertEqual(found, (None, patch_size))
        file.write_text(json.dumps({"data": {"cache_dir": "/home/me"}}))
        self.assertEqual(models_to_score.known_settings(model)[0].cache_dir, "")

    def test_shipped_models_name_their_images(self):
        for name, groups in (("openmoji", 3), ("openmoji128", 6)):
            path = pathlib.Path(__file__).parents[2] / "saved_models" / name
            data, patch_size = models_to_score.known_settings(path)
            self.assertEqual((len(data.groups), patch_size), (groups, 32))
            self.assertTrue(data.labels)
            generator = runs.load_generator(path)
            self.assertEqual(classes.class_names(data), generator.class_names)
