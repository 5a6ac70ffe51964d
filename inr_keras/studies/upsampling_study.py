"""Whether an INR's own larger images beat interpolated ones."""

import json
import pathlib

import numpy as np
from PIL import Image

from inr_keras import rendering
from inr_keras import runs
from inr_keras.data import prepared_folder
from inr_keras.data import sources
from inr_keras.evaluation import scores
from inr_keras.files import write_beside

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "Lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}
NATURAL = "natural"
FLOOR = "real images, bicubic"
_FIRST_SEED = 10_000  # Not the seeds of sheets, which people choose by.
_BATCH = 50
_MOST_REAL = 10_000
_SHOWN = 8  # Images in a row of crops.
_CROP = 128  # Least side of a crop as shown.


def resized(images, size, name):
    """Square uint8 images at another size by a filter of `FILTERS`."""
    filter_ = FILTERS[name]
    return np.stack(
        [
            np.asarray(Image.fromarray(image).resize((size, size), filter_))
            for image in images
        ]
    )


def enlarged(renderer, styles, size):
    """Images of styles at `size`: natural ones and by each filter."""
    small = rendering.to_uint8(renderer.render(styles))
    natural = rendering.to_uint8(renderer.render(styles, size))
    return {
        NATURAL: natural,
        **{name: resized(small, size, name) for name in FILTERS},
    }


def run(
    generator,
    data,
    extractor,
    page,
    facts,
    samples=2000,
    factors=(2, 4),
    tell=lambda text: None,
):
    """Judges upsampled images against real ones and writes a page.

    Args:
        generator: Generator with `mapping` and `synthesis` of RGB images.
        data: config.Data. The real images, which must be good for the
            training resolution times each factor: a folder's are enlarged
            where they are smaller.
        extractor: extractors.Extractor.
        page: Path of the Markdown page; its files go to a folder of its name.
        facts: dict. `command`, `machine`, `date` and `features`, for the page.
        samples: int. Images that are judged. Defaults to `2000`.
        factors: Sequence of int. Defaults to `(2, 4)`.
        tell: Function of a line of text. Defaults to silence.

    Returns:
        List of the files written, the page first.
    """
    runs.check_images(generator, channels=(3,))
    if data.keeps_aspect:
        raise ValueError(
            "config.data.aspect of the run must be crop, or --data be given. "
            f"Received: {data.aspect!r}"
        )
    side = generator.resolution
    _check_prepared(data, side * max(factors))
    page = pathlib.Path(page)
    folder = page.with_suffix("")
    renderer = rendering.Renderer(generator)
    originals, attribution = _real(data, side)
    results, sheets = [], {}
    for factor in factors:
        size = side * factor
        real, _ = _real(data, size)
        tell(f"{factor}x: {samples} samples against {len(real)} real images")
        found = _features(renderer, extractor, size, samples)
        floor = resized(originals, size, "bicubic")
        found[FLOOR] = scores.features(extractor, floor)
        wanted = scores.features(extractor, real)
        for name, features in found.items():
            judged = scores.compare(wanted, features)
            results.append({"factor": factor, "method": name, **judged})
            tell(f"{factor}x, {name}: FD {judged['fd']:.1f}")
        path = folder / f"crops_{factor}x.png"
        rendering.save_image(path, _crops(renderer, real, size))
        sheets[factor] = path
    numbers = folder / "scores.json"
    text = json.dumps({"facts": facts, "scores": results}, indent=1) + "\n"
    write_beside(numbers, lambda path: path.write_text(text))
    text = _page(generator, facts, samples, results, sheets, attribution)
    write_beside(page, lambda path: path.write_text(text))
    return [page, *sheets.values(), numbers]


def _check_prepared(data, size):
    """Refuses prepared images that would have to be enlarged themselves."""
    if not prepared_folder.is_prepared(data.source):
        return
    stored = prepared_folder.stored_sides(prepared_folder.open_prepared(data.source))
    if stored and max(stored) < size:
        raise ValueError(
            f"config.data.source must hold images of {size} pixels or more, "
            f"to judge larger ones by. Received: {data.source!r}, prepared at "
            f"{max(stored)}"
        )


def _page(generator, facts, samples, results, sheets, attribution):
    parts = [
        _head(generator, facts, samples),
        *(_table(results, factor) for factor in sheets),
        *(_figure(path, factor) for factor, path in sheets.items()),
    ]
    if attribution:
        parts.append(f"Real images: {attribution}\n")
    return "\n".join(parts)


def _real(data, size):
    """Real images, and what their licence asks to be said."""
    source = sources.open_source(data, size)
    items = source.dataset(seed=0).take(_MOST_REAL).as_numpy_iterator()
    # With its label, where the run has classes.
    items = [item[0] if source.classes else item for item in items]
    return np.stack(items), source.attribution


def _features(renderer, extractor, size, samples):
    """Features of each way's images, a few images in memory at once."""
    found = {}
    end = _FIRST_SEED + samples
    for first in range(_FIRST_SEED, end, _BATCH):
        seeds = range(first, min(first + _BATCH, end))
        for name, images in enlarged(renderer, _styles(renderer, seeds), size).items():
            features = scores.features(extractor, images)
            found.setdefault(name, []).append(features)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _styles(renderer, seeds):
    latent_dim = renderer.generator.latent_dim
    return renderer.styles(rendering.latents_from_seeds(seeds, latent_dim))


def _crops(renderer, real, size):
    """The middle of the same images by each way, and of real ones."""
    rows = enlarged(renderer, _styles(renderer, range(_SHOWN)), size)
    picked = real[np.arange(_SHOWN) % len(real)]
    images = np.concatenate([*rows.values(), picked])
    margin = size // 4
    images = images[:, margin : size - margin, margin : size - margin]
    zoom = max(1, _CROP // images.shape[1])
    return rendering.sheet(images, columns=_SHOWN, margin=2, zoom=zoom)


def _head(generator, facts, samples):
    side = generator.resolution
    lines = [
        f"# upsampling: images of {side}x{side}, larger",
        "",
        "Written by this command; no score is typed.",
        "",
        "```",
        facts["command"],
        "```",
        "",
        f"{facts['machine']}, {facts['date']}. Natural images are the "
        f"generator's own on a denser grid, as of `apps.generate --size`; the "
        f"others are its images of {side}x{side}, enlarged by Pillow's "
        f"filters. The same {samples} latents each. They are judged against "
        "real images at that size. The last row is what interpolation alone "
        f"costs: the real images at {side}x{side}, enlarged. Features: "
        f"{facts['features']}; distances are comparable within one table "
        "alone. For comparison, the slides (Skorokhodov, 2020) found an "
        "Inception distance of 22 for natural images at 2x against 41.4 for "
        "bilinear ones, of another data set.",
        "",
    ]
    if generator.alignment == "corner":
        lines += [
            "The generator was trained in `corner` alignment, whose outermost "
            "samples stay on the frame at each size, while filters keep the "
            "outer edges of pixels: natural images are larger by 1 part in "
            f"{2 * side - 2} at 2x.",
            "",
        ]
    return "\n".join(lines)


def _table(results, factor):
    rows = [r for r in results if r["factor"] == factor]
    lines = [
        f"## {factor}x",
        "",
        "| images | FD | KID | precision | recall |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {r['method']} | {r['fd']:.1f} | {r['kid']:.3f} | "
            f"{r['precision']:.3f} | {r['recall']:.3f} |"
            for r in rows
        ),
        "",
    ]
    fd = {r["method"]: r["fd"] for r in rows}
    best = min(FILTERS, key=fd.get)
    natural = fd[NATURAL]
    verdict = "lower than" if natural < fd[best] else "not lower than"
    lines += [
        f"The natural images' distance, {natural:.1f}, is {verdict} that of "
        f"the best filter, {fd[best]:.1f} ({best}); bilinear: "
        f"{fd['bilinear']:.1f}.",
        "",
    ]
    return "\n".join(lines)


def _figure(path, factor):
    rows = ", ".join((NATURAL, *FILTERS))
    return (
        f"## Crops at {factor}x\n\n"
        f"![crops at {factor}x]({path.parent.name}/{path.name})\n\n"
        f"The middle of images 0 to {_SHOWN - 1}. Rows: {rows}; last, real "
        "images.\n"
    )
