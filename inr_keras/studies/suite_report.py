"""Page with the results of a suite of runs."""

import pathlib

import numpy as np

from inr_keras import config as config_lib
from inr_keras import rendering
from inr_keras import runs
from inr_keras.evaluation import markdown_pages
from inr_keras.files import write_beside

BEYOND = (-1.5, -1.5, 1.5, 1.5)  # Region beyond the frame that pages show.
_SHOWN = 12  # Samples in a row of a figure.


def write(name, config, results, folders, page, facts):
    """Writes a Markdown page of the results and its images.

    Args:
        name: str. Name of the suite.
        config: Experiment. Multi-stage training.
        results: List of dicts from `Runner.run`.
        folders: List of paths, the run directory of each.
        page: Path of the Markdown file; images go to a folder of its name.
        facts: dict. `command`, `machine`, `date`, `minutes`, `samples` and
            `features`, for the page.

    Returns:
        List of the files written, the page first.
    """
    page = pathlib.Path(page)
    images = page.with_suffix("")
    files = [page]
    parts = [
        _head(name, config, facts),
        _table(results),
        _ratios(results),
        _differences(config, results),
    ]
    generators = [runs.load_generator(folder) for folder in folders]
    titles = [f"{r['title']}, seed {r['seed']}" for r in results]

    path = images / "samples.png"
    _rows(path, [_samples(g, rendering.FRAME) for g in generators])
    files.append(path)
    parts.append(_figure("Samples", path, page, titles, "the same seeds"))

    for result, folder in zip(results, folders):
        stages = folder / "samples" / "stages.png"
        if result["name"] in ("multi_stage", "plain") and stages.exists():
            path = images / "stages.png"
            data = stages.read_bytes()
            write_beside(path, lambda p, data=data: p.write_bytes(data))
            files.append(path)
            parts.append(
                _figure(
                    "Stages",
                    path,
                    page,
                    ["stage 1", "stage 2", "stage 3"],
                    "the same latents after each stage of plain multi-stage "
                    "training, each at its own density",
                )
            )
            break

    path = images / "beyond.png"
    _rows(path, [_samples(g, BEYOND) for g in generators])
    files.append(path)
    parts.append(_figure("Beyond the border", path, page, titles, "[-1.5, 1.5]"))
    text = "\n".join(parts)
    write_beside(page, lambda temporary: temporary.write_text(text))
    return files


def _head(name, config, facts):
    lines = [
        *markdown_pages.head(
            f"{name}: {config.name} at {config.resolution}x{config.resolution}, "
            f"patches of {config.patch_size}",
            facts["command"],
        ),
        f"{facts['machine']}, {facts['date']}. Every run trains for about "
        f"{facts['minutes']:g} minutes: on as many images as its speed, "
        "measured before it starts, gives in that time; what it then took is "
        f"in the table. It is judged on {facts['samples']} samples of its "
        "averaged generator against all images that it was trained on. "
        f"Features: {facts['features']}; distances are comparable within this "
        "page alone.",
        "",
    ]
    return "\n".join(lines)


def _table(results):
    lines = [
        "| run | seed | FD | KID | precision | recall | minutes | kimg | "
        "s / iteration | memory, MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in results:
        scores, cost = r["scores"], r["cost"]
        lines.append(
            f"| {r['title']} | {r['seed']} | {scores['fd']:.1f} | "
            f"{scores['kid']:.3f} | {scores['precision']:.3f} | "
            f"{scores['recall']:.3f} | {r['train_seconds'] / 60:.1f} | "
            f"{r['kimg']:.0f} | {cost['seconds']:.3f} | "
            f"{cost['memory_mib']:,.0f} |"
        )
    lines += [
        "",
        "Seconds and memory are those of a step of the last stage, lazy "
        "penalties shared out, memory as its peak above an idle process.",
        "",
    ]
    return "\n".join(lines)


def _ratios(results):
    """Compares the FD of each run with the plain recipe of the same seed."""
    plain = {
        r["seed"]: r["scores"]["fd"]
        for r in results
        if r["name"] in ("multi_stage", "plain")
    }
    lines = []
    for r in results:
        base = plain.get(r["seed"])
        if base is None or r["name"] in ("multi_stage", "plain"):
            continue
        change = r["scores"]["fd"] / base - 1.0
        lines.append(
            f"- {r['title']}, seed {r['seed']}: FD {change:+.0%} against the "
            "plain recipe."
        )
    return "\n".join([*lines, ""])


def _differences(config, results):
    """Lists what each run changes of the config."""
    lines = ["## Settings", "", f"What differs from `{config.name}`:", ""]
    seen = set()
    for r in results:
        other = config_lib.from_dict(r["settings"]["config"])
        changes = [
            f"`{name}` {_setting(after)} instead of {_setting(before)}"
            for name, before, after in config_lib.differences(config, other)
            if name not in ("name", "seed")
        ]
        if r["title"] not in seen:
            seen.add(r["title"])
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
    images = rendering.to_uint8(np.concatenate(rows))
    sheet = rendering.sheet(images, columns=_SHOWN, margin=2)
    rendering.save_image(path, sheet)
