"""Model card: the README of an exported model."""

import pathlib

import numpy as np

from inr_keras import rendering
from inr_keras.evaluation import evaluation_report
from inr_keras.evaluation import passports
from inr_keras.export import model_metadata
from inr_keras.export import server_files
from inr_keras.naming import renaming
from inr_keras.runs import record_files
from inr_keras.training import run_progress

FILE = "README.md"
SAMPLES = "samples.png"
_COUNT = 16  # Samples on the card.
_MINIMUM = 64  # Smallest width in pixels at which an image is shown.


def write(version, generator, metadata, run=None, scores=None):
    """Writes the card and, for images and videos, a sheet of samples beside it.

    Args:
        version: Path of the version's folder.
        generator: See `signatures.build`.
        metadata: dict, the metadata of the model.
        run: str or path of its run directory, or of a file in it; `None`: there is
            none.
        scores: str or path of a folder of apps.evaluate, or of its scores.jsonl.
            Defaults to `None`: the scores in the run directory.
    """
    has_sheet = _write_sheet(version / SAMPLES, generator)
    parts = [f"# {metadata['name']}\n", _head(metadata)]
    if has_sheet:
        parts.append(
            f"![Samples]({SAMPLES})\n\nSeeds 0 to {_COUNT - 1}, none chosen, "
            "truncation 1"
            + (": the first image of each.\n" if metadata["video_length"] else ".\n")
        )
    parts += [
        _data(metadata, run),
        _training(metadata, run),
        _scores(run, scores),
        _use(metadata),
    ]
    (version / FILE).write_text("\n".join(parts), encoding="utf-8")


def _write_sheet(path, generator):
    video_length = generator.video_length
    channels = generator.channels // max(video_length, 1)
    if generator.coord_dim != 2 or channels not in (1, 3, 4):
        return False
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds(range(_COUNT), generator.latent_dim)
    images = rendering.to_uint8(renderer.render(renderer.styles(latents)))
    if video_length:
        images = rendering.split_videos(images, video_length)[0]
    zoom = max(1, _MINIMUM // images.shape[1])
    sheet = rendering.sheet(np.asarray(images), margin=2, zoom=zoom)
    rendering.save_image(path, sheet)
    return True


def _head(metadata):
    size = metadata["resolution"]
    what = "images" if metadata["coord_dim"] == 2 else "fields"
    if metadata["video_length"]:
        what = f"videos of {metadata['video_length']} images"
    sides = "x".join([str(size)] * metadata["coord_dim"])
    code = metadata["code_version"]
    text = (
        f"A generator of {what} that is an implicit neural representation "
        f"({metadata['kind']}), trained at {sides}. Exported by inr_keras "
        f"{code['inr_keras']}, commit {code['git_commit']}.\n"
    )
    if metadata["class_names"]:
        text += f"\nClasses: {', '.join(metadata['class_names'])}.\n"
    return text


def _data(metadata, run):
    data = metadata.get("data") or model_metadata.read_config(run).get("data") or {}
    source = _without_folder(data.get("source", ""))
    facts = {
        "Source": source or model_metadata.UNKNOWN,
        "Of it": ", ".join(data.get("groups", [])),
        "Attribution": metadata["attribution"] or model_metadata.UNKNOWN,
        "Licence": metadata["licence"],
    }
    lines = [f"- {name}: {text}" for name, text in facts.items() if text]
    return "\n".join(["## Data\n", *lines, ""])


def _without_folder(source):
    """Name of a source of images; of a folder, its last part, without the machine's."""
    path = pathlib.Path(source)
    return path.name if path.is_absolute() else source


def _training(metadata, run):
    config = model_metadata.read_config(run)
    if not config:
        return "## Training\n\nUnknown: there was no run directory.\n"
    start = pathlib.Path(config.get("initial_generator", ""))
    if start.name == "generator.keras" and start.parent.name:
        start = start.parent  # The run's name says more.
    margin = config.get("crops", {}).get("margin", 0)
    beside = f", and a margin of {margin} pixels" if margin else ""
    lines = [
        "## Training\n",
        f"- Configuration: {config.get('name', model_metadata.UNKNOWN)}, method "
        f"{config.get('method', model_metadata.UNKNOWN)}, batches of "
        f"{config.get('batch_size', model_metadata.UNKNOWN)}",
        f"- Code: inr_keras {metadata['trained_with']['inr_keras']}, commit "
        f"{metadata['trained_with']['git_commit']}",
        *([f"- Begins with: the generator of {start.name}"] if start.name else []),
        f"- Seen: the frame [-1, 1] of each axis, {metadata['alignment']} "
        f"aligned, at up to {metadata['resolution']} samples an axis{beside}",
        "",
        "| stage | samples an axis | thousand images | weight of patches |",
        "|---:|---:|---:|---:|",
    ]
    densities = metadata["trained"]["densities"]
    for number, (stage, density) in enumerate(zip(metadata["stages"], densities), 1):
        lines.append(
            f"| {number} | {density} | {stage['kimg']:g} | {stage['patch_weight']:g} |"
        )
    return "\n".join([*lines, ""])


def _scores(run, scores):
    paths = [scores] if scores else []
    if run is not None and not scores:
        names = (passports.FILE, record_files.EVALUATIONS)
        paths = [model_metadata.run_folder(run) / name for name in names]
        paths = [path for path in paths if path.exists()]
    for path in paths:
        with renaming({"path": "scores"}):
            records = passports.read(path)
        if not scores:
            records = _own(records, pathlib.Path(run))
        records = passports.latest(records).values()
        if records:
            for record in records:
                passport = record["passport"]
                if "data" in passport:
                    passport["data"] = _without_folder(passport["data"])
            return "\n".join(
                [
                    "## Scores\n",
                    evaluation_report.table(records),
                    evaluation_report.passport_table(records),
                ]
            )
    return "## Scores\n\nNot evaluated.\n"


def _own(records, run):
    """Selects the scores of the generator that is exported, and not of another one."""
    seen = run_progress.kimg(run)
    if seen is None:  # Other files in a run's folder have no scores.
        return records if run.is_dir() else []
    known = [record.get("kimg") for record in records]
    return [r for r, k in zip(records, known) if k is None or abs(k - seen) < 1e-3]


def _use(metadata):
    name = metadata["name"]
    return "\n".join(
        [
            "## Use\n",
            f"TensorFlow Serving and apps.serve serve this folder as {name}; "
            "a CPU will do. Signatures:",
            ", ".join(f"`{text}`" for text in metadata["signatures"]) + ".",
            "\n```",
            f"curl -d '{_request(metadata)}' \\\n"
            f"  http://127.0.0.1:8501/v1/models/{name}:predict",
            "```\n",
            f"`{server_files.BATCHING}` is for TF Serving's "
            "--enable_per_model_batching_parameters. With batching, ask for "
            'regions in rows ("instances") too, and not in columns of scalars.',
            "",
        ]
    )


def _request(metadata):
    label = ', "label": 0' if metadata["class_names"] else ""
    return f'{{"instances": [{{"seeds": 3, "truncation": 0.7{label}}}]}}'
