"""Classes of similar images: clusters of their features."""

import warnings

import numpy as np
from scipy.cluster import vq

_STARTS = 20
_ITERATIONS = 50
_COMPONENTS = 48


def cluster(features, count, seed=0):
    """Divides images into clusters of similar features, by k-means.

    It clusters the first 48 principal components of the features, from 20 random
    starts, and keeps the clusters with the least squared distances.

    Args:
        features: Array `(images, values)`.
        count: int. Number of clusters, from 2.
        seed: int. Seed of the starts. Defaults to `0`.

    Returns:
        int array `(images,)`. The cluster of each image; 0 is the largest one.

    Raises:
        ValueError: There are fewer different images than clusters.

    Example:
        >>> cluster(np.array([[0.0], [5.0], [5.1]]), count=2)
        array([1, 0, 0])

    References:
        - [Sage et al., 2018](https://arxiv.org/abs/1712.04407), section 3.2: clusters
          of a classifier's features as classes of a GAN.
    """
    components = _principal(np.asarray(features, "float64"))
    best, least = None, np.inf
    for start in range(_STARTS if count <= len(features) else 0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # A cluster is empty.
            rng = np.random.default_rng((seed, start))
            centers, labels = vq.kmeans2(
                components, count, _ITERATIONS, minit="++", seed=rng
            )
        error = np.sum((components - centers[labels]) ** 2)
        if error < least and len(np.unique(labels)) == count:
            best, least = labels, error
    if best is None:
        raise ValueError(
            "`count` must be at most the number of different images. "
            f"Received: {count} with {len(features)} images"
        )
    order = np.argsort(-np.bincount(best), kind="stable")
    return np.argsort(order)[best]


def _principal(features):
    centered = features - features.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    return centered @ axes[:_COMPONENTS].T
