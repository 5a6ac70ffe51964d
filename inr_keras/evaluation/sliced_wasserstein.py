"""Sliced Wasserstein distance between sets of images."""

import numpy as np
import tensorflow as tf

from inr_keras.evaluation import tfgan


def distance(real, fake, seed=0, projections=4):
    """Computes the sliced Wasserstein distance of two sets of images.

    It needs no weights of a network. It is TF-GAN's distance, of 7x7 patches of each
    level of a Laplacian pyramid down to 16 pixels, averaged over the levels (Karras et
    al. 2018, arXiv 1710.10196, section 5). It depends on the number of images and on
    their size.

    TF-GAN divides each patch by its own deviation (Karras et al. by that of all
    patches), which is 0 in a flat region and gives no number: so noise of at most half
    a grey level, less than rounding took, is added before.

    Args:
        real: uint8 array `(N, S, S, 3)`, S a power of two.
        fake: uint8 array of the same shape.
        seed: int. Seed of the noise, patches and projections; TensorFlow's global seed
            is set to it.
        projections: int. TF-GAN's `random_sampling_count`, each of 147.
    """
    evaluate = tfgan.load().eval
    rng = np.random.default_rng(seed)
    state = np.random.get_state()  # TF-GAN draws patches from NumPy's global state.
    try:
        # Eager, so that all draws come in the same order each time.
        np.random.seed(seed)
        tf.random.set_seed(seed)
        with tfgan.quiet():
            levels = evaluate.sliced_wasserstein_distance(
                tf.constant(unrounded(real, rng)),
                tf.constant(unrounded(fake, rng)),
                resolution_min=min(16, real.shape[1]),
                random_sampling_count=projections,
            )
    finally:
        np.random.set_state(state)
    return float(np.mean([float(distance) for _, distance in levels]))


def unrounded(images, rng):
    """Converts uint8 images to float32 about [0, 1], with the noise of rounding."""
    noise = rng.random(images.shape, "float32") - 0.5
    return (images + noise) / np.float32(255.0)
