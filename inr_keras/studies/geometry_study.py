"""Study of how well a linear model predicts an image's geometry from its latents."""

import json
import math
import pathlib

import numpy as np
from matplotlib.figure import Figure

from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras import runs
from inr_keras.files import write_beside
from inr_keras.layers import FactorizedModulatedDense
from inr_keras.layers import ModulatedConv2D
from inr_keras.layers import ModulatedDense
from inr_keras.models import INRHyperNetwork
from inr_keras.studies import image_moments
from inr_keras.studies import ridge

_FIRST_SEED = 10_000  # Apart from the seeds of sheets, by which people choose.
_BATCH = 100  # Images drawn at a time.
_SHOWN = 12  # Images in a row of the sheet.
_HELD_OUT = 4  # One image in this many is held out.


def modulation(generator, styles):
    """Collects all numbers by which styles modulate a generator's layers.

    These are the scales of modulated layers, the factors of factorized layers or the
    weights that a hypernetwork predicts, `(batch, count)`; `None` for SavedModels,
    which do not show them.
    """
    if isinstance(generator, runs.SavedModelGenerator):
        return None
    if isinstance(generator, INRHyperNetwork):
        count = generator.num_layers
        parts = [generator.layer_params(i, styles) for i in range(count)]
    else:
        parts = []
        for layer in getattr(generator, "volume", generator).layers:
            if isinstance(layer, (ModulatedConv2D, ModulatedDense)):
                parts.append(layer.to_scale(styles))
            elif isinstance(layer, FactorizedModulatedDense):
                parts.append(layer.to_factors(styles))
    parts = [np.asarray(part, "float64") for part in parts]
    return np.concatenate(parts, axis=1)


def run(
    generator,
    detector,
    page,
    facts,
    samples=2000,
    tell=lambda text: None,
):
    """Fits linear models of images' geometry and writes a page of the results.

    Args:
        generator: INRGenerator or an object with its `mapping` and `synthesis`.
        detector: Function from uint8 images `(N, height, width, channels)`
            to a dict of arrays `(N,)`, such as `image_moments.moments`.
        page: Path of the Markdown page; its files go to a folder of its name.
        facts: dict. `command`, `machine`, `date` and `detector`, for the page.
        samples: int. Number of images, with the held-out quarter. Defaults to
            `2000`.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of the files written, the page first.
    """
    runs.check_images(generator)
    renderer = rendering.Renderer(generator)
    seeds = range(_FIRST_SEED, _FIRST_SEED + samples)
    latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
    styles = np.asarray(renderer.styles(latents))
    tell(f"Measuring {samples} images")
    geometry = _measure(renderer, styles, detector)
    names = list(geometry)
    targets = np.stack(list(geometry.values()), axis=1)

    held_out = samples // _HELD_OUT
    fitted, tested = slice(held_out, None), slice(held_out)
    inputs = {"latents": latents, "styles": styles}
    numbers = modulation(generator, styles)
    if numbers is not None:
        inputs["modulation"] = numbers
    results, predicted = {}, {}
    for name, values in inputs.items():
        values = np.asarray(values, "float64")
        model = ridge.fit(values[fitted], targets[fitted])
        predicted[name] = model(values[tested])
        results[name] = ridge.r_squared(targets[tested], predicted[name])
        tell(f"{name}: mean R^2 {np.nanmean(results[name]):.3f}")
    order = np.random.default_rng(0).permutation(samples)
    shuffled = styles[order].astype("float64")
    model = ridge.fit(shuffled[fitted], targets[fitted])
    results["other images' styles"] = ridge.r_squared(
        targets[tested], model(shuffled[tested])
    )

    page = pathlib.Path(page)
    folder = page.with_suffix("")
    files = [
        page,
        *(folder / n for n in ("scatter.png", "order.png", "scores.json")),
    ]
    figure = _scatter(names, targets[tested], predicted["styles"], results["styles"])
    write_beside(files[1], lambda path: figure.savefig(path, dpi=100))
    sheet = _ordered(renderer, styles[tested], predicted["styles"])
    rendering.save_image(files[2], sheet)
    scores = {
        name: dict(zip(names, map(_plain, values))) for name, values in results.items()
    }
    text = json.dumps({"facts": facts, "r_squared": scores}, indent=1) + "\n"
    write_beside(files[3], lambda path: path.write_text(text, encoding="utf-8"))
    sizes = {name: values.shape[1] for name, values in inputs.items()}
    parts = [
        _head(generator, facts, samples, held_out, sizes),
        _table(names, results),
        "## Scatter\n\n"
        f"![measured and predicted geometry]({folder.name}/scatter.png)\n\n"
        "Held-out images: measured against predicted from styles; the line "
        "is equality.\n",
        "## Held-out images in order\n\n"
        f"![images in order of predicted geometry]({folder.name}/order.png)"
        f"\n\nRows: {', '.join(names)}; from the lowest to the highest that is "
        "predicted from styles, in equal steps of rank.\n",
    ]
    text = "\n".join(parts)
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return files


def _measure(renderer, styles, detector):
    parts = []
    for first in range(0, len(styles), _BATCH):
        images = renderer.render(styles[first : first + _BATCH])
        parts.append(image_moments.detect(detector, rendering.to_uint8(images)))
    if any(set(part) != set(parts[0]) for part in parts):
        raise ValueError(
            "`detector` must return the same names for all images. "
            f"Received: {sorted(set.union(*map(set, parts)))}"
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ordered(renderer, styles, predicted):
    """Draws a row of images for each quantity, in the order of its prediction."""
    places = np.linspace(0, len(styles) - 1, _SHOWN).round().astype(int)
    chosen = [styles[np.argsort(column)[places]] for column in predicted.T]
    images = rendering.to_uint8(renderer.render(np.concatenate(chosen)))
    return rendering.sheet(images, columns=_SHOWN, margin=2)


def _scatter(names, measured, predicted, scores):
    columns = min(3, len(names))
    rows = math.ceil(len(names) / columns)
    figure = Figure(figsize=(3.2 * columns, 3.1 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for i, axis in enumerate(axes):
        if i >= len(names):
            axis.set_axis_off()
            continue
        axis.plot(predicted[:, i], measured[:, i], ".", ms=3, alpha=0.5)
        both = np.concatenate([predicted[:, i], measured[:, i]])
        line = [both.min(), both.max()]
        axis.plot(line, line, linewidth=1, color="black")
        axis.set_title(f"{names[i]}: R² {_text(scores[i])}", fontsize=10)
    figure.supxlabel("predicted", fontsize=10)
    figure.supylabel("measured", fontsize=10)
    return figure


def _head(generator, facts, samples, held_out, sizes):
    side = generator.resolution
    counts = ", ".join(f"{n} {name}" for name, n in sizes.items())
    turns = ""
    if generator.class_names:
        turns = " Classes take turns; latents do not tell them, styles do."
    return "\n".join(
        [
            *markdown_pages.head(
                f"geometry: what a linear model reads off images of {side}x{side}",
                facts["command"],
            ),
            f"{facts['machine']}, {facts['date']}. Detector: "
            f"{facts['detector']}. A ridge regression from each of the "
            f"inputs ({counts}) to each quantity, on {samples - held_out} "
            f"images; its penalty is chosen on a quarter of them. R^2 is of "
            f"the {held_out} others: 1 is perfect, 0 is their mean. The last "
            "column is a control: each image has the styles of another."
            f"{turns}",
            "",
        ]
    )


def _table(names, results):
    lines = [
        f"| quantity | {' | '.join(results)} |",
        f"|---|{'---:|' * len(results)}",
    ]
    for i, name in enumerate(names):
        cells = (_text(scores[i]) for scores in results.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    means = (_text(np.nanmean(scores)) for scores in results.values())
    lines += [f"| mean | {' | '.join(means)} |", ""]
    if "modulation" in results:
        lines += [
            "Modulation is what styles give to the layers. As long as that is "
            "a linear map, a linear model finds the same in both, up to its "
            "penalty.",
            "",
        ]
    return "\n".join(lines)


def _text(score):
    return "-" if np.isnan(score) else f"{score:.3f}"


def _plain(score):
    return None if np.isnan(score) else round(float(score), 6)
