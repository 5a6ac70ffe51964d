"""Facts about the machine, for results and pages."""

import os
import platform
import time


def describe():
    """Describes the machine and the versions of its libraries, for JSON."""
    import keras
    import tensorflow as tf

    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def page_facts(command):
    """Collects the facts that a page shows about how it was made.

    Args:
        command: str. Command line.

    Returns:
        dict: `command`, `machine` and `date`.
    """
    return {
        "command": command,
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor():
    return platform.processor() or platform.machine()
