"""Means of the values that a step logs, kept in checkpoints."""

import keras
import tensorflow as tf

from inr_keras.training import strategies

_COMMA = ","


class Mean(keras.metrics.Mean):
    """Mean whose state is saved with the model's weights.

    Keras's `save_weights` leaves metrics out, but a run that resumes in the middle of a
    line of `metrics.jsonl` needs them. A checkpoint without them does not change the
    mean.
    """

    def save_own_variables(self, store):
        for index, variable in enumerate(self.variables):
            store[str(index)] = keras.ops.convert_to_numpy(variable)

    def load_own_variables(self, store):
        for index, variable in enumerate(self.variables):
            if str(index) in store:
                variable.assign(store[str(index)])


def update(trackers, values):
    """Adds a step's values to their means.

    Args:
        trackers: Dict from name to `Mean`.
        values: Dict from name to a number, or to a pair of a number and its weight: 1,
            or 0 in a step that does not have the value.

    Returns:
        Dict from name to mean, for Keras to show; over several workers packed for
        `unpacking`.
    """
    for name, value in values.items():
        value, weight = value if isinstance(value, tuple) else (value, None)
        trackers[name].update_state(value, weight)
    results = {name: trackers[name].result() for name in values}
    if strategies.is_multi_worker(tf.distribute.get_strategy()):
        return {_COMMA.join(results): tf.stack(list(results.values()))[None]}
    return results


def unpacking(train_function):
    """Wraps a train function so that it unpacks the means that `update` packs.

    Keras takes the mean of each value over all workers, with two messages for each
    value. Packed into one tensor they take two messages in all.
    """

    def function(iterator):
        logs = train_function(iterator)
        for names in [name for name in logs if _COMMA in name]:
            logs = dict(zip(names.split(_COMMA), tf.unstack(logs[names])))
        return logs

    return function
