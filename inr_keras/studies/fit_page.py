"""Page of a study of fits: tables, order against the slides', sheet and curves."""

import dataclasses
import itertools
import json
import pathlib

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras.files import write_beside
from inr_keras.studies import fit_study

# Mean absolute errors that the slides "Meta Generation" print, of 50 images.
SLIDES = {
    "linear": 0.047,
    "se_linear": 0.050,
    "mfilm": 0.914,
    "mfilm_no_norm": 0.656,
    "mfilm_scaled": 0.089,
    "factorized": 0.285,
    "factorized_se": 0.059,
    "adain": 0.089,
}
_COUNTS = {
    "linear": "n^2 + n",
    "se_linear": "n^2 + n",
    "se_linear_unscaled": "n^2 + n",
    "mfilm": "3n",
    "mfilm_no_norm": "3n",
    "mfilm_scaled": "3n",
    "factorized": "2nr + n",
    "factorized_se": "2nr + n",
    "adain": "2n",
}


def write(settings, workdir, results, page, facts):
    """Writes the page of a suite's fits.

    Args:
        settings: fit_study.Settings.
        workdir: str or path. Folder of the fits.
        results: List from `fit_study.run`.
        page: Path of the page; its images go to a folder of its name.
        facts: dict. `command`, `machine` and `date`.

    Returns:
        List of the files written, the page first.
    """
    page = pathlib.Path(page)
    folder = page.with_suffix("")
    files = [page, *(folder / n for n in ("sheet.jpg", "mae.png", "fit.json"))]
    images, attribution = fit_study.load_images(settings)
    rows = _rows(results)
    rendering.save_image(files[1], _sheet(settings, workdir, images, rows))
    figure = _figure(rows)
    write_beside(files[2], lambda path: figure.savefig(path, dpi=110))
    numbers = {"settings": dataclasses.asdict(settings), "facts": facts}
    text = json.dumps({**numbers, "results": results}, indent=1) + "\n"
    write_beside(files[3], lambda path: path.write_text(text, encoding="utf-8"))
    against = {
        "parametrizations": _against_slides,
        "authors_start": _against_slides_from_their_start,
        "fourier": _against_slides_sigma,
    }[settings.suite]
    parts = [
        _head(settings, rows, images, facts),
        _table(settings, rows),
        _order(rows),
        against(settings, rows),
        f"## Reconstructions\n\n![reconstructions]({folder.name}/sheet.jpg)\n\n"
        "Rows: the images; " + "; ".join(row.title for row in rows) + ".\n",
        f"## Error over steps\n\n![mean absolute error over steps]({folder.name}/"
        f"mae.png)\n\nSeed {settings.seeds[0]}.\n",
        f"{attribution}\n" if attribution else "",
    ]
    text = "\n".join(part for part in parts if part)
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return files


@dataclasses.dataclass
class _Row:
    """Fits of one kind of INR, a result for each seed."""

    title: str
    fits: list

    @property
    def first(self):
        return self.fits[0]

    @property
    def parametrization(self):
        return self.first["parametrization"]

    @property
    def is_of_the_slides(self):
        """True if the fits start from the same kind of vectors as the slides."""
        if self.parametrization not in SLIDES:
            return False
        if self.parametrization in fit_study.UNIT_VECTORS:
            return self.first.get("unit_vectors", False)
        return True

    def values(self, name):
        return np.array([fit[name] for fit in self.fits])

    def spread(self):
        """Half of the difference between the largest and the smallest error."""
        return np.ptp(self.values("mae")) / 2


def _rows(results):
    titles = dict.fromkeys(result["title"] for result in results)
    return [
        _Row(title, [result for result in results if result["title"] == title])
        for title in titles
    ]


def _sheet(settings, workdir, images, rows):
    """Draws the images and below them each row's reconstructions."""
    seed = settings.seeds[0]
    paths = [fit_study.result_path(settings, workdir, row.title, seed) for row in rows]
    fitted = [np.load(p.with_suffix(".npy"), allow_pickle=False) for p in paths]
    columns = min(fit_study.SHOWN, len(images))
    tiles = np.concatenate([images[:columns], *fitted])
    return rendering.sheet(tiles, columns, margin=2)


def _head(settings, rows, images, facts):
    count, side = len(images), settings.resolution
    layers = rows[0].first.get("layers", settings.layers)
    tanh = ", tanh of the last" if rows[0].first.get("tanh") else ""
    seeds = "seeds " + ", ".join(map(str, settings.seeds))
    if len(settings.seeds) == 1:
        seeds = f"one seed ({settings.seeds[0]})"
    values = images / 127.5 - 1.0
    median = np.median(values, axis=(1, 2), keepdims=True)
    constant = np.abs(values - median).mean()
    return "\n".join(
        [
            *markdown_pages.head(
                f"{settings.suite}: {count} images at {side}x{side}", facts["command"]
            ),
            f"{facts['machine']}, {facts['date']}, {seeds}. Each INR has one vector "
            "of external parameters per image and weights that all images share, "
            f"trained together: {layers} layers of n = {settings.width} "
            f"before the colours{tanh}, {settings.steps:,} steps of Adam, whose rate "
            f"falls from {settings.rate:g} to 0 along half a cosine, mean squared "
            f"error, {settings.points} random pixels of all images a step. The first "
            "and the last layer are Linear in every row, as in the authors' code.",
            "",
            "MAE is the mean absolute error of all pixels' values in [-1, 1]. The best "
            f"single colour of each image has {constant:.3f}, a network that returns "
            f"0 has {np.abs(values).mean():.3f}.",
            "",
        ]
    )


def _table(settings, rows):
    table = settings.suite != "fourier"
    starts = settings.suite == "authors_start"
    extra = (" formula |", "---:|") if table else ("", "")
    slides = (" slides' MAE |", "---:|") if table else ("", "")
    start = (" deviation at the start |", "---:|") if starts else ("", "")
    lines = [
        f"| weights |{extra[0]} external, a layer | external, in all | shared "
        f"|{slides[0]}{start[0]} MAE | +- | PSNR, dB | MAE at half the steps |",
        f"|---|{extra[1]}---:|---:|---:|{slides[1]}{start[1]}---:|---:|---:|---:|",
    ]
    for row in rows:
        kind, first = row.parametrization, row.first
        formula = f" {_COUNTS[kind]} |" if table else ""
        theirs = f" {SLIDES[kind]:.3f} |" if kind in SLIDES else " |"
        theirs = theirs if table else ""
        deviation = f" {row.values('deviation').mean():.2f} |" if starts else ""
        spread = f"{row.spread():.4f}" if len(row.fits) > 1 else ""
        history = first["history"]
        half = next(mae for _, done, mae in history if done >= first["steps"] / 2)
        lines.append(
            f"| {row.title} |{formula} {first['external_per_layer']:,} | "
            f"{first['external']:,} | {first['shared']:,} |{theirs}{deviation} "
            f"{row.values('mae').mean():.4f} | {spread} | "
            f"{row.values('psnr').mean():.1f} | {half:.4f} |"
        )
    lines += [
        "",
        "External parameters are those of one image. MAE and PSNR are means over "
        "seeds, +- is half the difference of the seeds; the last column is of the "
        "first seed.",
        "",
    ]
    return "\n".join(lines)


def _order(rows):
    """Lists rows from the best, "=" between neighbours within the seeds' spread."""
    best = sorted(rows, key=lambda row: row.values("mae").mean())
    if len(best[0].fits) == 1:
        names = "; ".join(row.title for row in best)
        return f"From the best to the worst, of one seed: {names}.\n"
    text = best[0].title
    for one, other in itertools.pairwise(best):
        text += " = " if _are_even(one, other) else " < "
        text += other.title
    return (
        f"From the best to the worst: {text}. (=: the seeds' ranges overlap, which is "
        "noise.)\n"
    )


def _are_even(one, other):
    return one.values("mae").max() >= other.values("mae").min()


def _against_slides(settings, rows):
    """Compares the order of the rows with that of the slides."""
    compared = [row for row in rows if row.parametrization in SLIDES]
    ours = [row for row in compared if "unit_vectors" not in row.first]
    best = sorted(ours, key=lambda row: SLIDES[row.parametrization])
    names = ", ".join(row.title for row in best)
    kinds = (
        ("our initial vectors", ours),
        ("the authors'", [row for row in rows if row.is_of_the_slides]),
    )
    found = "; ".join(
        f"{_rank_correlation(chosen)} with {title}" for title, chosen in kinds
    )
    return (
        "## Against the slides\n\n"
        f"Their order: {names} (mFiLM without normalization and with scale, and AdaIN, "
        f"are equal). Spearman's rank correlation of the two columns: {found}. The "
        "authors' code draws all vectors from a unit normal. Ours are scaled such that "
        "layers keep the deviation of their inputs at the start: r^(-1/4) for the "
        "factorized kinds, 1/10 for mFiLM, whose shifts add up over the inputs of a "
        "row. The rows with unit vectors start as theirs.\n\n"
        "Why SELinear is slower here than in the slides: the authors' public code "
        "multiplies the external numbers by sqrt(2 / n) before the sigmoid, and by "
        "this factor the gates learn more slowly at the same rate of Adam. The row of "
        "gates that are not scaled is the same layer without that factor. mFiLM and "
        "Factorized fail in the slides, not here: see the suite authors_start, where "
        "they start as in that code.\n"
    )


def _against_slides_from_their_start(settings, rows):
    """Compares rows that start as in the authors' code with those of the slides."""
    return (
        "## Against the slides\n\n"
        f"Spearman's rank correlation of the two columns: {_rank_correlation(rows)}. "
        "Here the vectors are drawn from a unit normal and colours are the hyperbolic "
        "tangent of the outputs, as in the authors' code; 64 channels and 5 layers are "
        "the size that the slides name first. The deviation at the start is that of "
        "the untrained INR's outputs before the tangent: where it is far above 1, "
        "nearly all colours are -1 or 1, where the tangent passes almost no gradient "
        "on. Rate, steps, images and layers of the slides' table are not known "
        "here.\n\n"
        "The range of its values is not known either. Colours of -1 or 1 at random "
        "have an MAE of 1 whatever the images, as |v - 1| + |v + 1| = 2; "
        "black and white at random have 1/2 for values in [0, 1]. The "
        "slides' 0.914 and 0.656 of networks that do not train are "
        "therefore of values in [-1, 1], most likely.\n"
    )


def _against_slides_sigma(settings, rows):
    """Converts the deviations of first layers to radians per pixel, as text."""
    pixel = 2.0 / settings.resolution
    sigmas = {row.first.get("fourier_scale") for row in rows} - {None}
    phases = ", ".join(f"{s * pixel:.2f} at {s:g}" for s in sorted(sigmas))
    return (
        "## Against the slides\n\n"
        "The slides state a sigma of about 100. Coordinates are in [-1, 1] here and in "
        "[0, 1] in the authors' public code, whose own setting is 10: their sigma is "
        "half of that number here. Phases differ between neighbouring pixels by "
        f"{phases} radians (standard deviation); beyond pi, features alias.\n"
    )


def _rank_correlation(rows):
    ours = [row.values("mae").mean() for row in rows]
    theirs = [SLIDES[row.parametrization] for row in rows]
    found = stats.spearmanr(ours, theirs)
    p = f"p = {found.pvalue:.3f}" if found.pvalue >= 0.001 else "p < 0.001"
    return f"{found.statistic:.2f} ({p}, {len(rows)} rows)"


def _figure(rows):
    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    axes = figure.subplots()
    for row in rows:
        _, steps, mae = zip(*row.first["history"])
        line = "--" if row.first.get("basis") == "siren" else "-"
        axes.plot(steps, mae, line, label=row.title)
    axes.set(xlabel="steps", ylabel="mean absolute error", yscale="log")
    axes.grid(which="both", alpha=0.3)
    axes.legend(fontsize=7)
    return figure
