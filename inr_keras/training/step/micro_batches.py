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


def mean(function, parts):
    """Mean of what `function` returns over the parts of a batch.

    The parts run strictly one after the other, so that only one part's
    activations are in memory.

    Args:
        function: Takes the tensors of one part, returns a nest of numbers,
            such as losses and gradients; sparse gradients become dense.
        parts: Nest from `split`.
    """
    count = next(t for t in tf.nest.flatten(parts) if t is not None).shape[0]

    def part(index):
        chosen = tf.nest.map_structure(lambda t: None if t is None else t[index], parts)
        values = function(*chosen)
        return tf.nest.map_structure(tf.convert_to_tensor, values)

    def step(index, sums):
        values = part(index)
        return index + 1, tf.nest.map_structure(tf.add, sums, values)

    # The first part tells the structure of the sums.
    _, sums = tf.while_loop(
        lambda index, _: index < count,
        step,
        (tf.constant(1), part(0)),
        parallel_iterations=1,
    )
    return tf.nest.map_structure(lambda value: value / count, sums)
