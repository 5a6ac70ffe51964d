import dataclasses
import signal
from unittest import mock

import numpy as np
import pytest

from inr_keras import locks
from inr_keras.config import Evaluation
from inr_keras.config import Stage
from inr_keras.config import Watchdog
from inr_keras.data import sources
from inr_keras.runs import config_file
from inr_keras.runs import record_files
from inr_keras.training import build
from inr_keras.training import callbacks
from inr_keras.training import checkpoints
from inr_keras.training import dtype_choice
from inr_keras.training import trainer
from inr_keras.training.health import guard
from inr_keras.training.health import roll_backs
from tests import testing
from tests.training import small


@pytest.mark.usefixtures("eagerly")
class ExperimentTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.images = self.folder / "images"
        self.images.mkdir()
        from PIL import Image

        for i, image in enumerate(small.random_images(6, 40)):
            Image.fromarray(image).save(self.images / f"{i}.png")

    def config(self, **changes):
        config = small.small_config(**changes)
        config.data.source = str(self.images)
        config.data.groups = ()
        return config

    @pytest.mark.slow
    def test_an_interrupted_run_goes_on(self):
        workdir = self.folder / "run"
        two = small.STAGES[:2]
        config = self.config(stages=two, checkpoint_kimg=0.008, log_kimg=0.004)
        original = callbacks.StopOnNaN.on_train_batch_end
        steps = []

        def interrupt(self, batch, logs=None):
            original(self, batch, logs)
            steps.append(self.model.count("step"))
            if len(steps) == 3:
                signal.raise_signal(signal.SIGINT)

        callbacks.StopOnNaN.on_train_batch_end = interrupt
        try:
            with self.assertRaises(KeyboardInterrupt):
                trainer.train(config, workdir)
            results = trainer.train(config, workdir)
        finally:
            callbacks.StopOnNaN.on_train_batch_end = original
        self.assertEqual(steps, [1, 2, 3, 4])
        for path, _ in results:
            self.assertTrue(path.is_file(), path)
        records = record_files.read(workdir / "metrics.jsonl")
        self.assertEqual([r["images_seen"] for r in records], [4, 8, 12, 16])
        self.assertEqual([r["stage"] for r in records], [1, 1, 2, 2])
        gan = build.build_gan(config)
        checkpoints.restore(gan, workdir / "checkpoints")
        self.assertEqual(gan.count("images_seen"), 16)
        self.assertEqual(gan.count("stage_number"), 2)

        with self.subTest("a finished run is left as it is"):
            generator = workdir / "generator.keras"
            before = generator.stat().st_mtime_ns
            trainer.train(config, workdir)
            self.assertEqual(generator.stat().st_mtime_ns, before)

        with self.subTest("harmless fields are taken, a longer run too"):
            other = self.config(stages=two, checkpoint_kimg=0.1, log_kimg=0.004)
            stages = [dataclasses.replace(s) for s in other.stages]
            stages[-1].kimg += 0.004
            other.stages = tuple(stages)
            with self.assertLogs("absl", "INFO") as logs:
                trainer.train(other, workdir)
            text = "\n".join(logs.output)
            self.assertIn("config.checkpoint_kimg is 0.1 now, it was", text)
            self.assertIn("config.stages[1].kimg is 0.012 now", text)
            records = record_files.read(workdir / "metrics.jsonl")
            self.assertEqual(records[-1]["images_seen"], 20)

        with self.subTest("another configuration is refused"):
            other = self.config(stages=two, batch_size=2)
            with self.assertRaisesRegex(ValueError, "config.batch_size is 4"):
                trainer.train(other, workdir)

    @pytest.mark.slow
    def test_a_run_goes_back_and_then_gives_up(self):
        workdir = self.folder / "run"
        config = self.config(
            checkpoint_kimg=0.008,
            log_kimg=0.004,
            evaluation=Evaluation(images=6, metrics=("kid",), best_by="kid"),
            watchdog=Watchdog(action="roll_back", max_roll_backs=1),
        )
        config.stages = (Stage(stride=1, kimg=0.024),)
        original = callbacks.StopOnNaN.on_train_batch_end
        steps = []

        def fail(self, batch, logs=None):
            steps.append(self.model.count("step"))
            if steps[-1] == 5 and steps.count(5) < 3:
                logs["g_loss"] = np.nan
            original(self, batch, logs)

        callbacks.StopOnNaN.on_train_batch_end = fail
        self.addCleanup(setattr, callbacks.StopOnNaN, "on_train_batch_end", original)
        with self.assertRaisesRegex(guard.RunStopped, "After 1 roll backs: diverg"):
            trainer.train(config, workdir)
        [entry] = roll_backs.read(workdir)
        to = entry["to"]
        self.assertIn(to, (8, 16))
        self.assertEqual(steps, [1, 2, 3, 4, 5, *range(to // 4 + 1, 6)])

        with self.subTest("what was before is kept, what follows is other"):
            first, second = (
                {r["images_seen"]: r["d_loss"] for r in records}
                for records in (
                    record_files.read(folder / "metrics.jsonl")
                    for folder in (workdir / "rolled_back" / "1", workdir)
                )
            )
            self.assertEqual(sorted(first), [4, 8, 12, 16])
            self.assertEqual(sorted(second), [4, 8, 12, 16])
            for seen, value in first.items():
                self.assertEqual(second[seen] == value, seen <= to)

        with self.subTest("the same command goes on from the last checkpoint"):
            paths = [path.name for path, _ in trainer.train(config, workdir)]
            self.assertEqual(steps[-2:], [5, 6])
            for name in ("best_generator.keras", "watchdog.jsonl"):
                self.assertIn(name, paths)
            records = record_files.read(workdir / record_files.EVALUATIONS)
            self.assertEqual([r["images_seen"] for r in records], [8, 16, 24])
            illnesses = record_files.read(workdir / guard.FILE)
            # The second was after that checkpoint, and did not come again.
            self.assertEqual([r["roll_backs"] for r in illnesses], [0])

    @pytest.mark.slow
    def test_a_resumed_run_keeps_the_dtype_that_was_measured(self):
        workdir = self.folder / "run"
        config = self.config(dtype="auto", stages=small.STAGES[:1])
        with mock.patch.object(
            dtype_choice, "step_seconds", return_value=[[2.0, 1.0]]
        ) as measure:
            trainer.train(config, workdir)
            measure.assert_called_once()
            self.assertEqual(config_file.load_config(workdir).dtype, "mixed_bfloat16")
            measure.return_value = [[1.0, 2.0]]  # It would be float32 now.
            config.stages = small.STAGES[:2]
            with self.assertRaisesRegex(ValueError, "number"):
                trainer.train(config, workdir)
            config.stages = (dataclasses.replace(small.STAGES[0], kimg=0.016),)
            trainer.train(config, workdir)
            measure.assert_called_once()
        self.assertEqual(config_file.load_config(workdir).dtype, "mixed_bfloat16")
        other = self.config(dtype="float32", stages=config.stages)
        with self.assertRaisesRegex(ValueError, "config.dtype is 'mixed_bfloat16'"):
            trainer.train(other, workdir)

    def test_nothing_is_written_for_bad_input(self):
        workdir = self.folder / "run"
        bad = self.config(resolution=36)
        with self.assertRaisesRegex(ValueError, "config.resolution.*36"):
            trainer.train(bad, workdir)
        missing = self.config()
        missing.data.source = str(self.folder / "missing")
        with self.assertRaisesRegex(ValueError, "config.data.source"):
            trainer.train(missing, workdir)
        none = self.config(initial_generator=str(self.folder / "no.keras"))
        with self.assertRaisesRegex(ValueError, "initial_generator must exist"):
            trainer.train(none, workdir)
        none = self.config(initial_discriminator=str(self.folder))
        with self.assertRaisesRegex(ValueError, "initial_discriminator must be a run"):
            trainer.train(none, workdir)
        self.assertFalse(workdir.exists())

    def test_a_folder_in_use_is_refused_before_the_work(self):
        workdir = self.folder / "run"
        with (
            locks.locked(workdir),
            mock.patch.object(sources, "open_source", side_effect=AssertionError),
            self.assertRaisesRegex(
                ValueError, "`workdir` must be .* in use by process"
            ),
        ):
            trainer.train(self.config(), workdir)

    def test_workdir_is_a_file(self):
        workdir = self.folder / "file"
        workdir.write_text("")
        with self.assertRaisesRegex(ValueError, "`workdir` must be a folder"):
            trainer.train(self.config(), workdir)

    def test_source_is_opened(self):
        config = self.config()
        source = sources.open_source(config.data, config.resolution)
        self.assertEqual(source.count, 6)
