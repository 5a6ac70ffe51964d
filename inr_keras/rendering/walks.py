"""Walks through latents, styles, weights and regions, one image at a time."""

import numpy as np

from inr_keras.rendering.image_weights import FrozenINR
from inr_keras.rendering.renderer import FRAME
from inr_keras.rendering.renderer import Renderer


def surrounding_keys(keys, length, loop):
    """Yields the two keys between which each image of a walk lies.

    Args:
        keys: int. Number of keys of the walk, equally far apart.
        length: int. Number of images.
        loop: bool. Whether the walk leads from the last key to the first; the image
            after the last is then the first. Otherwise the last image is the last key.

    Yields:
        Number of the key before, number of the key after, and share of the way between
        them.
    """
    for number in range(length):
        if loop:
            position = number * keys / length
        else:
            position = number * (keys - 1) / max(length - 1, 1)
        first = min(int(position), keys - 1 if loop else max(keys - 2, 0))
        yield first, (first + 1) % keys, position - first


def shares_of_way(length, loop):
    """Yields the share of the way, 0 to 1, for each image.

    With `loop` it goes to 1 and smoothly back.
    """
    for number in range(length):
        if loop:
            yield 0.5 - 0.5 * np.cos(2.0 * np.pi * number / length)
        else:
            yield number / max(length - 1, 1)


def spherical(a, b, share):
    """Interpolates from latent `a` to `b` on a great circle, lengths in proportion."""
    lengths = [np.linalg.norm(v) for v in (a, b)]
    cosine = np.dot(a / lengths[0], b / lengths[1])
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    length = (1.0 - share) * lengths[0] + share * lengths[1]
    if np.sin(angle) < 1e-4:  # Parallel latents define no great circle.
        mixed = (1.0 - share) * a + share * b
        return mixed.astype("float32")
    parts = np.sin([(1.0 - share) * angle, share * angle]) / np.sin(angle)
    mixed = parts[0] * a / lengths[0] + parts[1] * b / lengths[1]
    return (mixed * length).astype("float32")


def latents_walk(latents, length, loop):
    """Yields latents `(1, latent_dim)` on great circles between keys."""
    for first, second, share in surrounding_keys(len(latents), length, loop):
        yield spherical(latents[first], latents[second], share)[None]


def styles_walk(styles, length, loop):
    """Yields styles `(1, ...)` on straight lines between keys."""
    for first, second, share in surrounding_keys(len(styles), length, loop):
        yield (1.0 - share) * styles[first][None] + share * styles[second][None]


def zoom(point, octaves, length, loop):
    """Yields boxes that halve `octaves` times around `point`, which stays in place."""
    x, y = point
    for share in shares_of_way(length, loop):
        scale = 2.0 ** (-octaves * share)
        yield tuple(
            centre + (edge - centre) * scale
            for centre, edge in zip((x, y, x, y), FRAME)
        )


def pan(point, length, loop):
    """Yields boxes of the frame's size whose middle moves to `point`."""
    x, y = point
    for share in shares_of_way(length, loop):
        yield tuple(edge + shift * share for edge, shift in zip(FRAME, (x, y, x, y)))


def weights_walk(generator, styles, length, loop):
    """Yields a renderer for each image, with weights between those of two styles.

    Each renderer draws the same image for any style. The weights of two keys are held
    at once.

    Args:
        generator: See `FrozenINR`.
        styles: Array `(keys, ...)`.
        length, loop: See `surrounding_keys`.
    """
    frozen = FrozenINR(generator)
    renderer = Renderer(frozen.generator)
    weights = {}
    for first, second, share in surrounding_keys(len(styles), length, loop):
        weights = {
            key: weights[key]
            if key in weights
            else frozen.weights(styles[key : key + 1])
            for key in (first, second)
        }
        frozen.assign(
            [
                (1.0 - share) * a + share * b
                for a, b in zip(weights[first], weights[second])
            ]
        )
        yield renderer


def mixed(coarse, fine, crossover, layers):
    """Mixes styles by layer: the first `crossover` layers of one, the rest of another.

    Args:
        coarse: Array `(1, style_dim)` or `(1, layers, style_dim)`.
        fine: Array of either shape.
        crossover: int. Number of the first layer that takes `fine`.
        layers: int. Number of layers of the generator.

    Returns:
        Array `(1, layers, style_dim)`.
    """

    def for_layers(styles):
        styles = np.asarray(styles, "float32")
        if styles.ndim == 2:
            styles = styles[:, None].repeat(layers, axis=1)
        return styles

    coarse, fine = for_layers(coarse), for_layers(fine)
    return np.concatenate([coarse[:, :crossover], fine[:, crossover:]], axis=1)
