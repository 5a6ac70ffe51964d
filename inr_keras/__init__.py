"""GANs whose generator is an implicit neural representation, on Keras 3.

The names below are imported when they are first used, so that reading settings
or refusing a wrong value does not wait for TensorFlow.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "CIPSGenerator": "models",
    "ExternalINR": "models",
    "INR": "models",
    "INRGAN": "training.step.gan",
    "INRGANGenerator": "models",
    "INRHyperNetwork": "models",
    "MappingNetwork": "models",
    "Renderer": "rendering",
    "StageCallback": "training.stages",
    "StyleGAN2Discriminator": "models",
    "StyleGAN2Generator": "models",
    "lazy_adam": "training.step.optimizers",
    "load_generator": "runs",
}

__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_HOMES])
