"""Means of a step's values that a checkpoint holds."""

import keras
import tensorflow as tf

from inr_keras.training import strategies
from inr_keras.training.step.critic import IDLE

_COMMA = ","
_NAMES = (
    "d_loss",
    "g_loss",
    "r1",
    "r2",
    "patch",
    "real_logits",
    "fake_logits",
    "g_grad",
    "d_grad",
    "data_wait",
    "gp",
    "dense_d_loss",
    "dense_g_loss",
)


class Mean(keras.metrics.Mean):
    """A mean whose state is saved with the model's weights.

    Keras leaves metrics out of `save_weights`; a run that goes on in the
    middle of a line of `metrics.jsonl` needs them. A checkpoint without them
    leaves the mean as it is.
    """

    def save_own_variables(self, store):
        for index, variable in enumerate(self.variables):
            store[str(index)] = keras.ops.convert_to_numpy(variable)

    def load_own_variables(self, store):
        for index, variable in enumerate(self.variables):
            if str(index) in store:
                variable.assign(store[str(index)])


def trackers():
    """A mean for each value that a step tells of, by name."""
    return {name: Mean(name=name) for name in _NAMES}


def update(trackers, values):
    """Adds a step's values to their means; returns those, as Keras wants.

    Penalties count in the steps alone that have them, and so does a pair of a
    value and whether the step has it.
    """
    for name, value in values.items():
        if isinstance(value, tuple):
            value, due = value
            trackers[name].update_state(value, tf.cast(due, tf.float32))
        elif name in ("r1", "r2"):
            due = tf.cast(tf.not_equal(value, IDLE), tf.float32)
            trackers[name].update_state(value, due)
        else:
            trackers[name].update_state(value)
    found = {name: trackers[name].result() for name in values}
    if strategies.is_multi_worker(tf.distribute.get_strategy()):
        return {_COMMA.join(found): tf.stack(list(found.values()))[None]}
    return found


def unpacking(train_function):
    """Lets a train function return single values where `update` packs them.

    Keras takes the mean of each value over all workers, two messages for
    each; as one value with one place in the batch they are two in all.
    """

    def function(iterator):
        logs = train_function(iterator)
        for names in [name for name in logs if _COMMA in name]:
            logs = dict(zip(names.split(_COMMA), tf.unstack(logs[names])))
        return logs

    return function
