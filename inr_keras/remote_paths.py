"""Paths to object storage, such as `gs://bucket/data`, and all access to it.

Prepared datasets and exports, which TensorFlow can open there, are read and written in
place. A run directory needs locks, renames and growing files, so it has to be a folder
of this machine or mounted on it.
"""

import contextlib
import pathlib
import re
import tempfile
import uuid

from inr_keras import extras
from inr_keras.naming import first_line

# `pathlib` leaves one slash of two.
_REMOTE = re.compile(r"(?!https?:|tcp:|tls:)[a-z][a-z\d+.-]+:/", re.IGNORECASE)
_LAST = "saved_model.pb"  # A server ignores a model without it.
# A process's claim to a name, of a new folder beside it.
_CLAIM = re.compile(r"^\.writing_(.+)_[\da-f]{32}$", re.DOTALL)


def is_remote(path) -> bool:
    """Tells whether a path leads to object storage.

    Example:
        >>> is_remote("gs://bucket/data"), is_remote("data"), is_remote("tfds:mnist")
        (True, False, False)
    """
    return bool(_REMOTE.match(str(path)))


def check_local(path, name):
    """Raises `ValueError` where a path is remote; it calls the path `name`."""
    if is_remote(path):
        raise ValueError(
            f"{name} must be on this machine, or mounted on it (gcsfuse, s3fs). "
            f"Received: {str(path)!r}"
        )


def opened(path):
    """Returns a path to read from: a `pathlib.Path`, or a similar class if remote."""
    if not is_remote(path):
        return pathlib.Path(path)
    return extras.load("etils.epath", "prepare").Path(path)


@contextlib.contextmanager
def one_error(path, name):
    """Turns errors of storage in the context into a `ValueError` of one line."""
    if not is_remote(path):
        yield
        return
    import tensorflow as tf

    try:
        yield
    except (OSError, NotImplementedError, tf.errors.OpError) as error:
        reason = first_line(error)[:200]
        raise ValueError(
            f"{name} must be a path that TensorFlow can open ({reason}). "
            f"Received: {str(path)!r}"
        ) from error


@contextlib.contextmanager
def uploaded(path, name):
    """Yields a local folder; its files go to `path` at the end if that is remote.

    It has an empty folder for each name that is taken in the remote one.

    Args:
        path: str or path of a folder.
        name: str. What errors call the path.

    Raises:
        ValueError: The storage cannot be reached, or another process has taken the name
            of a new folder meanwhile. Nothing has been written then.
    """
    if not is_remote(path):
        yield pathlib.Path(path)
        return
    import tensorflow as tf

    gfile = tf.io.gfile
    path = str(path).rstrip("/")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary, path.rpartition("/")[2])
        with one_error(path, name):
            gfile.makedirs(path)
            taken = {_CLAIM.sub(r"\1", entry) for entry in _entries(path)}
        for one in taken:
            (folder / one).mkdir(parents=True, exist_ok=True)
        yield folder
        written = [p for p in folder.rglob("*") if p.is_file()]
        new = {p.name for p in folder.iterdir() if p.is_dir()} - taken
        with one_error(path, name), contextlib.ExitStack() as claims:
            for one in new:
                claims.enter_context(_claimed(path, one, name))
            for file in sorted(written, key=lambda file: file.name == _LAST):
                target = f"{path}/{file.relative_to(folder).as_posix()}"
                gfile.makedirs(target.rpartition("/")[0])
                gfile.copy(str(file), target, overwrite=True)


@contextlib.contextmanager
def _claimed(path, one, name):
    """Holds the name of a new folder in a remote one.

    Storage has no locks. A process first writes a file beside the new folder and then
    looks for the folder and the files of other processes, so that at least one of two
    processes sees the other. It removes its file at the end.
    """
    import tensorflow as tf

    gfile = tf.io.gfile
    claim = f".writing_{one}_{uuid.uuid4().hex}"
    with gfile.GFile(f"{path}/{claim}", "w") as file:
        file.write(claim)
    try:
        others = _entries(path) - {claim}
        if one in {_CLAIM.sub(r"\1", entry) for entry in others}:
            raise ValueError(
                f"{name} must be a folder that no other process writes to. Received: "
                f"{f'{path}/{one}'!r}, which another process has begun meanwhile; "
                "start again"
            )
        yield
    finally:
        gfile.remove(f"{path}/{claim}")


def _entries(path):
    """Names of what lies in a remote folder."""
    import tensorflow as tf

    return {entry.rstrip("/") for entry in tf.io.gfile.listdir(path)}
