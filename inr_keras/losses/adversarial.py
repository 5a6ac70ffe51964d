"""Non-saturating logistic loss (Goodfellow et al. 2014, arXiv 1406.2661)."""

from keras import ops


def generator_nonsaturating_loss(fake_logits):
    """mean softplus(-D(G(z))): the generator wants high logits.

    Args:
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.
    """
    return ops.mean(ops.softplus(-ops.cast(fake_logits, "float32")))


def discriminator_logistic_loss(real_logits, fake_logits):
    """mean softplus(-D(x)) + mean softplus(D(G(z))).

    Args:
        real_logits: Tensor of shape `(batch, 1)`.
        fake_logits: Tensor of shape `(batch, 1)`.

    Returns:
        float32 scalar.
    """
    real = ops.softplus(-ops.cast(real_logits, "float32"))
    fake = ops.softplus(ops.cast(fake_logits, "float32"))
    return ops.mean(real) + ops.mean(fake)
