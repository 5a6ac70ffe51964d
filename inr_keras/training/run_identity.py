"""Identity of a run: the settings and images with which its directory may go on."""

import hashlib
import json
import os

from absl import logging

from inr_keras import config as config_lib
from inr_keras import paths
from inr_keras.data import pipeline
from inr_keras.data import stage_levels
from inr_keras.runs import config_file
from inr_keras.runs import environment
from inr_keras.training import checkpoints

# Fields that may change during a run: they decide what is written, or how numbers are
# computed that stay equal up to rounding or the order of images.
_HARMLESS = {
    "name",
    "log_kimg",
    "sample_kimg",
    "sample_count",
    "checkpoint_kimg",
    "keep_checkpoints",
    "deterministic",
    "intra_op_threads",
    "generator.remat",
    "strategy",
    "replicas",
    "data.cache_dir",
    "data.cache_mib",
    "on_full_disk",
    "evaluation.trust_model",
    "watchdog.action",
    "watchdog.max_roll_backs",
    "watchdog.rate_factor",
}
_SOURCE = "data.source"
_CLASS_FILE = "data.class_file"
_CACHE = "data.cache_mib"


def check_settings(config, workdir):
    """Raises `ValueError` where a run of these settings cannot go on in a directory.

    A source or class file may have moved; `check_images` compares their contents.
    """
    if not (workdir / "config.json").exists():
        parents = (workdir, *workdir.absolute().parents)
        if not next(p for p in parents if p.exists()).is_dir():
            raise ValueError(f"`workdir` must be a folder. Received: {str(workdir)!r}")
        if checkpoints.paths(workdir / "checkpoints"):
            logging.warning(
                "%s has checkpoints and no config.json: going on with the settings "
                "given, although they may not be those of the run",
                workdir,
            )
        return
    changes = _changes(config, workdir)
    images = environment.last_start(workdir).get("images", {})
    for name, old, new in changes:
        is_moved = (
            images and name == _SOURCE or "labels" in images and name == _CLASS_FILE
        )
        if not (is_moved or _is_harmless(name, config, old, new)):
            _refuse(name, old, new)
    for name, old, new in changes:
        logging.info("config.%s is %r now, it was %r", name, new, old)


def check_images(config, workdir, source):
    """Compares the images of a run with those of its last start.

    Args:
        config: Experiment.
        workdir: Path of the run directory.
        source: `data.base_source.Source` of the config.

    Returns:
        dict of the number and the fingerprint of the images, for `environment.record`.

    Raises:
        ValueError: The images differ, and so does their path; the class file has
            changed; or `data.cache_mib` would change the images' order.
    """
    _check_order(config, workdir, source)
    facts = {"count": source.count, "fingerprint": source.fingerprint()}
    if source.label_of is not None:
        labels = json.dumps(sorted(source.label_of.items())).encode()
        facts["labels"] = hashlib.sha256(labels).hexdigest()
    before = environment.last_start(workdir).get("images", facts)
    if before == facts:
        return facts
    if before.get("labels") != facts.get("labels"):
        raise ValueError(
            "`workdir` holds a run of other classes of images: config.data.class_file "
            f"has changed since. Received: {config.data.class_file!r}. Take another "
            "`workdir`."
        )
    if (workdir / "config.json").exists():
        for name, old, new in _changes(config, workdir):
            if name == _SOURCE and not _is_harmless(name, config, old, new):
                _refuse(name, old, new, ", which holds other images")
    logging.warning(
        "%s holds other images than at the last start of the run: %d, it was %d",
        source.name,
        facts["count"],
        before["count"],
    )
    return facts


def _check_order(config, workdir, source):
    """Refuses to switch between memory and streaming if the images' order differs."""
    if source.streams_as_kept or not (workdir / "config.json").exists():
        return
    for name, old, new in _changes(config, workdir):
        if name == _CACHE:
            for side in stage_levels.sides(config):
                level = source.bytes * (side / config.resolution) ** config.data.axes
                kept = {pipeline.is_kept(level, mib) for mib in (old, new)}
                if len(kept) > 1:
                    _refuse(name, old, new, ", with which images have another order")


def _changes(config, workdir):
    saved = config_file.load_config(workdir)
    return list(config_lib.differences(saved, config))


def _refuse(name, old, new, why=""):
    raise ValueError(
        "`workdir` holds a run of another configuration: "
        f"config.{name} is {old!r} there. Received: {new!r}{why}. Take "
        "another `workdir`."
    )


def _is_harmless(name, config, old, new):
    """Tells whether a run may go on with another value of a field."""
    last = f"stages[{len(config.stages) - 1}].kimg"
    # A longer or shorter last stage, where nothing fades over its length.
    if name == last and config.method == "multi_stage":
        fades = config.stages[-1].patch_decay or (config.optimizer.final_rate != 1.0)
        return not fades
    if name in _HARMLESS or name.startswith("evaluation."):
        return True
    # Two ways to write one path.
    return name in paths.SETTINGS and os.path.abspath(old) == os.path.abspath(new)
