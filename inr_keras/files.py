"""Files and folders that appear whole or not at all, even after a power cut."""

import errno
import hashlib
import os
import pathlib
import re
import shutil
import time

from absl import logging

from inr_keras import processes
from inr_keras import remote_paths

_TEMPORARY = re.compile(rf"\.writing_(?:({processes.NAME})|\d+)_.+", re.DOTALL)
_NAME_BYTES = 128  # Bytes of a name that are kept in its temporary file's name.
_OLD = 24 * 3600.0  # Seconds after which the files of unknown processes are removed.
# Errors of file systems that cannot flush on demand, such as CIFS for folders.
_NO_FLUSH = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def write_beside(path, write):
    """Calls `write(temporary)` and renames the result to `path`.

    The temporary file has the same ending, lies in the same folder and is
    removed if writing fails, so `path` is either the old file or the new one.
    Both the file and its name are on the disk when this returns.

    Args:
        path: str or path. Its folder is made if need be.
        write: Function that takes a path and writes a file or a folder there. A folder
            may only replace an empty folder.
    """
    remote_paths.check_local(path, "`path`")
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(path)
    try:
        write(temporary)
        for inner in temporary.rglob("*"):
            _flush(inner)
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    except OSError as error:
        if error.errno and error.filename is None:  # A full disk: say which file.
            error.filename = str(path)
        raise
    finally:
        _remove(temporary)


def new_folder(path):
    """Checks that `write_beside` can put a folder at a path.

    Args:
        path: str or path.

    Returns:
        Path without links, which `write_beside` takes.

    Raises:
        ValueError: Something lies there that cannot be replaced.
    """
    place = pathlib.Path(path).resolve()
    if place.exists():
        if not place.is_dir() or any(place.iterdir()):
            rule = "must be new, or an empty folder"
        elif place.is_mount() or place == pathlib.Path().resolve():
            rule = "must be neither the working folder nor a mount point"
        else:
            return place
        raise ValueError(f"`folder` {rule}. Received: {str(path)!r}")
    return place


def temporary_path(path):
    """Path beside another for what this process is writing; it has the same ending."""
    # Only the end of a long name, or the temporary name would be too long.
    end = os.fsencode(path.name)[-_NAME_BYTES:].decode("utf-8", "ignore")
    return path.with_name(f".writing_{processes.own_name()}_{end}")


def sweep(folder):
    """Removes the half-written files of killed processes below a folder.

    Files of processes in other containers or on other machines stay for a day, because
    these processes may still run.
    """
    for path in list(pathlib.Path(folder).rglob(".writing_*")):
        match = _TEMPORARY.fullmatch(path.name)
        if not (match and path.exists()):
            continue
        runs = processes.is_running(match[1]) if match[1] else None
        if runs is None:
            runs = time.time() - path.stat().st_mtime < _OLD
        if not runs:
            logging.info("Removing %s, half-written by a killed run", path)
            _remove(path)


def checksum(path):
    """SHA-256 of a file, or of a folder's names and files, in hexadecimal.

    The fingerprint of a SavedModel, which differs between equal models, is left out.
    """
    path = pathlib.Path(path)
    digest = hashlib.sha256()
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and inner.name != "fingerprint.pb":
                digest.update(inner.relative_to(path).as_posix().encode())
                digest.update(checksum(inner).encode())
        return digest.hexdigest()
    with open(path, "rb") as file:
        while part := file.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def _remove(path):
    """Removes a file or a folder that may be gone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _flush(path):
    """Waits until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
    finally:
        os.close(descriptor)
