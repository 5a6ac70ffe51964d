"""Latents that follow from a number alone."""

import numpy as np
import tensorflow as tf


def latents_from_seeds(seeds, latent_dim):
    """One standard normal latent for each seed, the same everywhere.

    A seed's latent does not depend on the seeds beside it, and follows from
    TensorFlow's stateless generator, so that an exported model can draw it.

    Args:
        seeds: Sequence of ints from 0.
        latent_dim: int.

    Returns:
        float32 array `(len(seeds), latent_dim)`.
    """
    rows = [
        tf.random.stateless_normal((latent_dim,), seed=(seed, 0))
        for seed in seeds
    ]
    return np.stack([row.numpy() for row in rows])
