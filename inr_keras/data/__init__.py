"""Real images: sources, preparation, and batches for training.

The names below are imported when they are first used, so that the processes that
prepare images do not wait for TensorFlow.
"""

import importlib

_MODULES = {
    "Source": "base_source",
    "open_source": "sources",
    "picture_batches": "any_pictures",
    "real_images": "pipeline",
    "training_dataset": "pipeline",
}

__all__ = list(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    importlib.import_module("inr_keras.backend")  # Refuses other backends in a line.
    module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_MODULES])
