"""Files that appear whole or not at all, even after a power cut."""

import hashlib
import os
import pathlib
import re

from absl import logging

_TEMPORARY = re.compile(r"\.writing_(\d+)_.+")


def write_beside(path, write):
    """Calls `write(temporary)` and renames the result to `path`.

    The temporary file has the same ending, lies in the same folder and is
    removed if writing fails, so `path` is either the old file or the new one.
    Both the file and its name are on the disk when this returns.

    Args:
        path: str or path. Its folder is made if need be.
        write: Function that takes a path and writes a file there.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing_{os.getpid()}_{path.name}")
    try:
        write(temporary)
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    except OSError as error:
        if error.filename is None:  # A full disk: say which file it hit.
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder):
    """Removes the half-written files of killed processes below a folder."""
    folder = pathlib.Path(folder)
    for path in folder.rglob(".writing_*"):
        match = _TEMPORARY.fullmatch(path.name)
        if match and path.is_file() and not _is_running(int(match[1])):
            logging.info("Removing %s, half-written by a killed run", path)
            path.unlink(missing_ok=True)


def checksum(path):
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def _is_running(number):
    if number == os.getpid():
        return False  # An earlier process had the same number.
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _flush(path):
    """Waits until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
