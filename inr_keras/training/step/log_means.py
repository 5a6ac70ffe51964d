"""Means of what a step logs, kept in checkpoints."""

import keras
import tensorflow as tf

from inr_keras.training import strategies

_COMMA = ","


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


def update(trackers, values):
    """Adds a step's values to their means and returns those, for Keras to show.

    Args:
        trackers: Dict from name to `Mean`.
        values: Dict from name to a number, or to a pair of a number and whether the
            step has it; a pair counts in the steps alone that have it.
    """
    for name, value in values.items():
        value, weight = value if isinstance(value, tuple) else (value, None)
        trackers[name].update_state(value, weight)
    results = {name: trackers[name].result() for name in values}
    if strategies.is_multi_worker(tf.distribute.get_strategy()):
        return {_COMMA.join(results): tf.stack(list(results.values()))[None]}
    return results


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
