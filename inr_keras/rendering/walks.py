"""Ways through latents, styles, weights and regions, a frame at a time."""

import numpy as np

from inr_keras.rendering.image_weights import FrozenINR
from inr_keras.rendering.renderer import FRAME
from inr_keras.rendering.renderer import Renderer


def between(keys, frames, loop):
    """Between which keys each frame of a way lies.

    Args:
        keys: int. Keys on the way, equally far apart.
        frames: int. Number of frames.
        loop: bool. Whether the way leads from the last key to the first; the
            frame after the last is then the first. Otherwise the last frame is
            the last key.

    Yields:
        Number of the key before, of the key after, share of the way between.
    """
    for frame in range(frames):
        if loop:
            place = frame * keys / frames
        else:
            place = frame * (keys - 1) / max(frames - 1, 1)
        first = min(int(place), keys - 1 if loop else max(keys - 2, 0))
        yield first, (first + 1) % keys, place - first


def progress_of(frames, loop):
    """From 0 to 1, or with `loop` to 1 and softly back, for each frame."""
    for frame in range(frames):
        if loop:
            yield 0.5 - 0.5 * np.cos(2.0 * np.pi * frame / frames)
        else:
            yield frame / max(frames - 1, 1)


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


def latents_walk(latents, frames, loop):
    """Yields latents `(1, latent_dim)` on great circles between keys."""
    for first, then, share in between(len(latents), frames, loop):
        yield spherical(latents[first], latents[then], share)[None]


def styles_walk(styles, frames, loop):
    """Yields styles `(1, ...)` on straight lines between keys."""
    for first, then, share in between(len(styles), frames, loop):
        yield (1.0 - share) * styles[first][None] + share * styles[then][None]


def zoom(point, octaves, frames, loop):
    """Yields boxes that halve `octaves` times, `point` where it was."""
    x, y = point
    for share in progress_of(frames, loop):
        scale = 2.0 ** (-octaves * share)
        yield tuple(
            centre + (edge - centre) * scale
            for centre, edge in zip((x, y, x, y), FRAME)
        )


def pan(point, frames, loop):
    """Yields boxes of the frame's size whose middle moves to `point`."""
    x, y = point
    for share in progress_of(frames, loop):
        yield tuple(edge + shift * share for edge, shift in zip(FRAME, (x, y, x, y)))


def weights_walk(generator, styles, frames, loop):
    """Yields a renderer for each frame, of weights between those of styles.

    What it draws of any style is the frame. Weights of two keys are held at
    once.

    Args:
        generator: See `FrozenINR`.
        styles: Array `(keys, ...)`.
        frames, loop: As in `between`.
    """
    frozen = FrozenINR(generator)
    renderer = Renderer(frozen.generator)
    held = {}
    for first, then, share in between(len(styles), frames, loop):
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
