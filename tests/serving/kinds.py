"""A small generator of each kind that there is."""

import numpy as np

from inr_keras import conversion
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import VideoGenerator
from tests import testing
from tests.models import reference
from tests.rendering.generators import small_generator

_SMALL = {
    "latent_dim": 6,
    "style_dim": 5,
    "mapping_layers": 2,
    "mapping_lr_multiplier": 0.5,
    "width": 8,
    "resolution": 8,
}
_INR_GAN = {
    "input_resolution": 4,
    "channel_base": 64,
    "fine_blocks": 1,
    "rank": 2,
    "fourier_features": 3,
    "embedding_channels": 4,
}


def _random(generator):
    mean_style = generator.mapping.mean_style
    rng = np.random.default_rng(0)
    mean_style.assign(rng.normal(size=mean_style.shape))
    return generator


def _inr_gan(**kwargs):
    settings = {**_SMALL, **_INR_GAN, **kwargs}
    return _random(INRGANGenerator(**settings))


def _hypernetwork(**kwargs):
    return _random(INRHyperNetwork(layers=2, rank=2, **_SMALL, **kwargs))


def _video():
    volume = small_generator(coord_dim=3, embedding_size=4, resolution=8)
    return VideoGenerator(volume, video_length=4)


def _converted():
    arrays = testing.load_fixture("cips_generator")
    return conversion.load_cips(reference.parameters(arrays))


KINDS = {
    "cips": small_generator,
    "cips of classes": lambda: small_generator(class_names=("a", "b", "c")),
    "cips, grey, residual": lambda: small_generator(
        channels=1, rgb="residual", alignment="center"
    ),
    "volume": lambda: small_generator(coord_dim=3, embedding_size=4),
    "video": _video,
    "converted": _converted,
    "inr_gan of classes": lambda: _inr_gan(class_names=("a", "b", "c")),
    "inr_gan, bilinear": lambda: _inr_gan(upsampling="bilinear", instance_norm=True),
    "fourier": _hypernetwork,
    "siren": lambda: _hypernetwork(basis="siren"),
}
