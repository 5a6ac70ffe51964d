"""Small generators for the tests of rendering, serving and apps."""

import numpy as np

from inr_keras.models import CIPSGenerator


def small_generator(**kwargs):
    """A generator of 8 x 8 images that are not grey from the start."""
    settings = {
        "latent_dim": 6,
        "style_dim": 5,
        "mapping_layers": 2,
        "mapping_lr_multiplier": 0.5,
        "width": 8,
        "blocks": 2,
        "fourier_features": 7,
        "embedding_channels": 4,
        "embedding_size": 8,
        "name": "generator",
    }
    generator = CIPSGenerator(**{**settings, **kwargs})
    mean_style = generator.mapping.mean_style
    rng = np.random.default_rng(0)
    mean_style.assign(rng.normal(size=mean_style.shape))
    return generator
