"""FD of a suite's runs against the minutes of training: a picture and tables."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from inr_keras.files import write_beside
from inr_keras.runs import record_files

_BASE = "image"  # Name of the run whose last FD the others are to reach.


def read(folder):
    """Reads the FDs at which a run was scored during training.

    Args:
        folder: Path of a run directory.

    Returns:
        Array `(points, 4)`: images seen, FD, and minutes of the steps until then by
        the clock and of processor time (NaN where a line of the log has none).
    """
    scores = [
        (r["images_seen"], r["value"])
        for r in record_files.read(folder / record_files.EVALUATIONS)
        if record_files.is_of(r, "fid") and r["value"] is not None
    ]
    logs = record_files.read(folder / record_files.METRICS)
    if not scores or not logs:
        return np.zeros((0, 4))
    seen, values = np.array(scores, "float64").T
    ends = np.array([0] + [log["images_seen"] for log in logs], "float64")
    seconds = np.array(record_files.step_seconds(logs))
    shares = [log.get("processor_seconds", np.nan) / log["seconds"] for log in logs]
    columns = [seen, values]
    for spent in (seconds, seconds * shares):
        spent = np.append(spent, spent[-1])  # The last images may have no line.
        last = 2 * ends[-1] - ends[-2]
        minutes = np.append(0.0, np.cumsum(spent)) / 60.0
        columns.append(np.interp(seen, np.append(ends, last), minutes))
    return np.stack(columns, axis=1)


def write(pairs, images):
    """Draws the curves of the runs that were scored in training.

    Args:
        pairs: List of pairs, the results of a run and its directory.
        images: Path of the folder of the page's images, beside the page.

    Returns:
        str: Markdown, `""` without such runs.
        List of the files written.
    """
    curves = [(r, read(folder)) for r, folder in pairs]
    curves = [(r, curve) for r, curve in curves if len(curve)]
    if not curves:
        return "", []
    by_processor = not any(np.isnan(curve).any() for _, curve in curves)
    clock = "minutes of processor time" if by_processor else "minutes"
    curves = [(r, curve[:, [0, 1, 3 if by_processor else 2]]) for r, curve in curves]
    path = images / "curves.png"
    _draw(curves, clock, path)
    lines = [
        f"## FD against {clock}",
        "",
        f"![FD against {clock}]({images.name}/{path.name})",
        "",
        "Each point is an FD between as many samples of the averaged generator as "
        "above and at most as many real images, so it is not the FD of the table. "
        f"The {clock} are those of the training steps up to that point, with their "
        "tracing; scores, checkpoints and sheets do not count. A longer multi-stage "
        "run would have another curve, because its stages are shares of its length.",
        "",
        *_points(curves),
        "",
        *_speeds(curves, clock),
    ]
    return "\n".join([*lines, ""]), [path]


@matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False})
def _draw(curves, clock, path):
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axis = figure.subplots()
    for result, curve in curves:
        _, values, minutes = curve.T
        axis.plot(minutes, values, marker="o", markersize=3, label=_title(result))
        if result["name"] == _BASE:
            axis.axhline(values[-1], color="0.7", linewidth=1, linestyle=":")
    top = 1.05 * max(curve[:, 1].max() for _, curve in curves)
    axis.set(xlabel=clock, ylabel="FD (lower is better)", ylim=(0, top))
    axis.set_xlim(0, None)
    axis.legend(frameon=False)
    write_beside(path, lambda p: figure.savefig(p, dpi=110, format="png"))


def _points(curves):
    """Lists the FD of every run by the images seen."""
    yield f"| kimg | {' | '.join(_title(r) for r, _ in curves)} |"
    yield "|---:" * (len(curves) + 1) + "|"
    points = [{seen: rest for seen, *rest in curve} for _, curve in curves]
    for seen in sorted(set().union(*points)):
        cells = [
            "{:.1f} at {:.1f} min".format(*p[seen]) if seen in p else "" for p in points
        ]
        yield f"| {seen / 1000:.1f} | {' | '.join(cells)} |"


def _speeds(curves, clock):
    """Compares the times after which each run and image-based training reach an FD."""
    bases = {r["seed"]: curve for r, curve in curves if r["name"] == _BASE}
    if not bases:
        return
    yield (
        f"| run | last FD | {clock} | FD | reached by the run after | by image-based "
        "training not before | ratio, at least |"
    )
    yield "|---" + "|---:" * 6 + "|"
    for result, curve in curves:
        cells = [_title(result), *(f"{value:.1f}" for value in curve[-1, 1:])]
        base = bases.get(result["seed"])
        if base is not None:
            both = max(base[-1, 1], curve[-1, 1])
            (_, after), (before, _) = (_reached(c, both) for c in (curve, base))
            cells += [f"{n:.1f}" for n in (both, after, before, before / after)]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield (
        "The FD of a row is the higher of the run's last FD and the last one of "
        "image-based training. The run reaches it at its first point that is as low. "
        "For image-based training, the time is that of the last point before one that "
        "is as low, or of a point with exactly this FD, so the ratio is a lower bound."
    )


def _reached(curve, value):
    """Returns the minutes before and after which a curve first reaches a value."""
    index = int(np.argmax(curve[:, 1] <= value))
    after = curve[index, 2]
    if curve[index, 1] == value:
        return after, after
    return (curve[index - 1, 2] if index else 0.0), after


def _title(result):
    return f"{result['title']}, seed {result['seed']}"
