"""Loss of images that differ less from each other than real ones do."""

from keras import ops

_LEAST = 1e-6  # Under the root, whose gradient at zero is infinite.


def diversity_loss(real, fake, labels=None):
    """Mean distance that fakes of a batch lack from each other, by that of real images.

    The distance of two images is the root of the mean square of their difference. Each
    pair of fakes is compared with the pair of real images of the same places in the
    batch: the loss is by how much it is nearer to each other, 0 where it is not, and
    the mean over all pairs.

    Mao et al. and Yang et al. reward the distance of two fakes of one condition, over
    that of their latents. Here the distance of real images is the goal instead: there
    is no reward beyond it.

    Args:
        real: Tensor `(batch, *sides, channels)`, such as patches.
        fake: Tensor of the same shape. Fake n has the place and the class of real n.
        labels: int tensor `(batch,)`. Compare images of one class alone. Defaults to
            `None`: all.

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
