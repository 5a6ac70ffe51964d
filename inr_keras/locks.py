"""Locks of folders that one process at a time may write to.

The lock is a file in the folder. While its process holds it, the operating system keeps
a lock on the file, which ends with the process and counts in all containers of a
machine. Where the file system keeps none, or none between machines, the holder renews
the time of the file, which tells whether it lives.
"""

import contextlib
import datetime
import errno
import fcntl
import json
import os
import pathlib
import platform
import threading
import time

from absl import logging

from inr_keras import processes
from inr_keras import remote_paths

FILE = ".lock"
BEAT = 5.0  # Seconds between two renewals.
PATIENCE = 20.0  # Seconds in which a living holder renews its lock.
_NO_LOCKS = (errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)


@contextlib.contextmanager
def locked(folder, name="folder"):
    """Holds the lock of a folder, which is made if need be.

    A folder that was made and stays empty is removed.

    Args:
        folder: str or path.
        name: str. Name of the caller's argument, for errors.

    Raises:
        ValueError: A living process holds the lock, or the path is remote.

    Example:
        >>> with locked(folder / "run", "workdir"):
        ...     pass  # Nobody else writes into the folder.
    """
    remote_paths.check_local(folder, f"`{name}`")
    folder = pathlib.Path(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    ended = threading.Event()
    try:
        with _locked_file(folder, name) as file:
            beats = threading.Thread(target=_renew, args=(file, ended), daemon=True)
            beats.start()
            try:
                yield
            finally:
                ended.set()
                beats.join()
                if _holder(file).get("name") == processes.own_name():
                    (folder / FILE).unlink(missing_ok=True)
    finally:
        with contextlib.suppress(OSError):
            for path in made:
                path.rmdir()


def _locked_file(folder, name):
    """Opens and locks the file, and writes into it who does."""
    path = folder / FILE
    while True:
        file = open(path, "a+", encoding="utf-8")
        try:
            if _is_held(file, path):
                raise ValueError(
                    f"`{name}` must be a folder that no other process writes to. "
                    f"Received: {str(folder)!r}, in use by {_described(_holder(file))}"
                )
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                file.truncate(0)
                json.dump(_self(), file)
                file.flush()
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # Its holder has removed it meanwhile.


def _is_held(file, path):
    """Locks a file, unless a living process holds it."""
    is_locked = False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_locked = True
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    holder = _holder(file).get("name")
    if not holder or (is_locked and processes.kernel() == holder.split("-")[0]):
        return False
    runs = None if is_locked else processes.is_running(holder)
    if runs is not None:
        return runs
    logging.info(
        "Waiting %g s to see whether %s, which began to write to %s, still lives",
        PATIENCE,
        _described(_holder(file)),
        path.parent,
    )
    return _is_renewed(path)


def _is_renewed(path):
    """Watches whether a holder renews its lock."""
    before = _time_of(path)
    for _ in range(10):
        time.sleep(PATIENCE / 10)
        if _time_of(path) != before:
            return True
    return False


def _time_of(path):
    """Time of a file; opening it asks the server of a network file system again."""
    try:
        with open(path, "rb") as file:
            return os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None


def _renew(file, ended):
    while not ended.wait(BEAT):
        with contextlib.suppress(OSError):
            os.utime(file.fileno())


def _self():
    return {
        "name": processes.own_name(),
        "host": platform.node(),
        "process": os.getpid(),
        "begun": datetime.datetime.now().astimezone().isoformat(" ", "seconds"),
    }


def _holder(file):
    """The contents of a lock, empty where its process was killed before it wrote."""
    file.seek(0)
    try:
        holder = json.load(file)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _described(holder):
    if not holder:
        return "another process"
    return "process {process} of {host} since {begun}".format_map(
        {"process": "?", "host": "?", "begun": "?", **holder}
    )
