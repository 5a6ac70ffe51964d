"""Files that are whole or not there."""

import os
import pathlib


def write_beside(path, write):
    """Calls `write(temporary)` and renames the result to `path`.

    The temporary file has the same ending, lies in the same folder and is
    removed if writing fails, so `path` is either the old file or the new one.

    Args:
        path: str or path. Its folder is made if need be.
        write: Function that writes a file at the path it is given.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing_{os.getpid()}_{path.name}")
    try:
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        if error.filename is None:  # A full disk: say which file it hit.
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
