"""Callbacks that write, show and stop a run during `fit`."""

import contextlib
import errno
import math
import signal
import sys
import threading
import time

import keras
import rich.progress
import tensorflow as tf
from absl import logging

from inr_keras.progress_lines import clock
from inr_keras.training import checkpoints
from inr_keras.training import strategies

# Errors of a full disk, a spent quota, or a limit on the size of a file.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Every:
    """Tells whether another interval of images has been seen since the last call.

    Args:
        kimg: float. Thousands of images in the first interval.
        growth: float. Ratio of the images seen at the end of an interval to those at
            its beginning, from the second interval on. Defaults to `1.0`: equal
            intervals.

    Call arguments:
        images_seen: int. Real images seen since the beginning of the run.

    Returns:
        bool: whether an interval has ended; `False` at the first call.

    Example:
        >>> due = Every(kimg=1.0)
        >>> [due(seen) for seen in (0, 600, 1200, 1800, 2400)]
        [False, False, True, False, True]
    """

    def __init__(self, kimg, growth=1.0):
        self.interval = kimg * 1000.0
        self.growth = growth
        self.ended = None

    def __call__(self, images_seen):
        ended = self._count(images_seen / self.interval)
        due = self.ended is not None and ended > self.ended
        self.ended = ended
        return due

    def _count(self, share):
        """Counts the intervals that have ended, by the images over the first's."""
        if self.growth == 1.0 or share < 1.0:
            return int(share)
        return 1 + int(math.log(share, self.growth) + 1e-9)  # log(1000, 10) is below 3.


class StopOnNaN(keras.callbacks.Callback):
    """Stops the run as soon as a loss is no longer finite.

    Raises:
        FloatingPointError: A logged value is infinite or NaN; the message names it.

    Example:
        >>> gan.compile(lazy_adam(), lazy_adam(r1_interval=16))
        >>> history = gan.fit(dataset, callbacks=[StopOnNaN()], verbose=0)
    """

    def on_train_batch_end(self, batch, logs=None):
        # Losses first, as they are why gradients are no longer finite.
        for name, value in sorted(
            (logs or {}).items(), key=lambda pair: "loss" not in pair[0]
        ):
            if not math.isfinite(value):
                step = self.model.count("step")
                seen = self.model.count("images_seen")
                raise FloatingPointError(
                    f"{name} is {value} in step {step} ({seen} images seen). "
                    "Earlier checkpoints are unharmed; try a lower "
                    "learning rate or a higher loss.r1_weight."
                )


class Checkpoints(keras.callbacks.Callback):
    """Writes checkpoints and the averaged generator into a run directory.

    Args:
        workdir: Path of the run directory.
        kimg: float. Thousands of images between two checkpoints.
        keep: int. Number of checkpoints to keep.
        goes_on: bool. Whether training continues if the disk is too full for a
            checkpoint. Defaults to `False`: an `OSError` ends it.

    Example:
        >>> gan.compile(lazy_adam(), lazy_adam(r1_interval=16))
        >>> checkpoints = Checkpoints(folder, kimg=0.008, keep=1)
        >>> history = gan.fit(dataset, callbacks=[checkpoints], verbose=0)
        >>> (folder / "generator.keras").exists()
        True
    """

    def __init__(self, workdir, kimg, keep, goes_on=False):
        super().__init__()
        self.workdir = workdir
        self.due = Every(kimg)
        self.keep = keep
        self.goes_on = goes_on

    def on_train_begin(self, logs=None):
        self.due(self.model.count("images_seen"))

    def on_train_batch_end(self, batch, logs=None):
        if self.due(self.model.count("images_seen")):
            with despite_full_disk(self.goes_on, "checkpoint"):
                self.save()

    def save(self):
        """Writes a checkpoint and the generator; all workers must call it.

        Returns:
            Path of the checkpoint.
        """
        path = checkpoints.save(self.model, self.workdir / "checkpoints", self.keep)
        checkpoints.save_generator(self.model, self.workdir / "generator.keras")
        return path


@contextlib.contextmanager
def despite_full_disk(goes_on, what):
    """Turns the error of a full disk into a warning.

    Args:
        goes_on: bool. `False` lets the error through.
        what: str. What could not be written, for the warning.
    """
    try:
        yield
    except OSError as error:
        if not goes_on or error.errno not in _FULL:
            raise
        logging.warning(
            "%s: %s. Training goes on without this %s; earlier ones are unharmed.",
            error.strerror,
            error.filename,
            what,
        )


class Preempted(Exception):
    """Raised if the machine asks the run to end (SIGTERM)."""


class Interrupts(keras.callbacks.Callback):
    """Holds the first Ctrl-C or SIGTERM back until the end of the batch.

    During a save, Keras swallows `KeyboardInterrupt`, and the run would continue. A
    second signal acts at once. If any of several workers gets a signal, all of them
    stop at the end of the same batch.

    Args:
        strategy: tf.distribute.Strategy of the run. Defaults to `None`: one process.

    Attributes:
        is_orderly: bool. Whether `fit` ended at the end of a batch, so that its state
            is consistent.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
        Preempted: SIGTERM came.
    """

    _INTERVAL = 16  # Batches until workers ask each other again.

    def __init__(self, strategy=None):
        super().__init__()
        self.strategy = strategy
        self.count = 0
        self.pending = None
        self.is_orderly = False
        self.previous = {}

    def defer(self):
        """Begins to hold signals back."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.previous[number] = signal.signal(number, self._handle)

    def restore(self):
        """Restores the earlier handlers of signals."""
        for number, handler in self.previous.items():
            signal.signal(number, handler)
        self.previous = {}

    def on_train_batch_end(self, batch, logs=None):
        pending = self.pending
        if strategies.is_multi_worker(self.strategy):
            self.count += 1
            if self.count % self._INTERVAL:
                return
            # SIGTERM, whose number is greater, goes before SIGINT.
            pending = max(strategies.gather(self.strategy, pending or 0))
        if pending:
            self.is_orderly = True
            terminated = pending == signal.SIGTERM
            raise Preempted if terminated else KeyboardInterrupt

    def _handle(self, number, frame):
        self.pending = number
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Samples(keras.callbacks.Callback):
    """Calls a function at the start of `fit` and again in intervals of images.

    Args:
        draw: Function of the images seen.
        kimg: float. Thousands of images between two calls.
    """

    def __init__(self, draw, kimg):
        super().__init__()
        self.draw = draw
        self.due = Every(kimg)

    def on_train_begin(self, logs=None):
        seen = self.model.count("images_seen")
        self.due(seen)
        self.draw(seen)

    def on_train_batch_end(self, batch, logs=None):
        seen = self.model.count("images_seen")
        if self.due(seen):
            self.draw(seen)


class Profile(keras.callbacks.Callback):
    """Records a profile of some steps for TensorBoard, once a stage has warmed up.

    Args:
        workdir: Path of the run directory; the profile goes to its `events`.
        steps: int. Number of steps to record.
        wait: int. Number of steps before them, which trace and warm up. Defaults to
            `20`.
    """

    def __init__(self, workdir, steps, wait=20):
        super().__init__()
        self.folder = workdir / "events"
        self.begin, self.end = wait, wait + steps
        self.count = 0
        self.is_running = False

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        if self.count == self.begin:
            tf.profiler.experimental.start(str(self.folder))
            self.is_running = True
        elif self.count == self.end:
            self._stop()

    def on_train_end(self, logs=None):
        self._stop()
        if self.count < self.begin:
            logging.warning(
                "No profile: the run ended after %d steps, before step %d",
                self.count,
                self.begin,
            )

    def _stop(self):
        if self.is_running:
            self.is_running = False
            tf.profiler.experimental.stop()
            logging.info("Profile of training steps in %s", self.folder)


class Progress(keras.callbacks.Callback):
    """Shows the stage, the images seen and the time left in a progress bar.

    Without a terminal it logs a line now and then instead. The first interval, in which
    the step is compiled, says nothing about the time left.

    Args:
        total_images: float. Images of the whole schedule.
        stages: int. Number of stages.
        seconds: float. Time between two lines of the log. Defaults to `20`.
    """

    def __init__(self, total_images, stages, seconds=20.0):
        super().__init__()
        self.total = int(total_images)
        self.stages = stages
        self.seconds = seconds
        self.bar = None

    def on_train_begin(self, logs=None):
        self.logged = time.monotonic()
        self.measured = None  # Time and images seen after the first interval.
        if sys.stderr.isatty():
            columns = rich.progress
            self.bar = columns.Progress(
                columns.TextColumn("{task.description}"),
                columns.BarColumn(),
                columns.TextColumn("{task.fields[text]}"),
                columns.TimeElapsedColumn(),
                columns.TextColumn("{task.fields[left]} left"),
                console=rich.console.Console(stderr=True),
            )
            self.task = self.bar.add_task("stage", total=self.total, text="", left="?")
            self.bar.start()

    def on_train_batch_end(self, batch, logs=None):
        seen = self.model.count("images_seen")
        now = time.monotonic()
        is_due = now - self.logged >= self.seconds or seen >= self.total
        text, left = f"{seen:,}/{self.total:,} images", "?"
        if self.measured:
            begun, first_seen = self.measured
            rate = max(seen - first_seen, 1) / max(now - begun, 1e-9)
            text += f"  {rate:.0f}/s"
            left = clock((self.total - seen) / rate)
        elif is_due:
            self.measured = now, seen
        number = self.model.count("stage_number")
        stage = f"stage {number}/{self.stages}"
        if self.bar:
            self.bar.update(
                self.task,
                completed=seen,
                description=stage,
                text=text,
                left=left,
            )
        elif is_due:
            losses = "  ".join(
                f"{name} {float(value):.3f}"
                for name, value in (logs or {}).items()
                if name.endswith("loss") or name == "patch"
            )
            logging.info("%s  %s  %s left  %s", stage, text, left, losses)
        if is_due:
            self.logged = now

    def on_train_end(self, logs=None):
        self.close()

    def close(self):
        """Ends the bar, also where `fit` has failed."""
        if self.bar:
            self.bar.stop()
            self.bar = None
