"""Rematerialization whose memory does not grow with postponed gradients."""

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def remat(function):
    """Wraps a function to keep its arguments alone and recompute it backward.

    Unlike `keras.remat`, it finishes the gradients of the function's weights
    before it passes on the gradients of the arguments. `keras.remat` lets
    TensorFlow postpone the weights' gradients, each of which then holds the
    activations of its layer: about three tensors a block, as measured on seven
    blocks of two layers.

    On backends other than TensorFlow it is `keras.remat`.

    Args:
        function: Callable from tensors to a tensor or a tuple of tensors.
            Gradients reach the tensors among its arguments and the variables
            that it reads alone.

    Returns:
        Callable of the same arguments.
    """
    if keras.backend.backend() != "tensorflow":
        return keras.remat(function)

    @tf.custom_gradient
    def recomputed(*arguments):
        def gradient(*upstream, variables=None):
            return _gradients(function, arguments, upstream, variables or ())

        return function(*arguments), gradient

    return recomputed


def _gradients(function, arguments, upstream, variables):
    """Computes the gradients of the arguments and of the variables."""
    # The recomputation must not begin before its turn, nor be merged with the forward
    # pass. XLA ignores control dependencies, but not a dependency of numbers.
    turn = 0.0 * tf.reshape(upstream[0], (-1,))[0]
    with tf.control_dependencies(upstream):
        arguments = [x + tf.cast(turn, x.dtype) for x in arguments]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        outputs = function(*arguments)
    outputs = tf.nest.flatten(outputs)
    gradients = tape.gradient(
        outputs, [*arguments, *variables], output_gradients=upstream
    )
    count = len(arguments)
    weight_gradients = [
        gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        for gradient in gradients[count:]
        if gradient is not None
    ]
    with tf.control_dependencies(weight_gradients):
        passed = [
            None if gradient is None else tf.identity(gradient)
            for gradient in gradients[:count]
        ]
    return passed, gradients[count:]
