"""Rematerialization whose memory does not grow with what waits to be done."""

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def remat(function):
    """Keeps a function's arguments alone, and computes the rest anew backward.

    As `keras.remat`, but the gradients of the function's weights are done
    before the gradient of its arguments goes on to the function before it.
    With `keras.remat` TensorFlow is free to put the weights' gradients off,
    each of which then holds the activations of its layer: of seven blocks of
    two layers about three tensors a block were seen to wait so.

    On backends other than TensorFlow it is `keras.remat`.

    Args:
        function: Callable from tensors to a tensor or a tuple of them. Only
            the tensors among its arguments and the variables that it reads
            get gradients.

    Returns:
        Callable of the same arguments.
    """
    if keras.backend.backend() != "tensorflow":
        return keras.remat(function)

    @tf.custom_gradient
    def kept(*arguments):
        def gradient(*upstream, variables=None):
            return _gradients(function, arguments, upstream, variables or ())

        return function(*arguments), gradient

    return kept


def _gradients(function, arguments, upstream, variables):
    """Gradients of the arguments and of the variables."""
    # The pass must not begin before its turn, nor be merged with the first.
    # XLA heeds no control dependency, but that of numbers.
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
