"""Micro-batches: gradients of a large batch from its parts, one after the other."""

import tensorflow as tf


def split(tensors, count):
    """Cuts each tensor's batch into `count` equal parts, in order.

    Args:
        tensors: Nest of tensors whose first axis is the batch.
        count: int. Number of parts; it divides the batch.

    Returns:
        Nest of tensors `(count, batch / count, ...)`.
    """

    def cut(tensor):
        if tensor is None:
            return None
        batch, *rest = tensor.shape
        return tf.reshape(tensor, (count, batch // count, *rest))

    return tf.nest.map_structure(cut, tensors)


def mean(function, tensors, count):
    """Takes the mean of what a function returns for the parts of a batch.

    The parts run strictly one after the other, so that only one part's activations are
    in memory.

    Args:
        function: Function of the `tensors` of one part that returns a nest of numbers,
            such as losses and gradients. Sparse gradients become dense where there are
            several parts.
        tensors: Sequence of nests of tensors whose first axis is the batch.
        count: int. Number of parts; with 1 the function takes the batch as it is.

    Returns:
        Nest of the means.
    """
    if count == 1:  # Gradients of tables stay sparse.
        return function(*tensors)
    parts = split(tensors, count)

    def call_part(index):
        part = tf.nest.map_structure(
            lambda tensor: None if tensor is None else tensor[index], parts
        )
        return tf.nest.map_structure(tf.convert_to_tensor, function(*part))

    def add_part(index, sums):
        return index + 1, tf.nest.map_structure(tf.add, sums, call_part(index))

    # The first part gives the structure of the sums.
    _, sums = tf.while_loop(
        lambda index, _: index < count,
        add_part,
        (tf.constant(1), call_part(0)),
        parallel_iterations=1,
    )
    return tf.nest.map_structure(lambda value: value / count, sums)
