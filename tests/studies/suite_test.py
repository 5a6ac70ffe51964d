import dataclasses
import json
from unittest import mock

import keras
import pytest

from configs import openmoji64
from configs import tiny
from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost
from inr_keras.evaluation import passports
from inr_keras.studies import scoring
from inr_keras.studies import suite
from inr_keras.studies import suite_entries
from tests import testing


def tiny_config():
    config = tiny.get_config()
    config.generator.blocks = config.generator.mapping_layers = 1
    config.sample_count = 12
    return config


class SettingsTest(testing.TestCase):
    def test_wrong_requests(self):
        config = tiny_config()
        for minutes in (0.0, float("nan")):
            with self.assertRaisesRegex(ValueError, "`minutes` must be positive"):
                suite.Runner(config, "unused", __file__, minutes)
        with self.assertRaisesRegex(ValueError, "`features` must be a file.*'none'"):
            suite.Runner(config, "unused", "none", 1.0)
        with self.assertRaisesRegex(ValueError, "`minutes` must be 0 where `kimg`"):
            suite.Runner(config, "unused", __file__, 1.0, kimg={"": 1.0})
        with self.assertRaisesRegex(ValueError, "`kimg` must be positive.*-1"):
            suite.Runner(config, "unused", __file__, 0.0, kimg={"": -1.0})
        runner = suite.Runner(config, "unused", __file__, 0.0, kimg={"image": 1.0})
        with self.assertRaisesRegex(ValueError, "`kimg` must have a length for patch"):
            runner.settings(suite_entries.Entry("patch", ""))

    def test_an_entry_with_a_config_of_its_own(self):
        other = tiny.get_config()
        entry = suite_entries.Entry("tiny", "tiny", seed=2, config=other)
        runner = suite.Runner(openmoji64.get_config(), "unused", __file__, 1.0)
        settings = config_lib.from_dict(runner.settings(entry)["config"])
        self.assertEqual(settings, config_lib.changed(other, {"seed": 2}))

    def test_scores_in_training(self):
        config = tiny_config()
        entry = suite_entries.Entry("tiny", "tiny")
        for kimg, images in ((0.0, 0), (1.5, 16)):
            runner = suite.Runner(
                config, "unused", "pixels", 1.0, samples=16, curve_kimg=kimg
            )
            settings = config_lib.from_dict(runner.settings(entry)["config"])
            self.assertEqual(settings.evaluation.images, images)
        self.assertEqual(settings.evaluation.kimg, 1.5)
        self.assertEqual(settings.evaluation.growth, 2.0)


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

    def test_lengths_in_images(self):
        config = tiny_config()
        config.stages = tuple(
            dataclasses.replace(stage, kimg=kimg)
            for stage, kimg in zip(config.stages, (2.0, 1.0, 1.0))
        )
        lengths = [s.kimg for s in suite.with_length(config, 10.0).stages]
        self.assertEqual(lengths, [5.0, 2.5, 2.5])
        image = dataclasses.replace(config, method="image")
        self.assertEqual(suite.with_length(image, 10.0).total_kimg, 10.0)

    def test_a_run_that_was_stopped_goes_on_with_its_settings_alone(self):
        folder = self.temporary_folder()
        entry = suite_entries.Entry("tiny", "tiny")

        def planned(config, length=0.018, **options):
            lengths = {"": length}
            runner = suite.Runner(config, folder, "pixels", 0.0, 16, lengths, **options)
            return runner._plan(entry)

        config = tiny_config()
        first = planned(config)
        self.assertAlmostEqual(first.total_kimg, 0.018)
        self.assertEqual(planned(config), first)
        other = config_lib.changed(config, {"batch_size": 2})
        for changed in (
            lambda: planned(other),
            lambda: planned(config, 0.032),
            lambda: planned(config, curve_kimg=1.5),
        ):
            with self.assertRaisesRegex(ValueError, "a run of other settings for tiny"):
                changed()
        path = folder / entry.folder / "plan.json"
        plan = json.loads(path.read_text())
        del plan["settings"]  # As earlier versions wrote it.
        path.write_text(json.dumps(plan))
        self.assertEqual(planned(other), first)


class RunTest(testing.TestCase):
    def test_longer_runs(self):
        longer = suite_entries.Entry("twice", "", length=2.0)
        for minutes, kimg, expected in (
            (3.0, None, (6.0, 0.0)),
            (0.0, {"": 3.0}, (0.0, 6.0)),
            (0.0, {"": 3.0, "twice": 5.0}, (0.0, 5.0)),
        ):
            runner = suite.Runner(tiny_config(), "unused", __file__, minutes, 16, kimg)
            settings = runner.settings(longer)
            self.assertEqual((settings["minutes"], settings["kimg"]), expected)

    def test_what_an_interrupted_run_or_another_suite_left_out_is_added(self):
        folder = self.temporary_folder()
        entry = suite_entries.Entry("tiny", "tiny")
        runner = suite.Runner(
            tiny_config(), folder, "pixels", 1.0, samples=16, thorough=True
        )
        results = {"settings": runner.settings(entry), "scores": {"fd": 1.0}}
        file = folder / entry.folder / "results.json"
        file.parent.mkdir()
        file.write_text(json.dumps(results))
        with (
            mock.patch.object(suite.fresh_process, "call", lambda *_, **__: {"fd": 2}),
            mock.patch.object(suite, "_cost", lambda *_: {"seconds": 3}),
            mock.patch.object(runner, "_plan"),
        ):
            found = runner.run(entry)
        self.assertEqual((found["quality"], found["cost"]), ({"fd": 2}, {"seconds": 3}))
        self.assertEqual(runner.read(entry)["cost"], {"seconds": 3})


class JudgeTest(testing.TestCase):
    @mock.patch.object(scoring, "judge", lambda *_: [("", [])])
    @mock.patch.object(scoring, "table_values", lambda _: {})
    def test_seconds_of_a_resumed_run(self):
        folder = self.temporary_folder()
        lines = [
            {"images_seen": 40 * i, "seconds": seconds, "images_per_second": 10.0}
            for i, seconds in enumerate((4.0, 1.0, 4.0), 1)
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "metrics.jsonl").write_text(text)
        found = suite.judge(str(folder), "pixels", 16, str(folder / "out"))
        self.assertEqual(found["train_seconds"], 12.0)


def call_here(function, /, show=False, **arguments):
    """Calls a function as `fresh_process.call` does, but in this process."""
    json.dumps(arguments, default=config_lib.to_dict)
    return function(**arguments)


def save_extractor(path):
    """Saves a feature extractor that returns mean colours."""
    inputs = keras.Input((None, None, 3))
    outputs = keras.layers.GlobalAveragePooling2D()(inputs)
    keras.Model(inputs, outputs).save(path)


@pytest.mark.slow
class RunnerTest(testing.TestCase):
    @pytest.mark.usefixtures("eagerly")
    @mock.patch.object(fresh_process, "call", call_here)
    @mock.patch.object(training_cost, "images_per_second", lambda *_: 20.0)
    def test_a_tiny_run(self):
        folder = self.temporary_folder()
        features = folder / "mean.keras"
        save_extractor(features)
        config = tiny_config()
        entries = suite_entries.build_entries("table1", config)
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
        self.assertGreater(results["cost"]["seconds"], 0)

        # Scores of another extractor or number of samples are not taken for these.
        other = suite.Runner(config, folder, features, 0.02, samples=17)
        with self.assertRaisesRegex(ValueError, "with 16 samples.*Received: 17"):
            other.read(entry)

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

    @pytest.mark.usefixtures("eagerly")
    @mock.patch.object(fresh_process, "call", call_here)
    def test_runs_of_equal_images(self):
        folder = self.temporary_folder()
        features = folder / "mean.keras"
        save_extractor(features)
        config = tiny_config()
        (entry,) = suite_entries.build_entries("table1", config, only=["patch"])
        lengths = {"": 0.048, "patch": 0.016}
        runner = suite.Runner(config, folder, features, 0.0, 16, lengths)
        self.assertIsNone(runner.read(entry))
        results = runner.run(entry)
        self.assertEqual(results["kimg"], 0.016)
        self.assertEqual(runner.read(entry), results)
        self.assertNotIn("cost", results)

        # Costs are measured when the machine is at rest, without another run.
        def measured(config, runs, index):
            return {"seconds": config.total_kimg}

        with mock.patch.object(training_cost, "measure", measured):
            again = runner.measure_cost(entry)
        cost = {"seconds": 0.016, "stage": [1, 1]}
        self.assertEqual(again, {**results, "cost": cost})
        self.assertEqual(runner.read(entry), again)
        runner.kimg = {"": 0.048}
        with self.assertRaisesRegex(ValueError, "other settings"):
            runner.read(entry)

    @mock.patch.object(fresh_process, "call")
    def test_a_run_that_diverges_is_a_result(self, call):
        call.side_effect = [None, FloatingPointError("g_loss is nan in step 3.")]
        folder = self.temporary_folder()
        (folder / "features.keras").write_text("")
        runner = suite.Runner(
            tiny_config(), folder, folder / "features.keras", 0.0, 16, {"": 0.016}
        )
        told = []
        entry = suite_entries.Entry("wild", "wild")
        (results,) = runner.run_all([entry], told.append)
        self.assertEqual(results["failed"], "g_loss is nan in step 3.")
        self.assertEqual(told[-1], "wild: g_loss is nan in step 3.")
        self.assertEqual(runner.run(entry), results)
        self.assertEqual(call.call_count, 2)  # The check, and the training.
        self.assertNotIn("cost", runner.measure_cost(entry))

    def test_errors_of_a_step_come_through(self):
        config = tiny_config()
        config.data.source = str(self.temporary_folder() / "nothing")
        with self.assertRaisesRegex(ValueError, "nothing"):
            fresh_process.call(suite.train, config=config, workdir="unused")
