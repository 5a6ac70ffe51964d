"""Builders of the networks for the settings of an experiment."""

import dataclasses
import math

from inr_keras import coordinates
from inr_keras.models import CIPSGenerator
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import SphereGenerator
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.models import StyleGAN2Generator
from inr_keras.models import VideoGenerator
from inr_keras.training import feature_maps


def build_generator(config):
    """Builds the generator that settings describe.

    Example:
        >>> build_generator(tiny.get_config()).name
        'generator'
    """
    settings = dataclasses.asdict(config.generator)
    shared = {
        "resolution": config.resolution,
        "channels": config.data.channels,
        "class_names": config.data.classes,
        "dtype": config.policy,
        "name": "generator",
    }
    build = _GENERATORS[settings.pop("architecture")]
    generator = build(config, **shared, **settings)
    length = config.data.video_length
    if length:
        return VideoGenerator(generator, length, dtype=config.policy, name="video")
    if config.data.kind == "panorama":
        return SphereGenerator(generator, dtype=config.policy, name="panorama")
    return generator


def build_discriminator(config, name="discriminator"):
    """Builds a discriminator of patches that settings describe.

    Args:
        config: Experiment.
        name: str. `"discriminator"`, or `"dense_discriminator"` for the second one.

    Example:
        >>> build_discriminator(tiny.get_config()).name
        'discriminator'
    """
    d = config.discriminator
    is_second = name == "dense_discriminator"
    return StyleGAN2Discriminator(
        config.patch_size,
        channels=(is_second and d.dense_channels) or d.channels,
        channel_base=d.channel_base,
        channel_max=d.channel_max,
        stddev_group=d.stddev_group,
        position=d.position,
        image_channels=config.data.image_channels * (2 if d.context else 1),
        classes=len(config.data.classes),
        axes=config.data.axes,
        features=feature_maps.build(config),
        dtype=config.policy,
        name=name,
    )


# These builders take an architecture's settings and the arguments that all models
# share. Their parameters are the settings that the model lacks or names differently.


def _cips(
    config,
    width,
    widths,
    embedding_size,
    embedding_levels,
    sparse_embedding,  # See `INRGAN.compile`; the model does not have it.
    **arguments,
):
    return CIPSGenerator(
        width=list(widths) or width,
        embedding_size=embedding_levels or embedding_size or config.resolution,
        embedding_alignment=coordinates.image_alignment(config.alignment),
        sample_rate=config.data.sample_rate if config.data.kind == "sound" else 0,
        **_frame(config),
        **arguments,
    )


def _inr_gan(config, fourier_scale, **arguments):
    return INRGANGenerator(fourier_scale=fourier_scale or math.sqrt(10.0), **arguments)


def _stylegan2(config, width, remat, **arguments):
    return StyleGAN2Generator(
        channel_max=width, alignment=config.alignment, **arguments
    )


def _hyper(config, blocks, **arguments):
    return INRHyperNetwork(layers=1 + 2 * blocks, **_frame(config), **arguments)


def _siren(config, siren_omega, siren_init, **arguments):
    return _hyper(
        config,
        basis="siren",
        omega=siren_omega or None,
        initialization=siren_init,
        **arguments,
    )


def _frame(config):
    """Makes the arguments that say where the points of the training frame lie."""
    is_in_volume = config.data.video_length or config.data.kind == "panorama"
    return {
        "coord_dim": 3 if is_in_volume else config.data.axes,
        "alignment": coordinates.image_alignment(config.alignment),
    }


_GENERATORS = {
    "cips": _cips,
    "hyper": _hyper,
    "inr_gan": _inr_gan,
    "siren": _siren,
    "stylegan2": _stylegan2,
}
