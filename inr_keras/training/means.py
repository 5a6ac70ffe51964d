"""Means of a step's values that a checkpoint holds."""

import keras


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
