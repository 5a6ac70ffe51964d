"""Views of images that scores see: the whole image, a reduced one, or a patch."""

import numpy as np

VIEWS = ("full", "half", "quarter", "patch")
_FACTORS = {"half": 2, "quarter": 4}
_SMALLEST = 8  # Least pixels on a side of a view.


def check(view, resolution, patch_size):
    """Raises `ValueError` where images are too small for a view."""
    factor = _FACTORS.get(view, 1)
    if resolution % factor or resolution // factor < _SMALLEST:
        raise ValueError(
            f"`metrics`: an image's {view} must be whole pixels, {_SMALLEST} "
            f"a side or more. Received: images of {resolution}"
        )
    if view == "patch" and not _SMALLEST <= patch_size <= resolution:
        raise ValueError(
            f"`patch_size` must be from {_SMALLEST} to the resolution, "
            f"{resolution}. Received: {patch_size}"
        )


def side(view, resolution, patch_size):
    """Side of a view of an image, in pixels."""
    if view == "patch":
        return patch_size
    return resolution // _FACTORS.get(view, 1)


def view_of(view, images, first, patch_size, seed):
    """Computes the view of some images.

    `half` and `quarter` are means of 2x2 and 4x4 pixels, rounded: the distance at a
    lower scale of InfinityGAN (Lin et al. 2021, arXiv 2104.03963, section 4, "ScaleInv
    FID"). `patch` is a crop of full density at a position that `seed` and the image's
    number decide, the same for reals and fakes: the patch-FID of any-resolution GANs
    (Chai et al. 2022, arXiv 2204.07156, section 3.3) at the one scale of the images.

    Args:
        view: str. One of `VIEWS`.
        images: uint8 array `(N, R, R, C)`.
        first: int. Number of the first image.
        patch_size: int. Side of a patch.
        seed: int. Decides the positions of patches.

    Returns:
        uint8 array `(N, S, S, C)`.
    """
    if view in _FACTORS:
        return reduced(images, _FACTORS[view])
    if view == "patch":
        return np.stack(
            [
                _crop(image, patch_size, (seed, first + i))
                for i, image in enumerate(images)
            ]
        )
    return images


def reduced(images, factor):
    """Means of `factor` x `factor` pixels, rounded to uint8."""
    count, height, width, channels = images.shape
    parts = images.reshape(
        count, height // factor, factor, width // factor, factor, channels
    )
    return np.rint(parts.mean(axis=(2, 4), dtype="float64")).astype("uint8")


def _crop(image, size, seed):
    rng = np.random.default_rng(seed)
    y, x = rng.integers(0, image.shape[0] - size + 1, 2)
    return image[y : y + size, x : x + size]
