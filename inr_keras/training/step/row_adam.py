"""Adam and moving average for large tables of which a step reads a few rows."""

import keras
import tensorflow as tf


class RowAdam(keras.layers.Layer):
    """Adam and moving average that update only the rows of a table that a step reads.

    Without momentum (`beta_1` of 0), Adam does not move a row without gradient. Only
    the row's second moment and average keep decaying, by powers that are known when the
    row is read again, so that the cost of a step does not grow with the table. Up to
    rounding, the results equal Adam on the dense gradient. (Keras's Adam on a sparse
    gradient squares repeated parts of a row one by one, so that its second moment is
    smaller and its steps are larger.)

    The average of a row that was not read lately is out of date until `settle`.

    Args:
        table: Keras variable of shape `(rows, channels)`.
        average: Keras variable of the same shape, the table's moving average.
        beta_2: float. Decay of the second moment. Defaults to `0.99`.
        epsilon: float. Defaults to `1e-8`.
    """

    def __init__(self, table, average, beta_2=0.99, epsilon=1e-8, **kwargs):
        super().__init__(trainable=False, **kwargs)
        # In a function: Keras takes attributes for the layer's own variables.
        self._tables = lambda: (table, average)
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.moments = self.add_weight(
            name="moments", shape=table.shape, initializer="zeros"
        )
        # Number of steps at which each row was last brought up to date.
        self.last = self.add_weight(
            name="last", shape=table.shape[:1], initializer="zeros"
        )
        # Number of steps and decay at the last update, for `settle`.
        self.step = self.add_weight(name="step", shape=(), initializer="zeros")
        self.decay = self.add_weight(name="decay", shape=(), initializer="ones")
        self.built = True

    @property
    def table(self):
        return self._tables()[0]

    @property
    def average(self):
        return self._tables()[1]

    def update(self, gradient, step, rate, decay):
        """Makes one step of Adam on the rows read, and of their averages.

        Args:
            gradient: IndexedSlices of the table; rows may be repeated.
            step: float tensor. Steps before this one.
            rate: float tensor. Learning rate.
            decay: float. Decay of the average in each step.
        """
        rows, places = tf.unique(tf.reshape(gradient.indices, [-1]))
        slices = tf.reshape(gradient.values, (-1, self.moments.shape[1]))
        slices = tf.math.unsorted_segment_sum(slices, places, tf.size(rows))
        table = self.table.value
        moments = self.moments.value
        idle = (step - tf.gather(self.last.value, rows))[:, None]

        before = tf.gather(table, rows)
        second = tf.gather(moments, rows) * tf.pow(self.beta_2, idle + 1.0)
        second += (1.0 - self.beta_2) * tf.square(slices)
        correction = tf.sqrt(1.0 - tf.pow(self.beta_2, step + 1.0))
        move = rate * correction * slices / (tf.sqrt(second) + self.epsilon)
        after = before - move

        average = self.average.value
        old = tf.gather(average, rows)
        old = before + (old - before) * tf.pow(decay, idle)
        new = old * decay + after * (1.0 - decay)

        _write(table, rows, after)
        _write(moments, rows, second)
        _write(average, rows, new)
        done = tf.fill(tf.shape(rows), step + 1.0)
        _write(self.last.value, rows, done)
        self.step.assign(step + 1.0)
        self.decay.assign(decay)

    def settle(self):
        """Brings the averages and moments of all rows up to date."""
        table = self.table.value
        average = self.average.value
        idle = (self.step.value - self.last.value)[:, None]
        kept = tf.pow(self.decay.value, idle)
        average.assign(table + (average - table) * kept)
        self.moments.assign(self.moments * tf.pow(self.beta_2, idle))
        self.last.assign(tf.fill(self.last.shape, self.step.value))


def _write(variable, rows, values):
    variable.scatter_update(tf.IndexedSlices(values, rows))


def for_embedding(generator, average, adam):
    """Creates a `RowAdam` for each table of a generator's coordinate embedding.

    Args:
        generator: Model with an `embedding`.
        average: Model like `generator`, its moving average.
        adam: keras.optimizers.Adam whose `beta_2` and `epsilon` to take.

    Returns:
        List of `RowAdam`.

    Raises:
        ValueError: `beta_1` of `adam` is not 0.
    """
    if adam.beta_1:
        raise ValueError(
            f"A sparse embedding needs `beta_1` of 0. Received: beta_1={adam.beta_1}"
        )
    pairs = zip(_tables(generator), _tables(average))
    return [RowAdam(*pair, adam.beta_2, adam.epsilon) for pair in pairs]


def _tables(generator):
    embedding = getattr(generator, "embedding", None)
    return [] if embedding is None else embedding.tables


def apply(optimizer, row_adams, gradients, variables, decay):
    """Makes a step of an optimizer, and of `RowAdam` on the tables.

    Args:
        optimizer: keras.optimizers.Adam of all variables except the tables.
        row_adams: List of `RowAdam`.
        gradients: List of tensors, IndexedSlices for the tables.
        variables: List of Keras variables.
        decay: float. Decay of the tables' averages.
    """
    adams = {id(adam.table): adam for adam in row_adams}
    step = tf.cast(optimizer.iterations, tf.float32)
    rate = tf.cast(optimizer.learning_rate, tf.float32)
    dense = []
    for gradient, variable in zip(gradients, variables):
        if id(variable) in adams:
            adams[id(variable)].update(gradient, step, rate, decay)
        else:
            dense.append((gradient, variable))
    optimizer.apply(*zip(*dense))
