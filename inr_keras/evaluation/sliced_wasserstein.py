"""Sliced Wasserstein distance between sets of images."""

import numpy as np

from inr_keras.evaluation import distances


def distance(real, fake, seed=0, projections=4, backend=distances):
    """Computes the sliced Wasserstein distance of two sets of images.

    It is the distance between 7x7 patches, averaged over the levels of a Laplacian
    pyramid down to 16 pixels (Karras et al. 2018, arXiv 1710.10196, section 5). It
    needs no network, and depends on the number and the size of the images.

    As in TF-GAN, each patch is divided by its own deviation (Karras et al.: by the
    deviation of all patches), which would be 0 in flat regions. So noise of at most
    half a grey level, as much as rounding removed, is added first.

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
