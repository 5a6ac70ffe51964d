"""Loss of images that differ less from each other than real ones do."""

from keras import ops

_LEAST = 1e-6  # Under the root, whose gradient at zero is infinite.


def diversity_loss(real, fake, labels=None):
    """Mean amount by which fakes differ less from each other than real images do.

    The distance d(x, y) of two images is the root of the mean square of their
    difference. The loss is the mean of max(0, d(x_i, x_j) - d(G(z_i), G(z_j))) over all
    pairs i < j of a batch, with the real images x and the fakes G(z).

    Mao et al. and Yang et al. reward the distance of two fakes of one condition,
    divided by the distance of their latents. Here the distance of the real images is
    the goal: larger distances are not rewarded.

    Args:
        real: Tensor `(batch, *sides, channels)`, such as patches.
        fake: Tensor of the same shape. Fake n has the place and the class of real n.
        labels: int tensor `(batch,)`. Only pairs of one class are compared. Defaults to
            `None`: all pairs are.

    Returns:
        float32 scalar; 0 where there are no pairs.

    Example:
        >>> real, fake = np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4, 3))
        >>> real[0] = 1.0
        >>> round(float(diversity_loss(real, fake)), 2)
        1.0

    References:
        - [Mao et al., 2019](https://arxiv.org/abs/1903.05628), section 3.
        - [Yang et al., 2019](https://arxiv.org/abs/1901.09024), section 3.
    """
    count = ops.shape(real)[0]
    numbers = ops.arange(count)
    pairs = numbers[:, None] < numbers[None, :]
    if labels is not None:
        labels = ops.cast(labels, "int32")
        pairs = ops.logical_and(pairs, labels[:, None] == labels[None, :])
    pairs = ops.cast(pairs, "float32")
    lacking = ops.relu(_distances(real) - _distances(fake))
    return ops.sum(pairs * lacking) / ops.maximum(ops.sum(pairs), 1.0)


def _distances(images):
    """Distances between all images, `(batch, batch)`."""
    flat = ops.cast(images, "float32")
    flat = ops.reshape(flat, (ops.shape(flat)[0], -1))
    squares = ops.sum(ops.square(flat), axis=1)
    products = ops.matmul(flat, ops.transpose(flat))
    squares = squares[:, None] + squares[None, :] - 2.0 * products
    return ops.sqrt(ops.relu(squares) / flat.shape[1] + _LEAST)
