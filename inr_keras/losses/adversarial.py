"""Adversarial losses as functions of logits.

Non-saturating logistic (Goodfellow et al. 2014, arXiv 1406.2661) and its
relativistic pairing (Jolicoeur-Martineau 2018, arXiv 1807.00734; Huang et al.
2024, arXiv 2501.05441).
"""

from keras import ops


def generator_nonsaturating_loss(fake_logits):
    """Non-saturating generator loss: mean softplus(-D(G(z))).

    Args:
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Example:
        >>> float(generator_nonsaturating_loss(np.zeros((4, 1)))) # D cannot tell.
        0.6931...
    """
    return ops.mean(ops.softplus(-ops.cast(fake_logits, "float32")))


def discriminator_logistic_loss(real_logits, fake_logits):
    """Logistic discriminator loss: mean softplus(-D(x)) + mean softplus(D(G(z))).

    Args:
        real_logits: Tensor of shape `(batch, 1)`.
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Example:
        >>> float(discriminator_logistic_loss(np.zeros((4, 1)), np.zeros((4, 1))))
        1.3862...
    """
    real = ops.softplus(-ops.cast(real_logits, "float32"))
    fake = ops.softplus(ops.cast(fake_logits, "float32"))
    return ops.mean(real) + ops.mean(fake)


def relativistic_generator_loss(real_logits, fake_logits):
    """Relativistic generator loss: mean softplus(D(x) - D(G(z))).

    Each fake image is compared with its own real image.

    Args:
        real_logits: Tensor of shape `(batch, 1)`.
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> float(relativistic_generator_loss(np.ones((4, 1)), np.ones((4, 1))))
        0.6931...
    """
    real = ops.cast(real_logits, "float32")
    fake = ops.cast(fake_logits, "float32")
    if real.shape != fake.shape:
        raise ValueError(
            "`real_logits` and `fake_logits` must have one shape. Received: "
            f"{tuple(real.shape)} and {tuple(fake.shape)}"
        )
    return ops.mean(ops.softplus(real - fake))


def relativistic_discriminator_loss(real_logits, fake_logits):
    """Relativistic discriminator loss: mean softplus(D(G(z)) - D(x)).

    It is `relativistic_generator_loss` with real and fake logits exchanged.

    Args:
        real_logits: Tensor of shape `(batch, 1)`.
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.

    Example:
        >>> float(relativistic_discriminator_loss(np.ones((4, 1)), -np.ones((4, 1))))
        0.1269...
    """
    return relativistic_generator_loss(fake_logits, real_logits)
