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
        "device": name if is_gpu else f"CPU, {os.cpu_count()} cores, {_model()}",
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
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor():
    return platform.processor() or platform.machine()


def _model():
    """Name of the CPU where Linux tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("model name")]
    except OSError:
        lines = []
    return lines[0].split(":", 1)[1].strip() if lines else _processor()
