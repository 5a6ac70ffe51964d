import os
from unittest import mock

import pytest
from PIL import Image

from inr_keras.evaluation import passports
from inr_keras.evaluation import samples
from inr_keras.studies import scoring
from tests import testing
from tests.evaluation import small_sets
from tests.rendering.generators import small_generator


class JudgingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.model = self.folder / "generator.keras"
        small_generator(resolution=16, embedding_size=16).save(self.model)
        self.data = self.folder / "images"
        self.data.mkdir()
        for i, image in enumerate(small_sets.drawings(12, 0)):
            Image.fromarray(image).save(self.data / f"{i}.png")
        self.out = self.folder / "out"
        cache = {"INR_KERAS_CACHE": str(self.folder / "cache")}
        patch = mock.patch.dict(os.environ, cache)
        patch.start()
        self.addCleanup(patch.stop)
        self.told = []

    def request(self, **changes):
        return scoring.Request(
            **{
                "model": str(self.model),
                "data": str(self.data),
                "features": "pixels",
                "samples": 10,
                "bootstrap": 3,
                **changes,
            }
        )

    def judge(self, **changes):
        request = self.request(**changes)
        return list(scoring.judge(request, self.out, self.told.append))

    @pytest.mark.slow
    def test_chosen_metrics(self):
        [(title, records)] = self.judge(metrics=("pr", "seam", "dfid"))
        self.assertIn("against 12 images of", title)
        names = [record["metric"] for record in records]
        self.assertEqual(names, ["dfd", "precision", "recall", "seam"])
        self.assertEqual(passports.read(self.out), records)
        self.assertEqual(records[0]["passport"]["samples"], 10)
        self.assertEqual(records[3]["passport"]["patch_size"], 4)
        found = {path.name for path in self.out.iterdir()}
        self.assertEqual(found, {"scores.jsonl", "report.md", "samples.png"})
        features = list((self.folder / "cache" / "features").iterdir())
        self.assertEqual(len(features), 1)
        self.judge(metrics=("scale",), features="nothing")
        self.assertEqual(len(passports.read(self.out)), 5)

    def test_numbers_of_a_table(self):
        for name in ("fd", "fid"):
            values = {name: 3.0, "kid": 0.1, "precision": 0.5, "recall": 0.25}
            passport = {"real_images": 12, "samples": 10}
            records = [
                {"metric": metric, "value": value, "passport": passport}
                for metric, value in values.items()
            ]
            found = scoring.table_values(records)
            values["fd"] = values.pop(name)
            self.assertEqual(found, {**values, "real_count": 12, "fake_count": 10})

    @pytest.mark.slow
    def test_all_that_can_be_had(self):
        [(_, records)] = self.judge(metrics=("all",))
        left_out = [line for line in self.told if "Left out" in line]
        # No logits; a quarter of 16 pixels; patches of 4.
        self.assertEqual(len(left_out), 3, left_out)
        names = {record["metric"] for record in records}
        self.assertTrue({"swd", "fd", "ppl", "diversity"} <= names)
        self.assertTrue((self.out / "nearest.png").is_file())
        self.told.clear()
        [(_, records)] = self.judge(metrics=("all",), samples=2, reals=1)
        lines = [line for line in self.told if "real images" in line[20:]]
        names = [line.split(": with ")[1].split(",")[0] for line in lines]
        expected = "fid dfid kid pr dc fid_half nearest diversity pattern"
        self.assertEqual(names, expected.split())

    @pytest.mark.slow
    def test_shards_equal_one_process(self):
        folder = str(self.folder / "shards")
        settings = {"metrics": ("fid", "seam"), "samples": 300, "bootstrap": 0}
        [(_, expected)] = self.judge(**settings)
        settings["shards"] = folder
        request = self.request(**settings)
        with self.assertRaisesRegex(ValueError, "`shards` must be a folder with.*none"):
            self.judge(**settings)
        path, is_new = scoring.draw_shard(request, 2, 2)
        self.assertTrue(is_new)
        with self.assertRaisesRegex(ValueError, "hold 2 shards; missing: 1. Rec"):
            self.judge(**settings)
        scoring.draw_shard(request, 1, 2)
        # Of moments alone, and not drawn again.
        names = {file.name for file in path.iterdir()}
        self.assertEqual(names, {"measurements.npz", "facts.json"})
        with mock.patch.object(samples.Samples, "batches", side_effect=AssertionError):
            self.assertEqual(scoring.draw_shard(request, 2, 2), (path, False))
            [(_, found)] = self.judge(**settings)
        for a, b in zip(expected, found, strict=True):
            self.assertAllClose(a.pop("value"), b.pop("value"), 1e-9)
            for record in (a, b):
                record.pop("mean_term", None)
            self.assertEqual(a, b)

        small_generator(resolution=16, embedding_size=16, width=9).save(self.model)
        with self.assertRaisesRegex(ValueError, "shard_1_of_2 of model"):
            self.judge(**settings)
        request = self.request(**{**settings, "seed": 3, "truncation": 0.5})
        with self.assertRaisesRegex(ValueError, "seed 10000 and not 3; trunc.*not 0.5"):
            scoring.draw_shard(request, 1, 2)
        with self.assertRaisesRegex(ValueError, "without `checkpoints`"):
            self.judge(**settings, checkpoints=True)

    @pytest.mark.slow
    def test_refused_before_the_work(self):
        for changes, text in (
            ({"metrics": ("is",)}, "`metrics`: with is, .* must have"),
            ({"metrics": ("patch_fid",), "patch_size": 20}, "`patch_size`"),
            ({"metrics": ("pr",), "samples": 5}, "`metrics`: with pr, .* 6.* 5 s"),
            ({"metrics": ("pr",), "reals": 5}, "`metrics`: with pr, .* 6.* 5 real"),
            ({"metrics": ("swd", "kid"), "samples": 400}, "kid, .* 16 images"),
            ({"data": ""}, "`data` must be given"),
            ({"model": "nothing"}, "`model` must exist"),
            ({"metrics": ("pr",), "features": "x"}, "`features` must be"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.judge(**changes)
        self.assertFalse(self.out.exists())
        self.out.mkdir()
        (self.out / "scores.jsonl").write_text("none")
        with self.assertRaisesRegex(ValueError, "`out` must name folders that"):
            self.judge()
        self.assertEqual((self.out / "scores.jsonl").read_text(), "none")
