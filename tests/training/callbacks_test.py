import math
import signal
import types
from unittest import mock

import keras
import numpy as np
import pytest

from inr_keras.training import callbacks
from tests import testing
from tests.training import small


class EveryTest(testing.TestCase):
    def test_once_for_each_interval(self):
        due = callbacks.Every(0.01)
        due(4)
        turns = [seen for seen in range(8, 40, 4) if due(seen)]
        self.assertEqual(turns, [12, 20, 32])

    def test_a_resumed_run_does_not_repeat(self):
        due = callbacks.Every(0.01)
        self.assertFalse(due(20))
        self.assertFalse(due(24))
        self.assertTrue(due(30))

    def test_intervals_that_grow(self):
        due = callbacks.Every(1.0, growth=10.0)
        turns = [seen for seen in range(0, 101_000, 500) if due(seen)]
        self.assertEqual(turns, [1_000, 10_000, 100_000])
        due = callbacks.Every(0.01, growth=1.5)
        due(12)
        turns = [seen for seen in range(12, 60) if due(seen)]
        self.assertEqual(turns, [15, 23, 34, 51])


class FakeModel:
    """Stand-in for a GAN with the counts that callbacks read."""

    def __init__(self, **counts):
        self.counts = {"images_seen": 0, "step": 0, "stage_number": 1}
        self.counts.update(counts)
        self.metrics = []

    def count(self, name):
        return self.counts[name]


class StopOnNaNTest(testing.TestCase):
    def test_names_the_loss(self):
        callback = callbacks.StopOnNaN()
        callback.set_model(FakeModel(step=7, images_seen=28))
        callback.on_train_batch_end(0, {"d_loss": 1.0, "g_loss": 2.0})
        for bad in (math.nan, math.inf):
            with self.assertRaisesRegex(
                FloatingPointError, "g_loss is (nan|inf) in step 7 \\(28 im"
            ):
                callback.on_train_batch_end(0, {"d_loss": 1.0, "g_loss": bad})

    @pytest.mark.slow
    def test_stops_a_fit(self):
        gan = small.small_gan()
        kernel = gan.discriminator.logits.kernel
        kernel.assign(kernel * math.nan)
        with self.assertRaisesRegex(FloatingPointError, "_loss is nan"):
            gan.fit(
                small.repeated(small.random_images()),
                steps_per_epoch=3,
                verbose=0,
                callbacks=[callbacks.StopOnNaN()],
            )


class ProgressTest(testing.TestCase):
    def test_line_without_a_terminal(self):
        progress = callbacks.Progress(1000, stages=3, seconds=0.0)
        model = FakeModel(images_seen=100, stage_number=2)
        progress.set_model(model)
        clock = iter((100.0, 260.0, 270.0))  # 160 seconds of compilation.
        with (
            self.assertLogs("absl", "INFO") as logs,
            mock.patch.object(callbacks, "time", types.SimpleNamespace()) as time,
        ):
            time.monotonic = lambda: next(clock)
            progress.on_train_begin()
            model.counts["images_seen"] = 300
            progress.on_train_batch_end(0, {"d_loss": 1.0, "patch": 0.5})
            model.counts["images_seen"] = 500
            progress.on_train_batch_end(1, {"d_loss": 1.0})
        first, second = logs.output
        self.assertIn("stage 2/3  300/1,000 images  ? left  d_loss 1.000", first)
        self.assertIn("500/1,000 images  20/s  0:25 left", second)


class InterruptsTest(testing.TestCase):
    def test_the_first_waits_for_the_batch_and_the_second_does_not(self):
        before = signal.getsignal(signal.SIGINT)
        interrupts = callbacks.Interrupts()
        interrupts.defer()
        try:
            interrupts.on_train_batch_end(0)
            signal.raise_signal(signal.SIGINT)
            with self.assertRaises(KeyboardInterrupt):
                interrupts.on_train_batch_end(1)
            with self.assertRaises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        finally:
            interrupts.restore()
        self.assertIs(signal.getsignal(signal.SIGINT), before)
        self.assertTrue(interrupts.is_orderly)

    def test_preemption_waits_for_the_batch(self):
        interrupts = callbacks.Interrupts()
        interrupts.defer()
        try:
            signal.raise_signal(signal.SIGTERM)
            self.assertFalse(interrupts.is_orderly)
            with self.assertRaises(callbacks.Preempted):
                interrupts.on_train_batch_end(1)
            self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)
        finally:
            interrupts.restore()


class SamplesTest(testing.TestCase):
    def test_draws_at_the_start_and_every_interval(self):
        drawn = []
        samples = callbacks.Samples(drawn.append, kimg=0.01)
        model = FakeModel(images_seen=4)
        samples.set_model(model)
        samples.on_train_begin()
        for seen in (8, 12, 16, 20):
            model.counts["images_seen"] = seen
            samples.on_train_batch_end(0)
        self.assertEqual(drawn, [4, 12, 20])


class CheckpointsTest(testing.TestCase):
    def test_writes_checkpoint_and_generator(self):
        folder = self.temporary_folder()
        saver = callbacks.Checkpoints(folder, kimg=0.004, keep=1)
        saver.set_model(small.small_gan())
        path = saver.save()
        self.assertTrue(path.is_file())
        names = sorted(p.name for p in folder.iterdir())
        self.assertEqual(names, ["checkpoints", "generator.keras"])

    def test_interval(self):
        saver = callbacks.Checkpoints("unused", kimg=0.01, keep=1)
        saved = []
        saver.save = types.MethodType(
            lambda self: saved.append(self.model.count("images_seen")), saver
        )
        model = FakeModel()
        saver.set_model(model)
        saver.on_train_begin()
        for seen in (4, 8, 12, 16, 20):
            model.counts["images_seen"] = seen
            saver.on_train_batch_end(0)
        self.assertEqual(saved, [12, 20])


class ProfileTest(testing.TestCase):
    def fit(self, steps):
        folder = self.temporary_folder()
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        model.compile("sgd", "mse")
        model.fit(
            np.ones((steps, 4), "float32"),
            np.ones((steps, 3), "float32"),
            batch_size=1,
            verbose=0,
            callbacks=[callbacks.Profile(folder, steps=1, wait=2)],
        )
        return list(folder.rglob("*.xplane.pb"))

    def test_a_file_for_tensorboard(self):
        (path,) = self.fit(4)
        self.assertGreater(path.stat().st_size, 1000)

    @pytest.mark.slow
    def test_a_short_run_says_that_there_is_none(self):
        with self.assertLogs("absl", "WARNING") as logs:
            self.assertEqual(self.fit(1), [])
        self.assertIn("No profile: the run ended", logs.output[0])
