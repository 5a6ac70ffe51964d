"""Products of points with a kernel of their image, then bias and leaky ReLU."""

import keras
from keras import ops

from inr_keras.layers.activations import SLOPE

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

# From this many multiplications per image, one convolution for each image takes less
# time than one product of all images, an addition and a leaky ReLU.
LEAST_MULTIPLICATIONS = 1 << 24


def leaky_products(inputs, kernels, bias):
    """Computes the leaky ReLU (slope 0.2) of `inputs @ kernels + bias`.

    On a CPU, TensorFlow computes product, bias and leaky ReLU of a convolution in one
    pass over the points, and in bfloat16 its 1x1 convolutions take less time than its
    products. Where each image has many multiplications, its points therefore pass
    through a convolution of their own. The gradient reads the outputs, whose signs are
    those of the leaky ReLU's inputs, so that no other copy of them is kept. It can be
    differentiated again.

    Args:
        inputs: Tensor `(batch or 1, points, channels)`.
        kernels: Tensor `(batch, channels, units)` of the same dtype.
        bias: Tensor `(units,)` of the same dtype.

    Returns:
        Tensor `(batch, points, units)`.
    """
    batch, points, _ = inputs.shape
    # The batch of the inputs may be unknown, and that of the kernels may be 1.
    is_paired = batch in (1, kernels.shape[0])
    if is_paired and uses_convolutions(points, *kernels.shape):
        return _convolutions(inputs, kernels, bias)
    return ops.leaky_relu(ops.matmul(inputs, kernels) + bias, negative_slope=SLOPE)


def uses_convolutions(points, images, channels, units):
    """Tells whether `leaky_products` computes a convolution for each image.

    Args:
        points, images, channels, units: int. Sizes. The result is `False` if one of
            them is `None` (unknown), on a GPU and on backends other than TensorFlow.
    """
    if keras.backend.backend() != "tensorflow" or None in (points, images):
        return False
    return (
        points * channels * units >= LEAST_MULTIPLICATIONS
        and not tf.config.list_physical_devices("GPU")
    )


def _convolutions(inputs, kernels, bias):
    @tf.custom_gradient
    def product(inputs, kernels, bias):
        images = tf.unstack(inputs)
        shared = len(images) < kernels.shape[0]
        if shared:
            images *= kernels.shape[0]
        outputs = tf.stack(
            [
                _convolution(points, kernel, bias)
                for points, kernel in zip(images, tf.unstack(kernels), strict=True)
            ]
        )

        def gradient(upstream):
            upstream = tf.raw_ops.LeakyReluGrad(
                gradients=upstream, features=outputs, alpha=SLOPE
            )
            of_inputs = tf.matmul(upstream, kernels, transpose_b=True)
            if shared:
                of_inputs = tf.reduce_sum(of_inputs, axis=0, keepdims=True)
            of_kernels = tf.matmul(inputs, upstream, transpose_a=True)
            # A product with ones takes less time than a sum over the points.
            rows = tf.reshape(upstream, (-1, upstream.shape[-1]))
            of_bias = tf.matmul(tf.ones((1, rows.shape[0]), rows.dtype), rows)[0]
            return of_inputs, of_kernels, of_bias

        return outputs, gradient

    return product(inputs, kernels, bias)


def _convolution(points, kernel, bias):
    """Computes an image's outputs; TensorFlow fuses the three operations."""
    x = tf.nn.conv2d(points[None, None], kernel[None, None], 1, "VALID")
    return tf.nn.leaky_relu(tf.nn.bias_add(x, bias), SLOPE)[0, 0]
