"""Page with the results of a suite of runs."""

import pathlib

import numpy as np

from inr_keras import config as config_lib
from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras import runs
from inr_keras.files import write_beside
from inr_keras.studies import quality_report
from inr_keras.studies import suite_comparisons
from inr_keras.studies import suite_curves
from inr_keras.studies import suite_entries
from inr_keras.studies import suite_walks
from inr_keras.training.run_images import BEYOND

_SHOWN = 12  # Samples in a row of a figure.
_MOST_ROWS = 8  # Rows of a figure; with more, it shows only the first seed.
_LEAST_SIDE = 64  # Smaller images are shown with each pixel as a square.


def write(name, config, results, folders, page, facts):
    """Writes a Markdown page of the results and its images.

    Args:
        name: str. Name of the suite.
        config: Experiment. Multi-stage training.
        results: List of dicts from `Runner.run`.
        folders: List of paths, the run directory of each.
        page: Path of the Markdown file; images go to a folder of its name.
        facts: dict. `command`, `machine`, `date`, `minutes` (0: the runs have
            lengths in images), `samples`, `features` and `missing`, the names of
            runs that are not made yet, for the page; for `quality` also `ceilings`,
            see the module.

    Returns:
        List of the files written, the page first.
    """
    failed = [r for r in results if "failed" in r]
    pairs = [(r, f) for r, f in zip(results, folders) if "failed" not in r]
    results = [r for r, _ in pairs]
    page = pathlib.Path(page)
    parts = [
        _head(name, config, facts),
        *([suite_entries.NOTES[name]] if name in suite_entries.NOTES else []),
        _table(results, facts),
        *(f"- {r['title']}, seed {r['seed']}: {r['failed']}\n" for r in failed),
        *(f"Not run yet: {', '.join(m)}.\n" for m in [facts["missing"]] if m),
        suite_comparisons.lines(results),
        *([_patch_terms(pairs)] if name == "weights" else []),
        *(
            [quality_report.section(results, facts["ceilings"])]
            if name == "quality"
            else []
        ),
        _differences(config, results),
    ]
    files = [page]
    count = len(config.resolved().stages)
    for part, paths in _figures(pairs, page, count) if pairs else ():
        parts.append(part)
        files += paths
    text = "\n".join(parts)
    write_beside(page, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return files


def _patch_terms(pairs):
    from inr_keras.studies import patch_terms

    return patch_terms.section(pairs)


def _figures(pairs, page, stage_count):
    """Yields the text of each figure and its files.

    Args:
        pairs: List of pairs, the results of a run and its directory.
        page: Path of the page.
        stage_count: int. Stages of multi-stage training.
    """
    images = page.with_suffix("")
    curves, drawn = suite_curves.write(pairs, images)
    if drawn:
        yield curves, drawn
    generators = [runs.load_generator(folder) for _, folder in pairs]
    loaded = [(r, g) for (r, _), g in zip(pairs, generators)]
    first = loaded[0][0]["seed"]
    shown = [
        (r, g) for r, g in loaded if len(pairs) <= _MOST_ROWS or r["seed"] == first
    ]
    titles = [f"{r['title']}, seed {r['seed']}" for r, _ in shown]

    path = images / "samples.jpg"
    _rows(path, [_samples(g, rendering.FRAME) for _, g in shown])
    yield _figure("Samples", path, page, titles, "the same seeds"), [path]

    walked = [(r, g) for r, g in loaded if r.get("walk")]
    if walked:
        yield suite_walks.write(walked, images)

    for result, folder in pairs:
        stages = folder / "samples" / "stages.png"
        if result["name"] in suite_comparisons.PLAIN and stages.exists():
            path = images / "stages.png"
            data = stages.read_bytes()
            write_beside(path, lambda p, data=data: p.write_bytes(data))
            what = (
                "the same latents after each stage of plain multi-stage training, "
                "each at its own density"
            )
            names = [f"stage {number + 1}" for number in range(stage_count)]
            yield _figure("Stages", path, page, names, what), [path]
            break

    if not all(g.draws_any_point for _, g in shown):
        return
    path = images / "beyond.jpg"
    _rows(path, [_samples(g, BEYOND) for _, g in shown])
    yield _figure("Beyond the border", path, page, titles, "[-1.5, 1.5]"), [path]


def _head(name, config, facts):
    lines = [
        *markdown_pages.head(
            f"{name}: {config.name} at {config.resolution}x{config.resolution}, "
            + (
                f"patches of {config.patch_size}"
                if config.patch_size < config.resolution
                else "whole images"
            ),
            facts["command"],
        ),
        f"{facts['machine']}, {facts['date']}. {_lengths(facts)} "
        f"Each run is judged on {facts['samples']} samples of its "
        "averaged generator against all images that it was trained on. "
        f"Features: {facts['features']}; distances are comparable only "
        "within this page.",
        "",
    ]
    return "\n".join(lines)


def _lengths(facts):
    if facts["minutes"]:
        return (
            "Every run trains on as many images as fit into "
            f"{facts['minutes']:g} minutes at its speed, which is measured before it "
            "starts. The table has the minutes that its steps then took."
        )
    return (
        "Every run trains on as many thousand images (kimg) as the table says, "
        "however long that takes, so no score depends on other work of the machine."
    )


def _table(results, facts):
    timed, measured = facts["minutes"] > 0, all("cost" in r for r in results)
    names = ["run", "seed", "FD", "KID", "precision", "recall"]
    names += ["minutes"] * timed + ["kimg"]
    names += ["s / iteration", "memory, MiB"] * measured
    lines = [_row(names), "|---" + "|---:" * (len(names) - 1) + "|"]
    for r in results:
        scores = r["scores"]
        cells = [r["title"], r["seed"], f"{scores['fd']:.1f}"]
        cells += [f"{scores[name]:.3f}" for name in ("kid", "precision", "recall")]
        cells += [f"{r['train_seconds'] / 60:.1f}"] * timed + [f"{r['kimg']:.0f}"]
        if measured:
            cost = r["cost"]
            cells += [f"{cost['seconds']:.3f}", f"{cost['memory_mib']:,.0f}"]
        lines.append(_row(cells))
    if measured:
        lines += [
            "",
            f"Seconds and memory are those of a step of {_stage(results)}, measured "
            "apart from the runs. The cost of terms that only some steps have is "
            "averaged over all steps; memory is the peak above an idle process.",
        ]
    return "\n".join([*lines, ""])


def _stage(results):
    """Names the stage whose step was measured."""
    stages = {tuple(r["cost"].get("stage", ())) for r in results} - {()}
    if any(number != count for number, count in stages):
        return " or ".join(f"stage {number}" for number, _ in sorted(stages))
    return "the last stage"


def _row(cells):
    return f"| {' | '.join(map(str, cells))} |"


def _differences(config, results):
    """Lists what each run changes of the run that it is compared with."""
    lines = ["## Settings", "", f"What differs from `{config.name}`:", ""]
    if any(r.get("source") for r in results):
        lines = ["## Settings", "", "What differs from the run compared with:", ""]
    by_name = {r["name"]: r for r in reversed(results)}  # Results of the first seed.
    for r in [r for r in results if r is by_name[r["name"]]]:
        base = by_name.get(r.get("against"))
        before = config_lib.from_dict(base["settings"]["config"]) if base else config
        other = config_lib.from_dict(r["settings"]["config"])
        changes = [
            f"`{name}` {_setting(after)} instead of {_setting(before)}"
            for name, before, after in config_lib.differences(before, other)
            if name.split(".")[0] not in ("name", "seed", "evaluation")
        ]
        lines.append(f"- {r['title']}: {', '.join(changes) or 'nothing'}.")
    return "\n".join([*lines, ""])


def _setting(value):
    return "none" if value in (None, "", ()) else value


def _figure(title, path, page, rows, what):
    where = path.relative_to(page.parent).as_posix()
    names = "; ".join(rows)
    return f"## {title}\n\n![{title}]({where})\n\nRows: {names}; {what}.\n"


def _samples(generator, box):
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds(range(_SHOWN), generator.latent_dim)
    side = generator.resolution
    size = round(side * (box[2] - box[0]) / 2)
    return renderer.render(renderer.styles(latents), size, size, box)


def _rows(path, rows):
    images = np.concatenate(rows)
    zoom = max(1, _LEAST_SIDE // images.shape[1])
    sheet = rendering.sheet(images, columns=_SHOWN, margin=2, zoom=zoom)
    rendering.save_image(path, sheet)
