"""Foveated images: a part of the points is drawn, and the rest filled in.

A weight for each pixel says how densely points are drawn there. Chosen pixels are drawn
as in a full image and the others are interpolated between them, so that regions are
exact if all of their pixels are chosen. The whole image is held in memory.
"""

import numpy as np
from PIL import Image
from scipy import interpolate
from scipy import ndimage
from scipy import spatial
from threadpoolctl import threadpool_limits

from inr_keras.naming import renaming
from inr_keras.rendering import surfaces
from inr_keras.rendering import target_image

MAX_PIXELS = 2**22  # 0.8 GB of memory where a quarter of them is drawn.
# Steps of a plane lattice of which any run of points is spread evenly: powers of
# the inverse of the plastic number, the real root of x^3 = x + 1.
_LATTICE = (0.7548776662466927, 0.5698402909980532)
_MARGIN = 16  # Mirrored pixels beyond each border.
_JITTER = 1e-3  # Pixels; the triangulation of an exact lattice is not unique.


def gaze_weights(surface, gaze, radius):
    """Weights that fall around a gaze point like the density of human sight.

    Within `radius`, the fovea, the weights are infinite: all pixels are drawn. Beyond
    it, they are `(radius / distance) ** 2`: the finest angle that an eye resolves grows
    about in proportion to the distance from its gaze, so the density of points falls
    with the square of the distance. (CIPS draws from a normal distribution, which
    leaves no points for distant regions.)

    Args:
        surface: See `surfaces`; with one patch or a blended cylinder, but not a cube,
            whose faces are not neighbours.
        gaze: Sequence of floats. Point of the frame, one number for each axis.
        radius: float. In the frame's coordinates, where its half side is 1.

    Returns:
        float32 array `(height, width)`.

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775).
    """
    _check_surface(surface)
    if len(gaze) != surface.axes:
        raise ValueError(
            f"`gaze` must have {surface.axes} numbers, one for each axis of the "
            f"generator's frame. Received: {','.join(map(str, gaze))}"
        )
    patch = surface.patches(*_all_positions(surface))[0]
    offsets = patch.coords - np.array(gaze, "float32")
    distance = np.linalg.norm(offsets, axis=-1)
    fovea = distance <= radius
    if not fovea.any():
        raise ValueError(
            "`gaze` must have a pixel of the image within `radius`="
            f"{radius}. Received: {','.join(map(str, gaze))}, "
            f"{distance.min():.3g} from the nearest"
        )
    weights = (radius / np.where(fovea, radius, distance)) ** 2
    return np.where(fovea, np.inf, weights).astype("float32")


def file_weights(density, surface):
    """Weights from a grey image, stretched over the pixels of a surface.

    Args:
        density: str or path. White is densest, 255 times as dense as black.
        surface: See `gaze_weights`.

    Returns:
        float32 array `(height, width)` in (0, 1].
    """
    _check_surface(surface)
    with renaming({"path": "density"}):
        grey = target_image.read_pixels(density, 1)[..., 0]
    size = (surface.width, surface.height)
    grey = Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR)
    return np.maximum(np.asarray(grey, "float32"), 1.0) / 255.0


def choose(weights, share, seed=0):
    """Chooses the pixels to draw, as dense as their weights, evenly spread.

    Each pixel has a threshold from a lattice of low discrepancy; the pixels with the
    smallest thresholds relative to their weights are chosen. So the number is exact,
    and the density follows the weights up to 1; the excess goes to the other pixels.
    The four corners are always chosen.

    Args:
        weights: float array `(height, width)`, positive.
        share: float. Share of all pixels, from above 0 to 1.
        seed: int. Decides where the lattice lies. Defaults to `0`.

    Returns:
        bool array `(height, width)`.
    """
    rows, columns = np.ogrid[: weights.shape[0], : weights.shape[1]]
    shift = np.random.default_rng(seed).uniform()
    down, right = _LATTICE
    order = np.mod(shift + down * rows + right * columns, 1.0) / weights
    order[:: max(len(order) - 1, 1), :: max(order.shape[1] - 1, 1)] = 0.0
    count = round(share * order.size)
    needed = np.count_nonzero(order == 0.0)
    if not needed <= count <= order.size:
        raise ValueError(
            "`share` must be at most 1 and hold the fovea and the "
            f"corners, {needed / order.size:.4f} of the image. "
            f"Received: {share}"
        )
    chosen = np.zeros(order.shape, bool)
    chosen.flat[np.argpartition(order, count - 1, axis=None)[:count]] = True
    return chosen


def draw(renderer, styles, surface, chosen, progress=None):
    """Draws the chosen pixels and fills in the others.

    Args:
        renderer, styles, progress: See `Renderer.draw`.
        surface: See `gaze_weights`.
        chosen: bool array `(height, width)`, see `choose`.

    Returns:
        float32 array `(batch, height, width, channels)`.
    """
    shape = (len(styles), *chosen.shape, renderer.generator.channels)
    images = np.zeros(shape, "float32")
    patches = surface.patches(*_all_positions(surface))
    for number, (coords, share, columns) in enumerate(patches):
        part = chosen[:, columns]
        colours = renderer.render_coords(
            styles,
            coords[part][:, None],
            progress and (lambda x: progress((number + x) / len(patches))),
        )[:, :, 0]
        if share is not None:
            colours *= np.broadcast_to(share, part.shape)[part][:, None]
        images[:, :, columns][:, part] += colours
    return fill(images, chosen, surface.wraps)


def fill(images, chosen, wraps=False):
    """Interpolates the other pixels of images between the chosen ones.

    The interpolant consists of cubic patches over a Delaunay triangulation and has
    continuous first derivatives (Clough and Tocher). Images are mirrored at their
    borders.

    Args:
        images: float32 array `(batch, height, width, channels)`.
        chosen: bool array `(height, width)`, the corners among them.
        wraps: bool. Whether the first column is beside the last. Defaults to `False`.

    Returns:
        Array like `images`, unchanged where `chosen`.
    """
    images = images.copy()
    missing = np.argwhere(~chosen)
    if not len(missing):
        return images
    sideways = "wrap" if wraps else "symmetric"
    # Points surrounded by chosen ones do not matter to the others.
    used = _padded(chosen, sideways)
    used &= ndimage.binary_dilation(~used, iterations=3)
    points = np.argwhere(used) - float(_MARGIN)
    noise = np.random.default_rng(0).uniform(-_JITTER, _JITTER, points.shape)
    triangles = spatial.Delaunay(points + noise)
    # With threads, BLAS is 15 times slower on a triangle's small matrix.
    with threadpool_limits(1, "blas"):
        for image in images:
            values = _padded(image, sideways)[used]
            fit = interpolate.CloughTocher2DInterpolator(triangles, values)
            image[~chosen] = fit(missing)
    return images


def psnr(images, others, weights=None):
    """Peak signal-to-noise ratio of images in [-1, 1], in dB.

    Args:
        images, others: float arrays `(batch, height, width, channels)`.
        weights: Array `(height, width)`, the weight of each pixel. Defaults to
            `None`: all the same.

    Returns:
        float, at most 106.
    """
    difference = np.clip(images, -1, 1) - np.clip(others, -1, 1)
    squares = np.mean(np.square(difference, dtype="float64"), axis=(0, 3))
    mean = np.average(squares, weights=weights)
    return float(10.0 * np.log10(4.0 / max(mean, 1e-10)))


def _padded(array, sideways):
    rest = [(0, 0)] * (array.ndim - 2)
    array = np.pad(array, [(_MARGIN, _MARGIN), (0, 0), *rest], "symmetric")
    return np.pad(array, [(0, 0), (_MARGIN, _MARGIN), *rest], sideways)


def _check_surface(surface):
    if isinstance(surface, surfaces.Cube):
        raise ValueError(
            "`surface` must not be cube with `gaze` or `density`: its faces are "
            "not neighbours. Received: 'cube'"
        )
    if surface.height * surface.width > MAX_PIXELS:
        raise ValueError(
            f"`surface` must be of at most {MAX_PIXELS} pixels with `gaze` or "
            "`density`, which need memory for all of them. Received: "
            f"{surface.width}x{surface.height}"
        )


def _all_positions(surface):
    return np.arange(surface.height), np.arange(surface.width)
