"""Real images: where they come from and how they become batches.

The names below are imported when they are first used, so that the processes
that prepare images do not wait for TensorFlow.
"""

import importlib

_HOMES = {
    "Source": "source",
    "open_source": "sources",
    "real_images": "pipeline",
    "training_dataset": "pipeline",
}

__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_HOMES])
