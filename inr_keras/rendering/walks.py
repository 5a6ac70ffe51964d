"""Ways through latents, styles, weights and regions, an image at a time."""

import numpy as np

from inr_keras.rendering.image_weights import FrozenINR
from inr_keras.rendering.renderer import FRAME
from inr_keras.rendering.renderer import Renderer


def between(keys, length, loop):
    """Yields the two keys between which each image of a way lies.

    Args:
        keys: int. Keys on the way, equally far apart.
        length: int. Number of images.
        loop: bool. Whether the way leads from the last key to the first; the
            image after the last is then the first. Otherwise the last image is
            the last key.

    Yields:
        Number of the key before, of the key after, share of the way between.
    """
    for number in range(length):
        if loop:
            place = number * keys / length
        else:
            place = number * (keys - 1) / max(length - 1, 1)
        first = min(int(place), keys - 1 if loop else max(keys - 2, 0))
        yield first, (first + 1) % keys, place - first


def progress_of(length, loop):
    """From 0 to 1, or with `loop` to 1 and softly back, for each image."""
    for number in range(length):
        if loop:
            yield 0.5 - 0.5 * np.cos(2.0 * np.pi * number / length)
        else:
            yield number / max(length - 1, 1)


def spherical(a, b, share):
    """From latent a to b on a great circle, lengths in proportion."""
    lengths = [np.linalg.norm(v) for v in (a, b)]
    cosine = np.dot(a / lengths[0], b / lengths[1])
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    length = (1.0 - share) * lengths[0] + share * lengths[1]
    if np.sin(angle) < 1e-4:  # One direction, or no great circle of its own.
        mixed = (1.0 - share) * a + share * b
        return mixed.astype("float32")
    parts = np.sin([(1.0 - share) * angle, share * angle]) / np.sin(angle)
    mixed = parts[0] * a / lengths[0] + parts[1] * b / lengths[1]
    return (mixed * length).astype("float32")


def latents_walk(latents, length, loop):
    """Yields latents `(1, latent_dim)` on great circles between keys."""
    for first, then, share in between(len(latents), length, loop):
        yield spherical(latents[first], latents[then], share)[None]


def styles_walk(styles, length, loop):
    """Yields styles `(1, ...)` on straight lines between keys."""
    for first, then, share in between(len(styles), length, loop):
        yield (1.0 - share) * styles[first][None] + share * styles[then][None]


def zoom(point, octaves, length, loop):
    """Yields boxes that halve `octaves` times, `point` where it was."""
    x, y = point
    for share in progress_of(length, loop):
        scale = 2.0 ** (-octaves * share)
        yield tuple(
            centre + (edge - centre) * scale
            for centre, edge in zip((x, y, x, y), FRAME)
        )


def pan(point, length, loop):
    """Yields boxes of the frame's size whose middle moves to `point`."""
    x, y = point
    for share in progress_of(length, loop):
        yield tuple(edge + shift * share for edge, shift in zip(FRAME, (x, y, x, y)))


def weights_walk(generator, styles, length, loop):
    """Yields a renderer for each image, of weights between those of styles.

    Each renderer draws the same image for any style. Weights of two keys are held at
    once.

    Args:
        generator: See `FrozenINR`.
        styles: Array `(keys, ...)`.
        length, loop: As in `between`.
    """
    frozen = FrozenINR(generator)
    renderer = Renderer(frozen.generator)
    held = {}
    for first, then, share in between(len(styles), length, loop):
        held = {
            key: held[key] if key in held else frozen.weights(styles[key : key + 1])
            for key in (first, then)
        }
        frozen.assign(
            [(1.0 - share) * a + share * b for a, b in zip(held[first], held[then])]
        )
        yield renderer


def mixed(coarse, fine, crossover, layers):
    """Styles for each layer: the first `crossover` of one, others of another.

    Args:
        coarse: Array `(1, style_dim)` or `(1, layers, style_dim)`.
        fine: As `coarse`.
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
