"""Scores of implicit neural representations: seams, scale consistency, path length."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates

_STEP = 1e-3  # Step along a path; the source's 1e-4 is lost in float32 images.


def seam_terms(images, patch_size):
    """Steps of brightness across the lines between patches, and beside them.

    With d(j) the mean of |x[j] - x[j - 1]| over a line of pixels, in both directions
    and over the channels, the terms of an image are the sums over the lines j = P, 2P,
    ... of d(j) and of (d(j - 1) + d(j + 1)) / 2. The seam score of many images is the
    sum of the first terms over that of the second: 1 where the borders of a P x P
    tiling are as smooth as their neighbourhood, more where they show. It is the
    blockiness of JPEG (Wang, Bovik and Evan 2000, "Blind measurement of blocking
    artifacts in images", ICIP, in the domain of pixels); both neighbours of each line
    count, as images have more contrast in their middle.

    Args:
        images: uint8 array `(N, R, R, C)`.
        patch_size: int. P.

    Returns:
        float64 array `(N, 2)`.
    """
    images = images.astype("float64")
    terms = np.zeros((len(images), 2))
    for axis in (1, 2):
        steps = np.abs(np.diff(images, axis=axis))
        others = (3 - axis, 3)
        steps = steps.mean(axis=others)  # (N, R - 1): d(j) at j - 1.
        lines = np.arange(patch_size, images.shape[axis] - 1, patch_size) - 1
        terms[:, 0] += steps[:, lines].sum(axis=1)
        beside = steps[:, lines - 1] + steps[:, lines + 1]
        terms[:, 1] += beside.sum(axis=1) / 2.0
    return terms


def seam_ratio(terms):
    """Seam score of mean or summed terms `(..., 2)`."""
    return terms[..., 0] / np.maximum(terms[..., 1], 1e-12)


def scale_errors(renderer, styles):
    """Mean squared difference between each image and itself drawn twice as fine.

    Let I(s) be the image of s x s cells of the training frame, with each point in the
    middle of its cell. The function returns the mean of (mean2x2(I(2R)) - I(R))^2 for
    each image, in grey levels of [0, 255], clipped and not rounded. The score is the
    root of the mean over all images. MS-patch's regularization has this difference (Lee
    et al. 2022, arXiv 2207.01395, equation 4); multi-scale GANs are scored likewise
    with SSIM in place of the difference (Ntavelis et al. 2022, arXiv 2204.02273,
    "SelfSSIM"). An image with detail finer than its pixels has a score above 0 without
    being wrong: compare models at one resolution.

    Args:
        renderer: `Renderer`.
        styles: Tensor `(N, style_dim)`.

    Returns:
        float64 array `(N,)`.
    """
    side = renderer.generator.resolution
    frame = (-1.0, -1.0, 1.0, 1.0)

    def draw(size):
        coords = coordinates.region(frame, size, size, "center")
        return float_levels(renderer.render_coords(styles, coords))

    fine = draw(2 * side)
    count, _, _, channels = fine.shape
    fine = fine.reshape(count, side, 2, side, 2, channels).mean(axis=(2, 4))
    errors = np.square(fine - draw(side)).mean(axis=(1, 2, 3))
    return errors.astype("float64")


def path_points(styles, seed):
    """Draws a random point of each path between two styles, and one a step further on.

    Args:
        styles: Tensor `(2 N, style_dim)`; rows 2 n and 2 n + 1 are the ends of a path.
        seed: int or tuple of int.

    Returns:
        Two tensors `(N, style_dim)`.
    """
    styles = tf.convert_to_tensor(styles)
    a, b = styles[::2], styles[1::2]
    share = np.random.default_rng(seed).random((len(a), 1))
    share = tf.constant(share, "float32")
    return a + (b - a) * share, a + (b - a) * (share + _STEP)


def path_lengths(features, features_after):
    """Squared distances of features over squared steps; their mean is the path length.

    It is the perceptual path length in the space of styles, of full paths (Karras et
    al. 2019, arXiv 1812.04948, section 4.1), with the features of the extractor in
    place of LPIPS, a step of 1e-3 and no crop. Values are comparable for one extractor
    alone.
    """
    difference = features_after.astype("float64") - features
    return np.square(difference).sum(axis=1) / _STEP**2


def float_levels(images):
    """Converts floats in [-1, 1] to levels in [0, 255], clipped, not rounded."""
    return np.clip((np.asarray(images) + 1.0) * 127.5, 0.0, 255.0)
