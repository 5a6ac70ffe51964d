"""Gradients of a large batch from small ones, one after the other."""

import tensorflow as tf


def split(tensors, count):
    """Cuts each tensor's batch into `count` equal parts, in order.

    Args:
        tensors: Nest of tensors whose first axis is the batch.
        count: int that divides it.

    Returns:
        The same nest of tensors `(count, batch / count, ...)`.
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
        function: Takes `tensors` of one part, returns a nest of numbers, such as losses
            and gradients; of several parts, sparse gradients become dense.
        tensors: Sequence of nests of tensors whose first axis is the batch.
        count: int. Parts; 1: the batch as it is.
    """
    if count == 1:  # Gradients of tables stay sparse.
        return function(*tensors)
    parts = split(tensors, count)

    def part(index):
        chosen = tf.nest.map_structure(
            lambda tensor: None if tensor is None else tensor[index], parts
        )
        return tf.nest.map_structure(tf.convert_to_tensor, function(*chosen))

    def step(index, sums):
        return index + 1, tf.nest.map_structure(tf.add, sums, part(index))

    # The first part gives the structure of the sums.
    _, sums = tf.while_loop(
        lambda index, _: index < count,
        step,
        (tf.constant(1), part(0)),
        parallel_iterations=1,
    )
    return tf.nest.map_structure(lambda value: value / count, sums)
