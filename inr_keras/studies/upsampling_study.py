"""Study of larger images drawn by an INR against interpolated images."""

import json
import pathlib

import numpy as np
from PIL import Image

from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras import runs
from inr_keras.data import prepared_folder
from inr_keras.data import sources
from inr_keras.evaluation import evaluate
from inr_keras.evaluation import metrics
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from inr_keras.evaluation import samples as samples_lib
from inr_keras.files import write_beside
from inr_keras.studies import scoring

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "Lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}
NATURAL = "natural"
FLOOR = "real images, bicubic"
_FIRST_SEED = 10_000  # Apart from the seeds of sheets, by which people choose.
_BATCH = 50  # Images drawn at a time.
_MAX_REAL = 10_000  # Largest number of real images.
_SHOWN = 8  # Images in a row of crops.
_CROP = 128  # Least side at which a crop is shown.


def resized(images, size, name):
    """Resizes square uint8 images by a filter of `FILTERS`."""
    filter_ = FILTERS[name]
    return np.stack(
        [
            np.asarray(Image.fromarray(image).resize((size, size), filter_))
            for image in images
        ]
    )


class NaturalSamples(samples_lib.Samples):
    """Samples that a generator draws on a grid of `size` x `size` points."""

    def __init__(self, generator, count, seed, size, labels=None):
        super().__init__(generator, count, seed, batch=_BATCH, labels=labels)
        self.resolution = size

    def images(self, numbers):
        images = self.renderer.render(self.styles(numbers), self.resolution)
        return rendering.to_uint8(images)


class EnlargedImages:
    """Images of `Samples` or of a `Reference`, enlarged by a filter."""

    truncation = 1.0

    def __init__(self, images, size, name):
        self.smaller = images
        self.resolution = size
        self.name = name
        self.count = images.count
        self.part = range(self.count)
        self.seed = getattr(images, "seed", 0)
        self.classes = getattr(images, "classes", "none")

    def batches(self):
        for first, images in self.smaller.batches():
            yield first, resized(images, self.resolution, self.name)

    def images(self, numbers):
        return resized(self.smaller.images(numbers), self.resolution, self.name)


def enlarged(generator, count, seed, size, labels=None):
    """Maps each method to images of the same latents, and classes, at `size`."""
    small = samples_lib.Samples(generator, count, seed, batch=_BATCH, labels=labels)
    return {
        NATURAL: NaturalSamples(generator, count, seed, size, labels),
        **{name: EnlargedImages(small, size, name) for name in FILTERS},
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
    """Scores upsampled images against real ones and writes a page of the results.

    Args:
        generator: INRGenerator of RGB images, or an object with its `mapping` and
            `synthesis`.
        data: config.Data. Real images, which should have at least the training
            resolution times each factor: smaller images of a folder are enlarged.
        extractor: extractors.Extractor.
        page: Path of the Markdown page; its files go to a folder of its name.
        facts: dict. `command`, `machine`, `date` and `features`, for the page.
        samples: int. Number of images to score. Defaults to `2000`.
        factors: Sequence of int. Factors of the size. Defaults to `(2, 4)`.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of the files written, the page first.
    """
    runs.check_images(generator, channels=(3,))
    if data.keeps_aspect:
        raise ValueError(
            "config.data.aspect of the run must be crop, or `data` be given. "
            f"Received: {data.aspect!r}"
        )
    if not generator.draws_any_point:
        raise ValueError(
            "`generator` must draw images of any size. "
            f"Received: {type(generator).__name__}"
        )
    side = generator.resolution
    _check_prepared(data, side * max(factors))
    page = pathlib.Path(page)
    folder = page.with_suffix("")
    settings = metrics.Settings(
        scoring.TABLE_METRICS, side, kernel_block=scoring.TABLE_KERNEL_BLOCK
    )
    for factor in factors:
        metrics.check(settings, side * factor, extractor)
    originals = _real(data, side)
    metrics.check_counts(settings, samples, originals.count)
    results, records, sheets = [], [], {}
    for factor in factors:
        size = side * factor
        real = _real(data, size)
        tell(f"{factor}x: {samples} samples against {real.count} real images")
        ways = enlarged(generator, samples, _FIRST_SEED, size, originals.labels)
        ways[FLOOR] = EnlargedImages(originals, size, "bicubic")
        for name, images in ways.items():
            evaluation = evaluate.Evaluation(settings, images, real, extractor, folder)
            way = {"factor": factor, "method": name}
            new_records = [passports.record(score, **way) for score in evaluation.run()]
            records += new_records
            results.append({**way, **scoring.table_values(new_records)})
            tell(f"{factor}x, {name}: FD {results[-1]['fd']:.1f}")
        path = folder / f"crops_{factor}x.png"
        rendering.save_image(path, _crops(generator, real, size))
        sheets[factor] = path
    numbers = folder / "scores.json"
    text = {"facts": facts, "scores": results, "records": records}
    text = json.dumps(text, indent=1) + "\n"
    write_beside(numbers, lambda path: path.write_text(text, encoding="utf-8"))
    attribution = originals.source.attribution
    text = _page(generator, facts, samples, results, sheets, attribution)
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return [page, *sheets.values(), numbers]


def _check_prepared(data, size):
    """Refuses prepared images smaller than the images to compare with them."""
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
    """Opens the real images at a size."""
    source = sources.open_source(data, size)
    return references.Reference(source, references.cache_folder(), _MAX_REAL)


def _crops(generator, real, size):
    """Shows the middle of the same images by each method, and of real images."""
    numbers = range(_SHOWN)
    ways = enlarged(generator, _SHOWN, 0, size)
    picked = real.images([i % real.count for i in numbers])
    images = np.concatenate([*(way.images(numbers) for way in ways.values()), picked])
    margin = size // 4
    images = images[:, margin : size - margin, margin : size - margin]
    zoom = max(1, _CROP // images.shape[1])
    return rendering.sheet(images, columns=_SHOWN, margin=2, zoom=zoom)


def _head(generator, facts, samples):
    side = generator.resolution
    lines = [
        *markdown_pages.head(
            f"upsampling: images of {side}x{side}, larger", facts["command"], "score"
        ),
        f"{facts['machine']}, {facts['date']}. Natural images are the "
        f"generator's own on a denser grid, as of `apps.generate`; the "
        f"others are its images of {side}x{side}, enlarged by Pillow's "
        f"filters. The same {samples} latents each. They are judged against "
        "real images at that size. The last row is what interpolation alone "
        f"costs: the real images at {side}x{side}, enlarged. Features: "
        f"{facts['features']}; distances are comparable only within one "
        "table. For comparison, the slides (Skorokhodov, 2020) found an "
        "Inception distance of 22 for natural images at 2x against 41.4 for "
        "bilinear ones, of another dataset.",
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
