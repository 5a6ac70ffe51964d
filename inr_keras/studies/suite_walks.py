"""Walks between the images of a suite's runs: a strip, a film and their evenness."""

import numpy as np

from inr_keras import rendering
from inr_keras.rendering import film
from inr_keras.rendering import walks

_KEYS = 3  # Images that the strip's walk joins.
_STRIP = 13  # Images of the strip.
_WALKS = 4  # Walks of the film, side by side.
_FILM = 40  # Images of the film.
_LEAST_SIDE = 48  # Smaller images are shown with each pixel as a square.
_RATE = 15  # Of the film, in images a second.


def write(pairs, folder):
    """Writes a strip and a film of walks and their part of the page.

    Args:
        pairs: List of pairs, a dict from `Runner.run` and its generator.
        folder: Path of the folder of the page's images, beside the page.

    Returns:
        str: Markdown.
        List of the files written.
    """
    titles = [f"{r['title']}, seed {r['seed']}" for r, _ in pairs]
    renderers = [rendering.Renderer(generator) for _, generator in pairs]
    strip = [_walks(r, [range(_KEYS)], _STRIP, loop=False)[0] for r in renderers]
    path = folder / "walk.png"
    images = np.concatenate(strip)
    look = {"margin": 2, "zoom": max(1, _LEAST_SIDE // images.shape[1])}
    rendering.save_image(path, rendering.sheet(images, _STRIP, **look))

    keys = [(2 * i, 2 * i + 1) for i in range(_WALKS)]
    # For each run (walks, images, height, width, channels).
    films = [_walks(r, keys, _FILM, loop=True) for r in renderers]
    frames = (
        rendering.sheet(np.concatenate([run[:, i] for run in films]), _WALKS, **look)
        for i in range(_FILM)
    )
    film_path = folder / "walk.webp"
    film.write_film(film_path, frames, _RATE)
    where = folder.name
    lines = [
        "## Walks",
        "",
        f"![Walks]({where}/{path.name})",
        "",
        f"Rows: {'; '.join(titles)}. {_KEYS} latents, the same for each, joined by "
        f"great circles. [{film_path.name}]({where}/{film_path.name}) is a film of "
        f"{_WALKS} such walks between two latents.",
        "",
        "| run | path length | largest step / mean step |",
        "|---|---:|---:|",
        *(
            f"| {title} | {r['scores']['ppl']:,.0f} | {unevenness(run):.2f} |"
            for title, (r, _), run in zip(titles, pairs, films)
        ),
        "",
        "The path length is the perceptual one of full paths between styles, in these "
        "features (`ppl` of `apps.evaluate`). A step is the root mean square of the "
        "difference of neighbouring images of the film. The quotient is a mean over "
        "the walks: it is 1 for a walk of even speed, and larger for one that stands "
        "still and jumps.",
        "",
    ]
    return "\n".join(lines), [path, film_path]


def unevenness(films):
    """Mean over walks of their largest step over their mean step.

    Args:
        films: Array `(walks, images, height, width, channels)` of walks that return to
            their first image.
    """
    steps = np.diff(films, axis=1, append=films[:, :1]).astype("float64")
    sizes = np.sqrt(np.mean(np.square(steps), axis=(2, 3, 4)))
    means = np.maximum(sizes.mean(axis=1), 1e-12)  # A walk that stands still: 0.
    return float(np.mean(sizes.max(axis=1) / means))


def _walks(renderer, keys, length, loop):
    """Draws a walk between the latents of each group of seeds."""
    generator = renderer.generator
    path, labels = [], []
    for seeds in keys:
        latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
        path += walks.latents_walk(latents, length, loop)
        # A walk stays in the class of its first image.
        first = rendering.labels_in_turn(seeds[:1], generator)
        labels += [] if first is None else [first[0]] * length
    side = generator.resolution
    styles = renderer.styles(np.concatenate(path), labels=labels or None)
    images = renderer.render(styles, side, side)
    return np.reshape(images, (len(keys), length, *images.shape[1:]))
