"""R1 gradient penalty."""

from keras import ops


def r1_penalty(gradients):
    """R1 penalty: the batch mean of |d sum(D(x)) / dx|^2 on real images.

    The caller applies the weight, gamma / 2 times the interval of a lazy penalty
    (Mescheder et al. 2018, arXiv 1801.04406, equation 9; Karras et al. 2020, arXiv
    1912.04958, appendix B for lazy regularization).

    Args:
        gradients: Tensor of shape `(batch, ...)`, the gradient of the sum of the logits
            with respect to the images.

    Returns:
        float32 scalar.

    Example:
        >>> float(r1_penalty(np.ones((2, 4, 4, 3))))
        48.0
    """
    gradients = ops.cast(gradients, "float32")
    axes = tuple(range(1, len(gradients.shape)))
    return ops.mean(ops.sum(ops.square(gradients), axis=axes))
