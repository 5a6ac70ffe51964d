"""Report of an evaluation as Markdown: scores, samples beside reals, curves."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras.evaluation import passports
from inr_keras.files import write_beside

_SHOWN = 32  # Samples, and as many reals.
_COLUMNS = 8
_GAP = 16  # Pixels between samples and reals.
_MINIMUM = 64  # Smallest width in pixels at which an image is shown.


def write(folder, records, samples, reference, neighbours, command):
    """Writes `report.md` and its images.

    Args:
        folder: Path. Its `scores.jsonl` holds all evaluations so far.
        records: List of dicts, the scores of the last evaluation.
        samples: Samples.
        reference: Reference.
        neighbours: Fakes and the nearest real of each, or `None`.
        command: str. Command line of the evaluation.
    """
    parts = [_head(records, command), table(records)]
    _save_samples(folder / "samples.png", samples, reference)
    parts.append(
        "## Samples and real images\n\n![Samples](samples.png)\n\nLeft: "
        f"samples, seeds from {samples.seed} on, none chosen. Right: the first "
        f"real images of {reference.source.name}.\n"
    )
    if neighbours is not None:
        fakes, reals = neighbours
        images = _zoomed(np.concatenate([fakes, reals]))
        sheet = rendering.sheet(images, columns=len(fakes), margin=4)
        rendering.save_image(folder / "nearest.png", sheet)
        parts.append(
            "## Nearest real images\n\n![Nearest](nearest.png)\n\nAbove: of "
            "all samples those nearest to a real image, nearest first. "
            "Below: that image. Copies would show here.\n"
        )
    if plot(passports.read(folder), records, folder / "curves.png"):
        parts.append(
            "## Over training\n\n![Curves](curves.png)\n\nScores of the same "
            "passport, with their 95 % intervals.\n"
        )
    parts.append(passport_table(records))
    if reference.source.attribution:
        parts.append(f"Data: {reference.source.attribution}\n")
    text = "\n".join(parts)
    write_beside(
        folder / "report.md", lambda path: path.write_text(text, encoding="utf-8")
    )


@matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False})
def plot(all_records, records, path):
    """Plots the metrics that have several points over kimg.

    Args:
        all_records: List of dicts, the scores of all evaluations.
        records: List of dicts, the last scores, with which points must be comparable.
        path: Path of the PNG.

    Returns:
        bool. Whether there are such metrics.
    """
    curves = {}
    for record in records:
        points = {
            other["kimg"]: other
            for other in all_records
            if other["metric"] == record["metric"]
            and other.get("model") == record.get("model")
            and other.get("kimg") is not None
            and other["value"] is not None
            and not passports.unlike(other, record)
        }
        if len(points) > 1:
            curves[record["metric"]] = [points[k] for k in sorted(points)]
    if not curves:
        return False
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(4 * columns, 3 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for (metric, points), axis in zip(curves.items(), axes):
        kimg = [p["kimg"] for p in points]
        values = np.array([p["value"] for p in points])
        axis.plot(kimg, values, marker="o", markersize=3, linewidth=1)
        bounds = [p["interval"] or [p["value"]] * 2 for p in points]
        low, high = np.array(bounds, "float64").T
        axis.fill_between(kimg, low, high, alpha=0.2, linewidth=0)
        axis.set_title(f"{metric} (best: {points[0]['better']})", fontsize=10)
        axis.set_xlabel("thousand images seen")
    for axis in list(axes):
        axis.set_axis_off()
    write_beside(path, lambda p: figure.savefig(p, dpi=110, format="png"))
    return True


def _head(records, command):
    model, kimg = records[0]["model"], records[0]["kimg"]
    after = "" if kimg is None else f" after {kimg:,.1f} thousand images"
    return "\n".join(markdown_pages.head(f"Scores of {model}{after}", command))


def table(records):
    """Formats scores as a Markdown table."""
    lines = [
        "| metric | score | 95 % interval | best | more |",
        "|---|---:|---:|---|---|",
    ]
    columns = {"metric", "value", "better", "interval", "passport"}
    for r in records:
        interval = "-"
        if r["interval"]:
            interval = " .. ".join(f"{bound:.4g}" for bound in r["interval"])
        value = "-" if r["value"] is None else f"{r['value']:.4g}"
        more = ", ".join(
            f"{name.replace('_', ' ')} {_text(number)}"
            for name, number in r.items()
            if name not in columns | {"model", "kimg"} and number is not None
        )
        lines.append(
            f"| {r['metric']} | {value} | {interval} | {r['better']} | {more} |"
        )
    lines += [
        "",
        "Scores of other extractors, numbers of images, sizes or data are "
        "not comparable with these; `apps.evaluate` compares them. An "
        "interval is the bootstrap's, over the images of this evaluation: "
        "it says nothing of another training.",
        "",
    ]
    return "\n".join(lines)


def passport_table(records):
    """Formats the facts that scores depend on as a Markdown table."""
    facts = {}
    for record in records:
        passport = {**record["passport"], **record["passport"]["code"]}
        del passport["code"]
        for name, value in passport.items():
            facts.setdefault(name, {}).setdefault(str(value), []).append(
                record["metric"]
            )
    lines = ["## Passport", "", "| fact | value | of |", "|---|---|---|"]
    for name, values in facts.items():
        for value, metrics in values.items():
            of = ", ".join(metrics) if len(metrics) < len(records) else "all"
            lines.append(f"| {name} | {value} | {of} |")
    return "\n".join([*lines, ""])


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _save_samples(path, samples, reference):
    count = min(_SHOWN, samples.count, reference.count)
    fakes = samples.images(range(count))
    reals = reference.images(list(range(count)))
    sheets = [
        rendering.sheet(_zoomed(images), min(_COLUMNS, count), margin=2)
        for images in (fakes, reals)
    ]
    gap = np.full((len(sheets[0]), _GAP, 3), 255, "uint8")
    rendering.save_image(path, np.concatenate([sheets[0], gap, sheets[1]], axis=1))


def _zoomed(images):
    zoom = max(1, _MINIMUM // images.shape[1])
    return images.repeat(zoom, axis=1).repeat(zoom, axis=2)
