"""Log of a run's numbers: the lines of `metrics.jsonl`, and TensorBoard."""

import itertools
import json
import time

import keras
import numpy as np
import psutil
import tensorflow as tf

from inr_keras.runs import record_files
from inr_keras.training.callbacks import Every

# Values of a line that depend on the clock or the machine.
CLOCKS = (
    "seconds",
    "processor_seconds",
    "images_per_second",
    "data_wait",
    "memory_mib",
)
_MIB = 2.0**20


class MetricsLog(keras.callbacks.Callback):
    """Writes means since the last line to `metrics.jsonl` and TensorBoard.

    Each line has the terms of `stage_losses.TERMS` and these values:

    - `g_norm`, `d_norm`: norm of the weights of the generator and the discriminator.
    - `g_update`, `d_update`: norm of the last step's change of the weights, computed
      from Adam's moments. Tables that `RowAdam` trains are left out.
    - `g_rate`, `d_rate`: the learning rates.
    - `margin`: mean logit of real patches less that of fake ones.
    - `seconds`: time of the steps, without the time of callbacks between them, such as
      checkpoints, sheets and scores; `images_per_second` refers to this time.
    - `processor_seconds`: time of the steps on all cores together; missing with a GPU.
    - `data_wait`: share of the time spent waiting for images; an upper bound under a
      strategy, whose devices have buffers of their own. It is missing in a
      deterministic run, where TensorFlow has no clock.
    - `memory_mib`: memory of the process, or of the GPU's allocator, in MiB.

    The norms `g_grad` and `d_grad` are of the gradients of a replica's part of a batch.

    Args:
        workdir: Path of the run directory.
        kimg: float. Thousands of images between two lines.
        is_writing: bool. Whether to write; `False` in all workers but one, which only
            contribute to the means. Defaults to `True`.
        on_line: Function of each line's record. Defaults to `None`.
    """

    def __init__(self, workdir, kimg, is_writing=True, on_line=None):
        super().__init__()
        self.workdir = workdir
        self.is_writing = is_writing
        self.on_line = on_line
        self.due = Every(kimg)

    def on_train_begin(self, logs=None):
        seen = self.model.count("images_seen")
        if self.is_writing:
            self._drop_repeats(seen)
            self.writer = tf.summary.create_file_writer(str(self.workdir / "events"))
        self.due(seen)
        self.last_seen = seen
        self.clocks = np.zeros(2)  # Of the steps since the last line.
        # `fit` is about to reset the means that a checkpoint has restored.
        self.restored = [
            (v, keras.ops.convert_to_numpy(v))
            for tracker in self.model.metrics
            for v in tracker.variables
        ]

    def on_epoch_begin(self, epoch, logs=None):
        for variable, value in self.restored:
            variable.assign(value)
        self.restored = []

    def on_train_batch_begin(self, batch, logs=None):
        self.begin = _clocks()

    def on_train_batch_end(self, batch, logs=None):
        self.clocks += _clocks() - self.begin
        seen = self.model.count("images_seen")
        if self.due(seen):
            # Values that no step of the line had have no mean. All workers read the
            # counts, because that is a sum over them.
            empty = [t.name for t in self.model.metrics if not float(_numpy(t.count))]
            if self.is_writing:
                self._write(seen, logs, empty)
            self.clocks[:] = 0.0
            for tracker in self.model.metrics:
                tracker.reset_state()

    def on_train_end(self, logs=None):
        if self.is_writing:
            self.writer.close()

    def _write(self, seen, logs, empty):
        seconds, processor_seconds = map(float, self.clocks)
        images, self.last_seen = seen - self.last_seen, seen
        values = {
            name: float(value)
            for name, value in (logs or {}).items()
            if name not in empty
        }
        if "data_wait" in values:
            steps = images / self.model.batch_size
            share = values["data_wait"] * steps / seconds
            values["data_wait"] = round(min(share, 1.0), 4)
        if "real_logits" in values:
            values["margin"] = values["real_logits"] - values["fake_logits"]
        values.update(self._state())
        record = {
            "images_seen": seen,
            "step": self.model.count("step"),
            "stage": self.model.count("stage_number"),
            "seconds": round(seconds, 3),
            "images_per_second": float(f"{images / seconds:.5g}"),
            "memory_mib": round(_memory(), 1),
            **values,
        }
        if not _has_gpu():
            record["processor_seconds"] = round(processor_seconds, 3)
        with open(self.workdir / record_files.METRICS, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        with self.writer.as_default(step=seen):
            for name, value in record.items():
                if name != "images_seen":
                    tf.summary.scalar(name, value)
        if self.on_line:
            self.on_line(record)

    def _state(self):
        """Computes norms and rates of both networks."""
        values = {}
        for name, network, optimizer in (
            ("g", self.model.generator, self.model.generator_optimizer),
            ("d", self.model.discriminator, self.model.discriminator_optimizer),
        ):
            rate = float(_numpy(optimizer.learning_rate))
            values[f"{name}_norm"] = _norm(
                _numpy(v) for v in network.trainable_variables
            )
            if int(_numpy(optimizer.iterations)):
                values[f"{name}_update"] = _norm(_updates(optimizer, rate))
            values[f"{name}_rate"] = rate
        return values

    def _drop_repeats(self, seen):
        """Drops lines after the checkpoint, which a resumed run writes again."""
        record_files.drop(
            self.workdir / record_files.METRICS,
            lambda record: record["images_seen"] > seen,
        )


def _numpy(variable):
    return keras.ops.convert_to_numpy(variable)


def _norm(arrays):
    return float(np.sqrt(sum(float(np.vdot(a, a)) for a in arrays)))


def _updates(adam, rate):
    """Yields the change of each variable in Adam's last step, up to its sign."""
    step = int(_numpy(adam.iterations))
    first, second = 1.0 - adam.beta_1**step, 1.0 - adam.beta_2**step
    factors = getattr(adam, "factors", itertools.repeat(1.0))
    for m, v, factor in zip(adam._momentums, adam._velocities, factors):
        scale = np.sqrt(_numpy(v)) + adam.epsilon
        yield factor * rate * np.sqrt(second) / first * _numpy(m) / scale


def _clocks():
    """Reads the wall clock and the processor's."""
    return np.array([time.monotonic(), time.process_time()])


def _has_gpu():
    return bool(tf.config.list_physical_devices("GPU"))


def _memory():
    if _has_gpu():
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / _MIB
    return psutil.Process().memory_info().rss / _MIB
