"""Records of how a run was started: command, code, packages, machine."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import keras
import psutil
import tensorflow as tf

import inr_keras
from inr_keras import processes
from inr_keras.files import write_beside

_FILE = "environment.json"


def record(workdir, attribution="", images=None):
    """Adds this start of a run to the list in `environment.json`.

    Args:
        workdir: str or path of the run directory.
        attribution: str. Credits that the licence of the images asks for.
        images: dict of the number and the fingerprint of the images, if known.
    """
    path = pathlib.Path(workdir) / _FILE
    starts = []
    if path.exists():
        try:
            starts = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            starts = [{"note": "what was here could not be read"}]
    start = {**describe(), "attribution": attribution}
    if images:
        start["images"] = images
    text = json.dumps([*starts, start], indent=2) + "\n"
    write_beside(path, lambda p: p.write_text(text, encoding="utf-8"))


def attribution(model):
    """Credits that the licence of a run's training images asks for.

    Args:
        model: str or path of a run directory, or of a file in it.

    Returns:
        str: `""` where none is known.
    """
    return str(last_start(model).get("attribution", ""))


def last_start(model):
    """Reads the record of a run's last start.

    Args:
        model: str or path of a run directory, or of a file in it.

    Returns:
        dict: `{}` where nothing is known.
    """
    path = pathlib.Path(model)
    folder = path if path.is_dir() else path.parent
    try:
        return dict(json.loads((folder / _FILE).read_text(encoding="utf-8"))[-1])
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def describe():
    """Describes the process and its machine, but not its user."""
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "command": [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]],
        "inr_keras": inr_keras.__version__,
        "git_commit": _commit(),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "system": platform.platform(),
        "processor": processes.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": [
            tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
            for gpu in tf.config.list_physical_devices("GPU")
        ],
    }


def _commit():
    """Commit of the code, with `+` where files differ; `None` outside git."""
    folder = pathlib.Path(inr_keras.__file__).parent

    def git(*arguments):
        return subprocess.run(
            # A run that is killed meanwhile leaves no lock in the repository.
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            encoding="utf-8",
            errors="replace",
        ).stdout.strip()

    try:
        # Fails where the package is merely installed inside a repository.
        git("ls-files", "--error-unmatch", "__init__.py")
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
