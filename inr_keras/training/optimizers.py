"""Adam as StyleGAN2 sets it."""

import keras


def lazy_adam(
    learning_rate=0.002, beta_1=0.0, beta_2=0.99, epsilon=1e-8, r1_interval=0
):
    """Adam with StyleGAN2's correction for a lazy regularizer.

    With a term every k steps, rate and betas are those of k / (k + 1) of a
    step: c = k / (k + 1), rate * c, beta ** c.

    Args:
        learning_rate: float.
        beta_1: float.
        beta_2: float.
        epsilon: float.
        r1_interval: int. k, or 0 without a lazy term.

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix B.
    """
    c = r1_interval / (r1_interval + 1) if r1_interval else 1.0
    return keras.optimizers.Adam(
        learning_rate * c,
        beta_1=beta_1**c,
        beta_2=beta_2**c,
        epsilon=epsilon,
    )
