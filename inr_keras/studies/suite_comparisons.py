"""Comparisons of the runs of a suite with each other and with the sources."""

import numpy as np

PLAIN = ("multi_stage", "plain")  # Names of the recipe that others are changes of.
ONE_SEED = (
    "There is only one seed, so the noise is not known and the runs are not ranked."
)


def lines(results):
    """Compares the FD of each run with the FD of the run that it is a change of.

    Args:
        results: List of dicts from `Runner.run`.

    Returns:
        str: Markdown, a table where the source states figures and a list elsewhere.
    """
    notes = [*_lengths(results), *_noise(results)]
    if any(r.get("source") for r in results):
        return "\n".join([*_table(results), *notes, *_order(results), ""])
    return "\n".join([*_list(results), *notes, ""])


def _list(results):
    by_run = {(r["name"], r["seed"]): r for r in results}
    plain = {r["seed"]: r for r in results if r["name"] in PLAIN}
    for r in results:
        base = by_run.get((r.get("against"), r["seed"]), plain.get(r["seed"]))
        if base is None or base is r:
            continue
        title = "the plain recipe" if base["name"] in PLAIN else base["title"]
        yield (
            f"- {r['title']}, seed {r['seed']}: FD {_change(r, base):+.0%} against "
            f"{title}."
        )


def _table(results):
    seeds = sorted({r["seed"] for r in results})
    by_run = {(r["name"], r["seed"]): r for r in results}
    titles = {r["name"]: r["title"] for r in results}
    first = {}
    for r in results:
        first.setdefault(r["name"], r)
    names = ["change", "compared with", *(f"FD, seed {seed}" for seed in seeds)]
    yield "## Changes"
    yield ""
    yield f"| {' | '.join([*names, 'change of FD', 'the source'])} |"
    yield "|---|---" + "|---:" * (len(seeds) + 1) + "|---|"
    for r in first.values():
        runs = [by_run.get((r["name"], seed)) for seed in seeds]
        bases = [by_run.get((r.get("against"), seed)) for seed in seeds]
        pairs = [pair for pair in zip(runs, bases) if all(pair)]
        changes = [f"{_change(*pair):+.0%}" for pair in pairs]
        cells = [
            r["title"],
            titles.get(r.get("against"), ""),
            *(f"{run['scores']['fd']:.1f}" if run else "" for run in runs),
            ", ".join(changes),
            r.get("source", ""),
        ]
        yield f"| {' | '.join(cells)} |"


def _lengths(results):
    """Says where runs were to see unequal numbers of images, not equal times."""
    settings = [r.get("settings", {}) for r in results]
    if len({(s.get("minutes"), s.get("kimg", 0.0)) for s in settings}) > 1:
        yield ""
        yield (
            "The runs have seen unequal numbers of images (kimg above): each change of "
            "FD includes this difference."
        )


def _noise(results):
    """Describes how far apart the seeds of one run are."""
    values = {}
    for r in results:
        values.setdefault(r["name"], []).append(r["scores"]["fd"])
    shares = [np.ptp(v) / np.mean(v) for v in values.values() if len(v) > 1]
    yield ""
    if not shares:
        yield ONE_SEED
        return
    yield (
        f"Seeds of one run differ in FD by {np.median(shares):.0%} of their mean (the "
        f"median of all runs) and by {np.max(shares):.0%} at most. A change that is "
        "smaller, or whose sign differs between seeds, does not rank the runs."
    )


def _order(results):
    """Lists runs that are all compared with one, the best first, by several seeds."""
    values = {}
    for r in results:
        values.setdefault(r["title"], []).append(r["scores"]["fd"])
    count = min(map(len, values.values()))
    if len({r["against"] for r in results if r.get("against")}) == 1 and count > 1:
        titles = sorted(values, key=lambda title: np.mean(values[title]))
        yield ""
        yield f"By the mean FD, the best first: {'; '.join(titles)}."


def _change(result, base):
    return result["scores"]["fd"] / base["scores"]["fd"] - 1.0
