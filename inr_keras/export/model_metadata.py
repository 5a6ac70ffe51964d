"""Metadata of exported models."""

import dataclasses
import json
import pathlib

import keras

from inr_keras import config as config_lib
from inr_keras import runs
from inr_keras.data import sources
from inr_keras.export import graph_checks
from inr_keras.export import signatures
from inr_keras.runs import environment

UNKNOWN = "unknown"


def describe(generator, name, attribution="", run=None):
    """Describes a generator by a dict for JSON.

    Args:
        generator: See `signatures.build`; or the generator of a SavedModel, whose
            description is kept except for the name.
        name: str. Name of the model in servers.
        attribution: str. Credits that the licence of its images asks for.
        run: str or path of its run directory, or of a file in it; `None`: there is
            none.

    Returns:
        dict. Without a run, facts that only a run knows are `"unknown"` or an empty
        list.
    """
    if isinstance(generator, runs.SavedModelGenerator):
        return {**generator.metadata, "name": name}
    start = environment.last_start(run) if run else {}
    resolution = generator.resolution
    ends = generator.alignment == "corner"
    config = read_config(run)
    stages = config.get("stages", [])
    return {
        "kind": type(generator).__name__,
        "config": _config(generator),
        "name": name,
        "latent_dim": generator.latent_dim,
        "style_dim": generator.style_dim,
        "style_layers": generator.num_layers,
        "channels": generator.channels,
        "resolution": resolution,
        "alignment": generator.alignment,
        "coord_dim": generator.coord_dim,
        "video_length": generator.video_length,
        "sample_rate": generator.sample_rate,
        "class_names": list(generator.class_names),
        "trained": {
            # Region of all axes; `spacing` is the distance of neighbours.
            "region": [-1.0, -1.0, 1.0, 1.0],
            "resolution": resolution,
            "spacing": 2.0 / max(resolution - ends, 1),
            "densities": [resolution // stage["stride"] for stage in stages],
        },
        "stages": stages,
        "data": _shared_data(config),
        "patch_size": config.get("patch_size", 0),
        "attribution": attribution,
        "licence": _licence(attribution),
        "code_version": _code(environment.describe()),
        "trained_with": _code(start),
        "limits": graph_checks.limits(),
        "signatures": signatures.names(generator),
    }


def read_config(run):
    """Reads the settings of a run as a dict; `{}` where there are none."""
    if run is None:
        return {}
    try:
        return dict(
            json.loads((run_folder(run) / "config.json").read_text(encoding="utf-8"))
        )
    except (OSError, ValueError, TypeError):
        return {}


def run_folder(run):
    """Run directory of a path, which is the directory or a file in it."""
    path = pathlib.Path(run)
    return path if path.is_dir() else path.parent


def _shared_data(config):
    """Settings of a run's images if every machine has these images; otherwise `{}`.

    A path would reveal the machine of the training, and is useless elsewhere.
    """
    try:
        data = sources.shared(config_lib.from_dict({"data": config["data"]}).data)
    except (LookupError, ValueError):
        return {}
    return json.loads(json.dumps(dataclasses.asdict(data))) if data else {}


def _config(generator):
    """Config of a generator as it is once read from JSON."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(generator)))


def _licence(attribution):
    _, _, licence = attribution.partition("Licence: ")
    return licence.strip() or UNKNOWN


def _code(facts):
    names = ("inr_keras", "git_commit")
    return {name: facts.get(name) or UNKNOWN for name in names}
