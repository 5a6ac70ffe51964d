"""Wasserstein losses and their gradient penalty (WGAN-GP).

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs"
(arXiv 1704.00028), equation 3 and algorithm 1.
"""

from keras import ops


def wasserstein_generator_loss(fake_logits):
    """Wasserstein generator loss: -mean D(G(z)).

    Args:
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Example:
        >>> float(wasserstein_generator_loss(np.full((4, 1), 2.0)))
        -2.0
    """
    return -ops.mean(ops.cast(fake_logits, "float32"))


def wasserstein_discriminator_loss(real_logits, fake_logits):
    """Wasserstein discriminator loss: mean D(G(z)) - mean D(x).

    The caller adds `slope_penalty`.

    Args:
        real_logits: Tensor of shape `(batch, 1)`.
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Example:
        >>> float(wasserstein_discriminator_loss(np.ones((4, 1)), -np.ones((4, 1))))
        -2.0
    """
    real = ops.mean(ops.cast(real_logits, "float32"))
    return ops.mean(ops.cast(fake_logits, "float32")) - real


def interpolates(real, fake, shares):
    """Points e x + (1 - e) G(z) on the lines between real and fake images.

    Args:
        real: Tensor of shape `(batch, ...)`.
        fake: Tensor of the same shape.
        shares: Tensor of shape `(batch,)` of numbers e in [0, 1].

    Returns:
        Tensor of the shape of `real`.

    Example:
        >>> real, fake = np.ones((2, 1)), np.zeros((2, 1))
        >>> interpolates(real, fake, np.array([0.25, 1.0])).numpy()
        array([[0.25],
               [1.  ]])
    """
    shape = (-1,) + (1,) * (len(real.shape) - 1)
    shares = ops.reshape(ops.cast(shares, real.dtype), shape)
    return fake + shares * (real - fake)


def slope_penalty(gradients):
    """Gradient penalty: the batch mean of (|d sum(D(x)) / dx| - 1)^2.

    The penalty is computed at `interpolates`. The caller applies the weight, lambda,
    which is 10 in the paper.

    Args:
        gradients: Tensor of shape `(batch, ...)`, the gradient of the sum of
            the logits with respect to the interpolates.

    Returns:
        float32 scalar.

    Example:
        >>> float(slope_penalty(np.array([[3.0, 4.0], [0.0, 1.0]])))
        8.0
    """
    gradients = ops.cast(gradients, "float32")
    axes = tuple(range(1, len(gradients.shape)))
    squares = ops.sum(ops.square(gradients), axis=axes)
    # The root has no gradient at zero: a discriminator without slope must get a
    # zero gradient, not NaN.
    positive = squares > 0
    norms = ops.where(positive, ops.sqrt(ops.where(positive, squares, 1.0)), 0)
    return ops.mean(ops.square(norms - 1.0))
