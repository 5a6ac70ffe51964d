"""Generators to score, from a path or the checkpoints of a run, and their data."""

import dataclasses
import pathlib
from typing import Any

from inr_keras import config as config_lib
from inr_keras import files
from inr_keras import runs
from inr_keras.data import sources
from inr_keras.models import generator_files
from inr_keras.naming import renaming
from inr_keras.runs import config_file
from inr_keras.runs import saved_generators
from inr_keras.training import build
from inr_keras.training import checkpoints as checkpoints_lib
from inr_keras.training import run_progress


@dataclasses.dataclass(frozen=True)
class Candidate:
    """Generator to score.

    Attributes:
        name: str.
        generator: Generator, as `runs.load_generator` returns it.
        kimg: float. Images seen in training, in thousands; `None` where unknown.
        sha256: str. Checksum of its file or folder; `None` for a checkpoint.
    """

    name: str
    generator: Any
    kimg: float | None = None
    sha256: str | None = None


def open_candidates(model, checkpoints=False, trust_model=False):
    """Yields the generators of a run's checkpoints, if asked, and that of `model`.

    Args:
        model: Path, as in `runs.load_generator`.
        checkpoints: bool. Whether to yield the generators of a run directory's
            checkpoints first, the oldest first.
        trust_model: bool. See `runs.load_generator`.
    """
    path = pathlib.Path(model)
    with renaming({"path": "model", "generator": "model"}):
        generator = runs.load_generator(path, trust_model)
        runs.check_images(generator)
    if checkpoints:
        if not (path / "config.json").is_file():
            raise ValueError(
                "`checkpoints` must be of a run directory, with a config.json. "
                f"Received: model={model}"
            )
        files = checkpoints_lib.paths(path / "checkpoints")
        for file in files:
            if not checkpoints_lib.is_whole(file):
                raise ValueError(
                    "`checkpoints` must be whole; remove the damaged one. "
                    f"Received: {str(file)!r}"
                )
        gan = build.build_gan(config_file.load_config(path))
        for file in files:
            checkpoints_lib.load(gan, file)
            yield Candidate(
                file.name,
                gan.settled_average(),
                gan.count("images_seen") / 1000.0,
            )
    sha256 = _checksum(path)
    # Two parts of the path, as many run directories are called `run`.
    name = "/".join(path.absolute().parts[-2:])
    yield Candidate(name, generator, run_progress.kimg(path), sha256)


def known_settings(model):
    """Looks up what is known of a model's training: its images and its patches.

    An exported model names its images if every machine has them, see `sources.shared`.

    Returns:
        `Data`, or `None` where it is unknown; and the side of the patches, or 0.
    """
    path = pathlib.Path(model)
    folder = path if path.is_dir() else path.parent
    if (folder / "config.json").is_file():
        config = config_file.load_config(folder)
        return config.data, config.patch_size
    version = saved_generators.exported_version(path)
    metadata = saved_generators.read_metadata(version) if version else {}
    known = {n: metadata[n] for n in ("data", "patch_size") if metadata.get(n)}
    try:
        config = config_lib.from_dict(known)
    except ValueError:  # Of another version.
        return None, 0
    # The metadata is not trusted: only known datasets are opened.
    data = sources.shared(config.data) if "data" in known else None
    return data, known.get("patch_size", 0)


def open_data(data, model, resolution):
    """Opens the images that `data` names, or those that the model was trained on.

    A model's own images have classes where it was trained with classes.

    Raises:
        ValueError: Neither names images.
    """
    known, _ = known_settings(model)
    settings = known or config_lib.Data()
    if data and data != settings.source:
        settings = dataclasses.replace(
            settings, source=data, groups=(), labels=False, classes=()
        )
    elif not data and not known:
        raise ValueError(
            "`data` must be given for a model that does not name its images. "
            f"Received: model={model}"
        )
    # Scores are of colours; transparent images are laid on white.
    settings = dataclasses.replace(settings, channels=3, video_length=0)
    with renaming({"config.data.source": "data"}):
        return sources.open_source(settings, resolution)


def _checksum(path):
    file = path / generator_files.NAME
    return files.checksum(file if file.is_file() else path)
