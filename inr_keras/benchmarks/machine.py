"""Facts about the machine, for results and pages."""

import os
import time

from inr_keras import processes


def describe():
    """Describes the machine and the versions of its libraries, for JSON."""
    import keras
    import tensorflow as tf

    return {
        "cores": os.cpu_count(),
        "processor": processes.processor(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def device():
    """Describes the device that Keras's backend computes on.

    Returns:
        dict: `backend` with its version, `keras`, `device` (its name), `devices` (how
        many there are) and `is_gpu`.
    """
    import keras

    from inr_keras.benchmarks import pure_functions

    module, is_gpu = pure_functions.backend(), pure_functions.has_gpu()
    if pure_functions.is_jax():
        devices = module.devices()
        name = devices[0].device_kind
    else:
        devices = module.config.list_physical_devices("GPU" if is_gpu else "CPU")
        details = module.config.experimental.get_device_details(devices[0])
        name = details.get("device_name", "")
    return {
        "backend": f"{keras.config.backend()} {module.__version__}",
        "keras": keras.__version__,
        "device": name if is_gpu else f"CPU, {_cpu()}",
        "devices": len(devices),
        "is_gpu": is_gpu,
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
        "machine": _cpu(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _cpu():
    return f"{os.cpu_count()} cores, {processes.processor()}"
