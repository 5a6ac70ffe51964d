"""Checkpoints of a run, which appear only when complete and have a checksum."""

import math
import os
import pathlib
import re
import tempfile
import zlib

import keras
import numpy as np
from absl import logging

from inr_keras.files import checksum
from inr_keras.files import write_beside
from inr_keras.naming import first_line
from inr_keras.training import strategies

_NAME = re.compile(r"images_(\d+)\.weights\.h5")


def save(gan, folder, keep):
    """Writes a checkpoint and drops all but the last `keep`.

    Networks, average, frozen generator, optimizers, step, images seen and stage are
    variables of the model, so that one file holds them. Its SHA-256 lies beside it, in
    the form that `sha256sum --check` reads.

    All workers of a strategy must call it; the chief writes.

    Args:
        gan: INRGAN.
        folder: str or path of the folder of checkpoints.
        keep: int. Number of checkpoints to keep.

    Returns:
        Path of the checkpoint.

    Raises:
        RuntimeError: The workers hold different weights.
        OSError: The file cannot be written.
    """
    folder = pathlib.Path(folder)
    seen = gan.count("images_seen")
    path = path_of(folder, seen)
    write(gan, path)
    if not strategies.is_chief(gan.distribute_strategy):
        return path
    for old in paths(folder)[:-keep]:
        old.unlink(missing_ok=True)
    kept = {sum_path(path) for path in paths(folder)}
    for path_of_sum in folder.glob("images_*.sha256"):
        if path_of_sum not in kept:
            path_of_sum.unlink(missing_ok=True)
    return path


def write(gan, path):
    """Writes a checkpoint and its checksum; all workers must call it.

    Args:
        gan: INRGAN.
        path: Path of the checkpoint.

    Raises:
        RuntimeError, OSError: See `save`.
    """
    strategy = gan.distribute_strategy
    if strategies.is_multi_worker(strategy):
        _check_agreement(gan, strategy)
    if not strategies.is_chief(strategy):
        # Reading a logged mean adds it up over the workers, this one included.
        with tempfile.TemporaryDirectory() as scratch:
            gan.save_weights(pathlib.Path(scratch) / "unused.weights.h5")
        return

    def save_weights(temporary):
        _reserve(temporary, _size(gan))
        gan.save_weights(temporary)
        # A checkpoint never lies beside the checksum of an earlier one of its name,
        # which would mark it as damaged. If a kill leaves it without checksum, reading
        # it warns.
        sum_path(path).unlink(missing_ok=True)

    write_beside(path, save_weights)
    line = f"{checksum(path)}  {path.name}\n"
    write_beside(sum_path(path), lambda p: p.write_text(line, encoding="utf-8"))


def save_generator(gan, path):
    """Writes the averaged generator; all workers must call it, and the chief writes.

    Args:
        gan: INRGAN.
        path: Path of a `.keras` file, which is written whole or not at all.
    """
    generator = gan.settled_average()
    if strategies.is_chief(gan.distribute_strategy):
        write_beside(path, generator.save)


def restore(gan, folder):
    """Reads the newest checkpoint that can be read.

    Args:
        gan: INRGAN that takes the state.
        folder: str or path of the folder of checkpoints.

    Returns:
        Path of the checkpoint, or `None` where there is none.

    Raises:
        ValueError: There are checkpoints, but none can be read.
    """
    folder = pathlib.Path(folder)
    saved = paths(folder)
    for path in reversed(saved):
        try:
            load(gan, path)
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            logging.warning(
                "Checkpoint %s cannot be read (%s).%s",
                path,
                first_line(error),
                " Trying the one before." if path != saved[0] else "",
            )
            continue
        return path
    if saved:
        raise ValueError(
            f"No checkpoint in {folder} can be read; put a copy of one there, or "
            f"remove them to begin again{_also(folder.parent)}. "
            f"Received: {[path.name for path in saved]}"
        )
    return None


def _also(workdir):
    """Names the other files of a run that can still be used."""
    generators = ("best_generator.keras", "generator.keras")
    found = [workdir / name for name in generators if (workdir / name).is_file()]
    if not found:
        return ""
    return (
        f"; {' and '.join(map(str, found))} can still be used, and "
        "config.initial_generator begins another run with such weights"
    )


def load(gan, path):
    """Reads a checkpoint; where it has no checksum, a warning says so.

    Args:
        gan: INRGAN that takes the state.
        path: Path of the checkpoint.

    Raises:
        OSError, KeyError, ValueError, RuntimeError: It cannot be read.
    """
    if not _is_checked(path):
        logging.warning("Checkpoint %s has no checksum: it is read unverified", path)
    gan.load_weights(path)


def paths(folder):
    """Lists the checkpoints of a folder, the oldest first."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return []
    matching = (path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    return sorted(matching, key=images_seen)


def images_seen(path):
    """Reads the number of real images seen from the name of a checkpoint."""
    return int(_NAME.fullmatch(path.name)[1])


def _check_agreement(gan, strategy):
    """Raises `RuntimeError` where workers hold different weights."""
    digest = 0
    for weight in gan.weights:
        array = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        digest = zlib.crc32(array, digest)
    digests = set(strategies.gather(strategy, digest))
    if len(digests) > 1:
        raise RuntimeError(
            "The workers hold different weights. Received: "
            f"{len(digests)} checksums from one step"
        )
    logging.info("All workers hold the same weights (%08x)", digest)


def path_of(folder, images_seen):
    """Makes the path of the checkpoint after `images_seen` images."""
    return folder / f"images_{images_seen:010d}.weights.h5"


def is_whole(path):
    """Tells whether a checkpoint exists and nothing shows that it is damaged."""
    try:
        _is_checked(path)
    except (OSError, ValueError):
        return False
    return True


def sum_path(path):
    """Makes the path of a checkpoint's checksum."""
    return path.with_name(path.name + ".sha256")


def _is_checked(path):
    """Compares a checkpoint with its checksum, if it has one.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not what was written.
    """
    found = checksum(path)
    if not sum_path(path).is_file():
        return False
    if [found] != sum_path(path).read_text(encoding="utf-8").split()[:1]:
        raise ValueError("its checksum has changed since it was written")
    return True


def _size(gan):
    """Estimates the bytes of a checkpoint, rather too many than too few."""
    optimizers = gan.optimizers()
    variables = [*gan.weights, *(v for o in optimizers for v in o.variables)]
    return sum(4096 + 8 * math.prod(v.shape) for v in variables)


def _reserve(path, size):
    """Raises `OSError` on a disk too full for `size` bytes at `path`.

    HDF5 ends the whole process if a write fails. Files that take the space between this
    check and the write are not noticed. Systems without `posix_fallocate` skip the
    check.
    """
    if hasattr(os, "posix_fallocate"):
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
