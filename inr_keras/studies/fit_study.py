"""Study of INRs that fit images: weight parametrizations, Fourier and SIREN."""

import dataclasses
import json
import pathlib

import keras
import numpy as np
from matplotlib.figure import Figure

from inr_keras import config as config_lib
from inr_keras import rendering
from inr_keras.data import sources
from inr_keras.evaluation import markdown_pages
from inr_keras.files import write_beside
from inr_keras.models import ExternalINR
from inr_keras.studies import fitting

_SHOWN = 12  # Images in a row of the sheet.
_TITLES = {
    "linear": "Linear",
    "se_linear": "SELinear",
    "mfilm": "mFiLM",
    "mfilm_no_norm": "mFiLM, no normalization",
    "mfilm_scaled": "mFiLM, no normalization, scale",
    "factorized": "Factorized (r = 10)",
    "factorized_se": "FactorizedSE (r = 10)",
    "adain": "AdaIN",
}
_COUNTS = {
    "linear": "n^2 + n",
    "se_linear": "n^2 + n",
    "mfilm": "3n",
    "mfilm_no_norm": "3n",
    "mfilm_scaled": "3n",
    "factorized": "2nr + n",
    "factorized_se": "2nr + n",
    "adain": "2n",
}
_BASES = {
    "Fourier": {"basis": "fourier"},
    "SIREN, original init": {"basis": "siren", "initialization": "original"},
    "SIREN, slides' init": {"basis": "siren", "initialization": "slides"},
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings that all fits of a suite share.

    Attributes:
        suite: str. `parametrizations` or `fourier`.
        source: str. Source of the images, as in `config.data.source`.
        count: int. Number of images.
        resolution: int. Side of the images.
        steps: int. Steps of each fit; 0: as many as `minutes` allow.
        minutes: float. Time for the whole suite.
        seed: int. Seed of the choice of images and of the fits.
        width: int. Channels n of each layer.
        layers: int. Number of layers before the colours.
    """

    suite: str
    source: str = "openmoji"
    count: int = 50
    resolution: int = 64
    steps: int = 0
    minutes: float = 0.0
    seed: int = 0
    width: int = 64
    layers: int = 3


def entries(suite):
    """Maps the titles of a suite's fits to arguments of `ExternalINR`."""
    if suite == "parametrizations":
        return {title: {"parametrization": name} for name, title in _TITLES.items()}
    return {
        f"{title}, {_TITLES[name]}": {**changes, "parametrization": name}
        for name in ("linear", "factorized_se")
        for title, changes in _BASES.items()
    }


def load_images(settings):
    """Loads a seed's choice of images, a uint8 array, and their attribution."""
    data = config_lib.Data(source=settings.source)
    source = sources.open_source(data, settings.resolution)
    chosen = source.dataset(seed=settings.seed).take(settings.count)
    return np.stack(list(chosen.as_numpy_iterator())), source.attribution


def run(settings, page, facts, tell=lambda text: None):
    """Fits images in all ways of a suite and writes a Markdown page of the results.

    Args:
        settings: Settings.
        page: Path of the page; its images go to a folder of its name.
        facts: dict. `command`, `machine` and `date`, for the page.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of the files written, the page first.
    """
    images, attribution = load_images(settings)
    work = entries(settings.suite)
    seconds = 0.0
    if not settings.steps:
        seconds = settings.minutes * 60.0 / len(work)
    results = []
    for title, changes in work.items():
        keras.utils.set_random_seed(settings.seed)
        inr = ExternalINR(
            width=settings.width,
            layers=settings.layers,
            channels=images.shape[-1],
            **changes,
        )
        fit = fitting.fit(inr, images, settings.steps, seconds, settings.seed)
        tell(f"{title}: MAE {fit.mae:.4f} after {fit.steps} steps")
        hidden = inr.external_sizes[1:-1]
        results.append(
            {
                "title": title,
                **changes,
                "external_per_layer": hidden[0] if hidden else 0,
                "external": inr.num_external_params,
                "shared": inr.count_params(),
                "fit": fit,
            }
        )
    return _write(settings, images, attribution, results, page, facts)


def _write(settings, images, attribution, results, page, facts):
    page = pathlib.Path(page)
    folder = page.with_suffix("")
    files = [page, *(folder / n for n in ("sheet.png", "mae.png", "fit.json"))]
    rows = [images, *(r["fit"].images for r in results)]
    rows = np.concatenate([row[:_SHOWN] for row in rows])
    columns = min(_SHOWN, len(images))
    rendering.save_image(files[1], rendering.sheet(rows, columns, margin=2))
    figure = _figure(results)
    write_beside(files[2], lambda path: figure.savefig(path, dpi=110))
    numbers = {
        "settings": dataclasses.asdict(settings),
        "facts": facts,
        "results": [_plain(result) for result in results],
    }
    text = json.dumps(numbers, indent=1) + "\n"
    write_beside(files[3], lambda path: path.write_text(text))
    parts = [
        _head(settings, len(images), facts),
        _table(settings, results),
        _order(results),
        "## Reconstructions\n\n"
        f"![reconstructions]({folder.name}/sheet.png)\n\n"
        "Rows: the images; " + "; ".join(r["title"] for r in results) + ".\n",
        "## Error over time\n\n"
        f"![mean absolute error over time]({folder.name}/mae.png)\n",
    ]
    if attribution:
        parts.append(f"{attribution}\n")
    text = "\n".join(parts)
    write_beside(page, lambda path: path.write_text(text))
    return files


def _head(settings, count, facts):
    length = f"{settings.steps} steps"
    if not settings.steps:
        length = f"{settings.minutes:g} minutes for the whole table, each kind "
        length += "as many seconds"
    return "\n".join(
        [
            *markdown_pages.head(
                f"{settings.suite}: {count} images at "
                f"{settings.resolution}x{settings.resolution}",
                facts["command"],
            ),
            f"{facts['machine']}, {facts['date']}. Each INR has one vector of "
            "external parameters an image and weights that all images "
            f"share, trained together: {settings.layers} layers of n = "
            f"{settings.width} before the colours, Adam at {fitting.RATE:g} "
            "falling to 0, mean squared error, "
            f"{fitting.POINTS} random pixels of all images a step; {length}. "
            "The first and the last layer are Linear in every row, as in the "
            "authors' code.",
            "",
        ]
    )


def _table(settings, results):
    table = settings.suite == "parametrizations"
    extra = (" formula |", "---:|") if table else ("", "")
    lines = [
        f"| weights |{extra[0]} external, a layer | external, in all | shared "
        "| MAE | PSNR, dB | steps | ms / step |",
        f"|---|{extra[1]}---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in results:
        fit = r["fit"]
        formula = f" {_COUNTS[r['parametrization']]} |" if table else ""
        lines.append(
            f"| {r['title']} |{formula} {r['external_per_layer']:,} | "
            f"{r['external']:,} | {r['shared']:,} | {fit.mae:.4f} | "
            f"{fit.psnr:.1f} | {fit.steps:,} | "
            f"{1000 * fit.seconds / fit.steps:.1f} |"
        )
    lines += [
        "",
        "MAE is the mean absolute error of all pixels' values in [-1, 1]; "
        "external parameters are those of one image.",
        "",
    ]
    return "\n".join(lines)


def _order(results):
    best = sorted(results, key=lambda r: r["fit"].mae)
    names = "; ".join(r["title"] for r in best)
    return (
        f"From the best to the worst: {names}. The slides' own figures are "
        "not at hand, so that neither these nor the order can be compared "
        "with theirs here.\n"
    )


def _figure(results):
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for r in results:
        *times, mae = zip(*r["fit"].history)
        for axis, values in zip(axes, times):
            axis.plot(values, mae, label=r["title"])
    for axis, name in zip(axes, ("seconds", "steps")):
        axis.set(xlabel=name, yscale="log")
        axis.grid(which="both", alpha=0.3)
    axes[0].set_ylabel("mean absolute error")
    axes[1].legend(fontsize=8)
    return figure


def _plain(result):
    fit = result["fit"]
    names = ("mae", "psnr", "steps", "seconds", "history")
    values = {name: getattr(fit, name) for name in names}
    return {**{k: v for k, v in result.items() if k != "fit"}, **values}
