"""Sliced Wasserstein distance between sets of images."""

import numpy as np

from inr_keras.evaluation import distances


def distance(real, fake, seed=0, projections=4, backend=distances):
    """Computes the sliced Wasserstein distance of two sets of images.

    It needs no weights of a network. It is the distance of 7x7 patches of each level of
    a Laplacian pyramid down to 16 pixels, averaged over the levels (Karras et al. 2018,
    arXiv 1710.10196, section 5). It depends on the number of images and on their size.

    As in TF-GAN, each patch is divided by its own deviation (Karras et al.: by that of
    all patches), which is 0 in a flat region and gives no number. So noise of at most
    half a grey level, as much as rounding removed, is added before.

    Args:
        real: uint8 array `(N, S, S, 3)`, S a power of two.
        fake: uint8 array of the same shape.
        seed: int. Seed of the noise, patches and projections; TensorFlow's global seed
            is set to it.
        projections: int. TF-GAN's `random_sampling_count`, each of 147.
        backend: Module with a `sliced_levels`. Defaults to `distances`.
    """
    rng = np.random.default_rng(seed)
    levels = backend.sliced_levels(
        unrounded(real, rng), unrounded(fake, rng), seed, projections
    )
    return float(np.mean(levels))


def unrounded(images, rng):
    """Converts uint8 images to float32 about [0, 1], with the noise of rounding."""
    noise = rng.random(images.shape, "float32") - 0.5
    return (images + noise) / np.float32(255.0)
