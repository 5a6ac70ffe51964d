import dataclasses
import json
from unittest import mock

import keras
import pytest

from configs import openmoji_demo
from configs import tiny
from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost
from inr_keras.evaluation import passports
from inr_keras.studies import suite
from tests import testing


def tiny_config():
    config = tiny.get_config()
    config.sample_count = 12
    return config


class SuiteTest(testing.TestCase):
    def test_table1_has_the_papers_methods(self):
        config = openmoji_demo.get_config()
        entries = suite.build_entries("table1", config, seeds=(0, 3))
        self.assertEqual(len(entries), 8)
        self.assertEqual(len({entry.folder for entry in entries}), 8)
        for entry in entries:
            config_lib.changed(config, entry.changes).validate()
        by_name = {entry.name: entry for entry in entries}
        plain = config_lib.changed(config, by_name["unregularized"].changes)
        self.assertEqual([s.patch_weight for s in plain.stages], [0, 0, 0])
        image = config_lib.changed(config, by_name["image"].changes)
        self.assertEqual(image.resolved().patch_size, 64)

    def test_variants_change_one_thing_each(self):
        config = openmoji_demo.get_config()
        entries = suite.build_entries("variants", config)
        self.assertEqual(entries[0].changes, {})
        seen = set()
        for entry in entries[1:]:
            other = config_lib.changed(config, entry.changes)
            other.validate()
            self.assertNotEqual(other, config, entry.name)
            seen.add(json.dumps(config_lib.to_dict(other)))
        self.assertEqual(len(seen), len(entries) - 1)

    def test_another_recipe_stands_beside(self):
        config = openmoji_demo.get_config()
        other = tiny.get_config()
        *_, entry = suite.build_entries("table1", config, (2,), other)
        self.assertEqual(entry.folder, "tiny_seed2")
        runner = suite.Runner(config, "unused", __file__, 1.0)
        settings = runner._settings(entry)["config"]
        expected = config_lib.changed(other, {"seed": 2})
        self.assertEqual(config_lib.from_dict(settings), expected)

    def test_some_of_them(self):
        config = openmoji_demo.get_config()
        entries = suite.build_entries("table1", config, (0, 1), only=["patch", "image"])
        self.assertEqual([e.name for e in entries], ["image", "patch"] * 2)

    def test_wrong_requests(self):
        config = openmoji_demo.get_config()
        with self.assertRaisesRegex(ValueError, "`only` must be of image.*'none'"):
            suite.build_entries("table1", config, only=["none"])
        image = config_lib.changed(config, {"method": "image"})
        with self.assertRaisesRegex(ValueError, "config.method must be.*'image'"):
            suite.build_entries("table1", image)
        for minutes in (0.0, float("nan")):
            with self.assertRaisesRegex(ValueError, "`minutes` must be positive"):
                suite.Runner(config, "unused", __file__, minutes)
        with self.assertRaisesRegex(ValueError, "`features` must be a file.*'none'"):
            suite.Runner(config, "unused", "none", 1.0)

    def test_decay_is_set_where_there_is_a_weight(self):
        config = config_lib.changed(
            openmoji_demo.get_config(), {"stages.patch_decay": 1.0}
        )
        self.assertEqual([s.patch_decay for s in config.stages], [1, 1, 1])


class PlanTest(testing.TestCase):
    def test_stages_share_the_time(self):
        config = tiny_config()
        config.stages = tuple(
            dataclasses.replace(stage, kimg=kimg)
            for stage, kimg in zip(config.stages, (2.0, 1.0, 1.0))
        )
        rates = {0: 100.0, 1: 50.0, 2: 25.0}
        with mock.patch.object(
            suite.training_cost,
            "images_per_second",
            lambda _, index: rates[index],
        ):
            planned = suite.plan(config, 2.0)
            self.assertEqual([s.kimg for s in planned.stages], [6, 1.5, 0.75])
            planned = suite.plan(dataclasses.replace(config, method="image"), 2.0)
        # One stage, of whole images, that resumes as it is.
        self.assertEqual([s.kimg for s in planned.stages], [12.0])
        self.assertEqual(planned.patch_size, 32)


def call_here(function, /, show=False, **arguments):
    """Calls a function as `fresh_process.call` does, but in this process."""
    json.dumps(arguments, default=config_lib.to_dict)
    return function(**arguments)


@pytest.mark.slow
class RunnerTest(testing.TestCase):
    @pytest.mark.usefixtures("eagerly")
    @mock.patch.object(fresh_process, "call", call_here)
    @mock.patch.object(training_cost, "images_per_second", lambda *_: 20.0)
    def test_a_tiny_run(self):
        folder = self.temporary_folder()
        features = folder / "mean.keras"
        inputs = keras.Input((None, None, 3))
        outputs = keras.layers.GlobalAveragePooling2D()(inputs)
        keras.Model(inputs, outputs).save(features)
        config = tiny_config()
        entries = suite.build_entries("table1", config)
        (entry,) = [e for e in entries if e.name == "patch"]
        runner = suite.Runner(config, folder, features, 0.02, samples=16)
        told = []
        [results] = runner.run_all([entry], told.append)
        self.assertEqual(told[0], "1 of 1: patch_seed0")
        self.assertRegex(told[-1], r"^patch-based: FD \d+\.\d$")
        self.assertEqual(results["scores"]["fake_count"], 16)
        record = results["records"][0]
        self.assertEqual(record["value"], results["scores"]["fd"])
        self.assertEqual(record["passport"]["samples"], 16)
        # The log may have no line of the last images.
        self.assertGreaterEqual(record["kimg"], results["kimg"])
        kept = passports.read(folder / entry.folder / "scores")
        self.assertEqual(kept, results["records"])
        self.assertGreater(results["train_seconds"], 0)
        self.assertGreater(results["cost"]["memory_mib"], 0)

        # What is done is not done again, and not mixed with other settings.
        with mock.patch.object(suite, "fresh_process", None):
            self.assertEqual(runner.run(entry), results)
        # Not even where the settings have had a field less.
        path = folder / entry.folder / "results.json"
        older = json.loads(path.read_text())
        del older["settings"]["config"]["deterministic"], older["records"]
        path.write_text(json.dumps(older))
        self.assertEqual(runner.run(entry), older)
        runner.minutes = 1.0
        with self.assertRaisesRegex(ValueError, "other settings"):
            runner.run(entry)

    def test_errors_of_a_step_come_through(self):
        config = tiny_config()
        config.data.source = str(self.temporary_folder() / "nothing")
        with self.assertRaisesRegex(ValueError, "nothing"):
            fresh_process.call(suite.train, config=config, workdir="unused")
