"""Tables of a quality suite: runs beside real images, at three sizes."""

import numpy as np

from inr_keras.studies import quality
from inr_keras.studies import suite_comparisons

NOTES = """Every run is judged by its averaged generator, and trains for the same length
where its title names no other. FD compares 2,000 samples, or as many as the command
says, with all real images. `of means` is the part of FD that comes from the difference
of the means; the rest comes from the covariances. Precision, recall, density and
coverage (Kynkäänniemi et al. 2019, Naeem et al. 2020) and diversity are of equal
numbers of real and generated images. All are taken at the full size and at a half and a
quarter of it, where only the structure is seen. The first rows are for comparison: real
images against other real ones, and what this generator's synthesis makes of the real
images when a style is fitted to each of them. The fit minimizes squared errors in a
limited number of steps, so that generated images can score better.
"""
_COLUMNS = (
    ("FD", "fd", "{:.1f}"),
    ("of means", "fd_mean", "{:.1f}"),
    ("precision", "precision_{k}", "{:.3f}"),
    ("recall", "recall_{k}", "{:.3f}"),
    ("density", "density_{k}", "{:.2f}"),
    ("coverage", "coverage_{k}", "{:.3f}"),
    ("diversity", "diversity", "{:.2f}"),
    ("duplicates", "duplicates", "{:.3f}"),
    ("nearest", "nearest", "{:.2f}"),
)
_SIZES = {"full": "Full size", "half": "Half size", "quarter": "Quarter size"}


def section(results, ceilings):
    """Formats the scores of the protocol.

    Args:
        results: List of dicts from `suite.Runner.run`, with `quality`.
        ceilings: List of dicts from `quality.ceilings`.

    Returns:
        str: Markdown.

    Raises:
        ValueError: A run, of another suite, has no such scores.
    """
    titles = [r["title"] for r in results if "quality" not in r]
    if titles:
        raise ValueError(
            "`workdir` must hold scores of the suite quality, which the command "
            f"computes without `done`. Received: none of {', '.join(titles)}"
        )
    rows = [(c["title"], "", c["scores"]) for c in ceilings]
    rows += [(r["title"], r["seed"], r["quality"]) for r in results]
    lines = []
    for view in quality.VIEWS:
        for k in (3, 5):
            lines += [f"## {_SIZES[view]}, k = {k}", "", *_table(rows, view, k), ""]
    lines += ["## Patterns, borders and the machine", ""]
    lines += [
        "| run | seed | pattern | ink at the border | load |",
        "|---|" + "---:|" * 4,
    ]
    loads = [""] * len(ceilings) + [
        ", ".join(f"{load:.1f}" for load in r.get("loads", ())) for r in results
    ]
    for (title, seed, scores), load in zip(rows, loads):
        lines.append(
            f"| {title} | {seed} | {scores['pattern']:.3f} | "
            f"{scores['border_ink']:.1%} | {load} |"
        )
    return "\n".join([*lines, "", *_spread(results), ""])


def _table(rows, view, k):
    names = ["run", "seed", *(name for name, _, _ in _COLUMNS)]
    yield f"| {' | '.join(names)} |"
    yield "|---|" + "---:|" * (len(names) - 1)
    for title, seed, scores in rows:
        values = scores[view]
        cells = [form.format(values[name.format(k=k)]) for _, name, form in _COLUMNS]
        yield f"| {' | '.join([title, str(seed), *cells])} |"


def _spread(results):
    """Yields the largest differences between the seeds of one run, at full size."""
    groups = {}
    for r in results:
        groups.setdefault(r["name"], []).append(r["quality"]["full"])
    groups = [group for group in groups.values() if len(group) > 1]
    if not groups:
        yield suite_comparisons.ONE_SEED
        return
    parts = []
    for title, name, form in _COLUMNS:
        name = name.format(k=3)
        gaps = [np.ptp([scores[name] for scores in group]) for group in groups]
        parts.append(f"{title} {form.format(np.max(gaps))}")
    yield f"Two seeds of one run differ by at most: {', '.join(parts)} (k = 3)."
