"""Fréchet distance, KID, precision and recall between sets of images.

Distances are TF-GAN's, on the features of any extractor. They depend on the
extractor, on the number of images and on their size: compare scores only
where all three are equal, and never with published Inception numbers.
"""

import numpy as np
import tensorflow as tf

from inr_keras.evaluation import manifold
from inr_keras.evaluation import tfgan


def features(extractor, images, batch=32):
    """Features of uint8 images.

    Args:
        extractor: extractors.Extractor.
        images: uint8 array `(N, height, width, 1 or 3)`.
        batch: int. Images at a time.

    Returns:
        float64 array `(N, D)`.
    """
    parts = [
        extractor(images[start : start + batch])["features"]
        for start in range(0, len(images), batch)
    ]
    return np.concatenate(parts).astype("float64")


def compare(real, fake, neighbours=3):
    """Scores of `fake` features against `real` ones.

    Args:
        real: float64 array `(N, D)`.
        fake: float64 array `(M, D)`.
        neighbours: int. k of the manifolds of precision and recall.

    Returns:
        dict: `fd`, `kid`, `precision`, `recall`, and `real_count` and
        `fake_count`.
    """
    evaluate = tfgan.load().eval
    a, b = tf.constant(real), tf.constant(fake)
    precision, recall = precision_recall(real, fake, neighbours)
    fd = evaluate.frechet_classifier_distance_from_activations(a, b)
    with tfgan.quiet():
        kid = evaluate.kernel_classifier_distance_from_activations(a, b)
    return {
        "fd": float(fd),
        "kid": float(kid),
        "precision": precision,
        "recall": recall,
        "real_count": len(real),
        "fake_count": len(fake),
    }


def sliced_wasserstein(real, fake, seed=0, projections=4):
    """Sliced Wasserstein distance of two sets of images; needs no weights.

    TF-GAN's, of 7x7 patches of each level of a Laplacian pyramid down to 16
    pixels, averaged over the levels (Karras et al. 2018, arXiv 1710.10196,
    section 5). It depends on the number of images and on their size.

    TF-GAN divides each patch by its own deviation (Karras et al. by that of
    all patches), which is 0 on a flat ground and gives no number: so noise of
    at most half a grey level, less than rounding took, is added before.

    Args:
        real: uint8 array `(N, S, S, 3)`, S a power of two.
        fake: uint8 array of the same shape.
        seed: int. Of the noise, patches and projections; TensorFlow's global
            seed is set to it.
        projections: int. TF-GAN's `random_sampling_count`, each of 147.
    """
    evaluate = tfgan.load().eval
    rng = np.random.default_rng(seed)
    state = np.random.get_state()  # TF-GAN draws patches from NumPy's own.
    try:
        # Eagerly, so that all draws come in the same order each time.
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
    """uint8 images as float32 about [0, 1], with the noise of rounding."""
    noise = rng.random(images.shape, "float32") - 0.5
    return (images + noise) / np.float32(255.0)


def precision_recall(real, fake, neighbours=3):
    """Improved precision and recall; see `manifold.Relations`."""
    found = manifold.relate(real, fake, (neighbours,))
    return (
        float(found.precision(neighbours).mean()),
        float(found.recall(neighbours).mean()),
    )
