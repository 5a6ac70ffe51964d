"""Tables and a plot of the costs of training."""

import rich.table
from matplotlib import ticker
from matplotlib.figure import Figure

from inr_keras.files import write_beside


def tables(results):
    """Builds rich tables of a benchmark's costs and of ratios between them.

    Args:
        results: dict with `config`, `machine` and `rows`, each from
            `training_cost.measure_case`.
    """
    costs = rich.table.Table(
        title=f"A training step of {results['config']}, its last stage"
    )
    for name in ("method", "option"):
        costs.add_column(name)
    for name in (
        "size",
        "s / iteration",
        "min to max",
        "images / s",
        "points",
        "MiB",
        "parameters",
        "G MACs G + D",
    ):
        costs.add_column(name, justify="right")
    for row in results["rows"]:
        names = (row["method"], row["option"], str(row["resolution"]))
        if "error" in row:
            costs.add_row(*names, "failed", row["error"][:40])
            continue
        counted = row["multiplications"]
        costs.add_row(
            *names,
            f"{row['seconds']:.3f}",
            f"{row['seconds_min']:.3f} to {row['seconds_max']:.3f}",
            f"{row['images_per_second']:.1f}",
            f"{row['points']:,}",
            f"{row['memory_mib']:,.0f}",
            f"{row['parameters']:,}",
            f"{counted['generator'] / 1e9:.1f} + {counted['discriminator'] / 1e9:.1f}",
        )
    ratios = rich.table.Table(title="Ratios")
    for name in ("of", "to", "size"):
        ratios.add_column(name)
    for name in ("time", "counted limit", "memory"):
        ratios.add_column(name, justify="right")
    for ratio in compare(results["rows"]):
        ratios.add_row(
            ratio["of"],
            ratio["to"],
            str(ratio["resolution"]),
            f"{ratio['seconds']:.2f}",
            f"{ratio['multiplications']:.2f}",
            f"{ratio['memory_mib']:.2f}",
        )
    return [costs, ratios]


def compare(rows):
    """Computes ratios of plain methods to multi-stage and of options to plain.

    Image-based training is also compared with multi-stage training with the lean
    discriminator.

    Returns:
        List of dicts: `of`, `to`, `resolution`, and the ratios of `seconds`,
        `multiplications` (an estimate of the time) and `memory_mib`.
    """
    measured = {
        (r["method"], r["option"], r["resolution"]): r for r in rows if "error" not in r
    }
    pairs = []
    for name in measured:
        method, option, size = name
        if option == "plain":
            pairs.append((name, ("multi_stage", "plain", size)))
        else:
            pairs.append((name, (method, "plain", size)))
        if option == "lean_discriminator":
            pairs.append((("image", "plain", size), name))
    return [
        {
            "of": " ".join(name[:2]),
            "to": " ".join(base[:2]),
            "resolution": name[2],
            "seconds": measured[name]["seconds"] / measured[base]["seconds"],
            "multiplications": _total(measured[name]) / _total(measured[base]),
            "memory_mib": measured[name]["memory_mib"] / measured[base]["memory_mib"],
        }
        for name, base in pairs
        if name in measured and base in measured and name != base
    ]


def plot(rows, path):
    """Plots seconds and memory against resolution, a line for each method."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, 2)
    plain = [r for r in rows if r["option"] == "plain" and "error" not in r]
    for axis, key, name in (
        (axes[0], "seconds", "seconds an iteration"),
        (axes[1], "memory_mib", "peak memory above idle, MiB"),
    ):
        for method in dict.fromkeys(r["method"] for r in plain):
            points = [r for r in plain if r["method"] == method]
            axis.plot(
                [r["resolution"] for r in points],
                [r[key] for r in points],
                marker="o",
                label=method.replace("_", "-"),
            )
        sides = sorted({r["resolution"] for r in plain})
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter(ticker.NullFormatter())
        axis.set_xticks(sides, [str(side) for side in sides])
        axis.set_xlabel("image side, pixels")
        axis.set_ylabel(name)
        axis.grid(True, which="major", alpha=0.3)
    axes[0].legend()
    write_beside(path, lambda p: figure.savefig(p, dpi=120, format="png"))


def _total(row):
    return sum(row["multiplications"].values())
