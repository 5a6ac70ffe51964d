import dataclasses
import json
import math

import tensorflow as tf

import inr_keras
from inr_keras.evaluation import passports
from tests import testing


class PassportsTest(testing.TestCase):
    def record(self, value=1.5, **passport):
        score = passports.score("fd", value, "lower", [1.0, 2.0], blocks=3)
        facts = {
            "samples": 10,
            "seed": 0,
            "data_sha256": "a" * 64,
            "code": {"inr_keras": "1", "git_commit": "x"},
        }
        score = dataclasses.replace(score, passport={**facts, **passport})
        return passports.record(score, model="m", kimg=2.0)

    def test_records_come_back(self):
        folder = self.temporary_folder()
        passports.append(folder, [self.record()])
        passports.append(folder, [self.record(2.5), self.record(math.nan)])
        found = passports.read(folder)
        self.assertEqual(found[0], self.record())
        self.assertEqual([r["value"] for r in found], [1.5, 2.5, None])
        self.assertEqual(passports.read(folder / passports.FILE), found)
        self.assertEqual(passports.latest(found)["fd"], found[2])
        self.assertEqual(found[0]["blocks"], 3)

    def test_what_is_no_number_is_valid_json(self):
        folder = self.temporary_folder()
        passports.append(folder, [self.record(math.nan)])
        text = (folder / passports.FILE).read_text()
        self.assertNotIn("NaN", text)
        self.assertIn('"interval": null', text)

    def test_intervals_of_shares_end_at_all_and_nothing(self):
        drawn = [0.8, 1.0, 0.9]
        self.assertGreater(passports.score("fd", 0.95, "", drawn).interval[1], 1)
        found = passports.score("precision", 0.95, "higher", drawn).interval
        self.assertAllClose(found, [0.95 - 0.1 * 1.959964, 1.0])
        found = passports.score("duplicates", 0.05, "lower", drawn).interval
        self.assertAllClose(found, [0.0, 0.05 + 0.1 * 1.959964])
        for name in ("density", "diversity"):
            found = passports.score(name, 0.05, "higher", [0.5, 2.0]).interval
            self.assertEqual(found[0], 0.0)
            self.assertGreater(found[1], 1.0)

    def test_unlike(self):
        a = self.record()
        self.assertEqual(passports.unlike(a, self.record(3.0)), "")
        other = {"inr_keras": "1", "git_commit": "y"}
        self.assertEqual(passports.unlike(a, self.record(seed=5, code=other)), "")
        self.assertEqual(
            passports.unlike(a, self.record(samples=11, truncation=0.7)),
            "samples 10 and 11, truncation unrecorded and 0.7",
        )
        reason = passports.unlike(a, self.record(data_sha256="b" * 64))
        self.assertEqual(reason, f"data_sha256 {'a' * 12} and {'b' * 12}")
        reason = passports.unlike(a, self.record(code={"inr_keras": "2"}))
        self.assertEqual(reason, "inr_keras 1 and 2")

    def test_facts_of_an_earlier_version(self):
        older = self.record(real_pictures=131)
        self.assertEqual(passports.unlike(older, self.record(real_images=131)), "")
        reason = passports.unlike(older, self.record(real_images=9))
        self.assertEqual(reason, "real_images 131 and 9")

    def test_code(self):
        found = passports.code()
        self.assertEqual(found["inr_keras"], inr_keras.__version__)
        self.assertEqual(found["tensorflow"], tf.__version__)

    def test_not_there(self):
        folder = self.temporary_folder()
        with self.assertRaisesRegex(ValueError, "`path` must name"):
            passports.read(folder)
        whole = self.record()
        for record in (
            {"metric": "fd"},
            {k: v for k, v in whole.items() if k != "interval"},
            {**whole, "passport": 5},
            [1, 2],
        ):
            (folder / passports.FILE).write_text(json.dumps(record) + "\n")
            with self.assertRaisesRegex(ValueError, "`path` must name"):
                passports.read(folder)
