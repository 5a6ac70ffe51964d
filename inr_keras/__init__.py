"""GANs whose generator is an implicit neural representation, on Keras 3.

The names below are imported when they are first used, so that reading settings
or refusing a wrong value does not wait for TensorFlow.
"""

import importlib

__version__ = "0.1.0"

_NAMES = {
    "config": ("Crops", "Loss", "Stage"),
    "data": ("picture_batches",),
    "layers": (
        *("Blur", "CoordinateEmbedding", "EqualizedConv", "EqualizedDense"),
        *("ExternalDense", "FactorizedModulatedDense", "FourierBasis"),
        *("FourierFeatures", "LabelProjection", "LatticeFeatures", "LogarithmicBasis"),
        *("MinibatchStddev", "ModulatedConv2D", "ModulatedDense"),
        *("MultiResolutionEmbedding", "PixelNorm", "PredictedBasis"),
    ),
    "losses": (
        *("discriminator_logistic_loss", "generator_nonsaturating_loss"),
        *("relativistic_discriminator_loss", "relativistic_generator_loss"),
        *("wasserstein_discriminator_loss", "wasserstein_generator_loss"),
        *("patch_regularization", "r1_penalty", "slope_penalty"),
    ),
    "metrics": ("FrechetDistance",),
    "models": (
        *("CIPSGenerator", "ExternalINR", "INR", "INRGANGenerator", "INRGenerator"),
        *("INRHyperNetwork", "MappingNetwork", "SphereGenerator"),
        *("StyleGAN2Discriminator", "StyleGAN2Generator", "VideoGenerator"),
    ),
    "rendering": ("Renderer", "draw_picture", "generate", "seed_sheet"),
    "runs": ("load_generator",),
    "training.callbacks": ("Checkpoints", "StopOnNaN"),
    "training.feature_maps": ("FeatureMaps",),
    "training.gan_callbacks": ("GeneratorExport", "SampleSheets"),
    "training.matching": ("MatchSearch", "Matches"),
    "training.signal_fit": ("fit_picture",),
    "training.stages": ("StageCallback",),
    "training.step.gan": ("INRGAN",),
    "training.step.optimizers": ("lazy_adam",),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_HOMES])
