"""The networks that settings describe."""

import math

from inr_keras.models import CIPSGenerator
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.models import VideoGenerator


def build_generator(config):
    """The generator that `config` describes."""
    generator = _GENERATORS[config.generator.architecture](config)
    if config.data.video_length:
        return VideoGenerator(
            generator, config.data.video_length, dtype=config.dtype, name="video"
        )
    return generator


def build_discriminator(config, name="discriminator"):
    """The discriminator that `config` describes, for its patches."""
    d = config.discriminator
    return StyleGAN2Discriminator(
        config.patch_size,
        channels=d.channels,
        channel_base=d.channel_base,
        channel_max=d.channel_max,
        stddev_group=d.stddev_group,
        position=d.position,
        image_channels=config.data.image_channels,
        classes=len(config.data.classes),
        dtype=config.dtype,
        name=name,
    )


def _common(config):
    """Arguments that every generator takes."""
    g = config.generator
    return {
        "latent_dim": g.latent_dim,
        "style_dim": g.style_dim,
        "mapping_layers": g.mapping_layers,
        "mapping_lr_multiplier": g.mapping_lr_multiplier,
        "width": g.width,
        "fourier_features": g.fourier_features,
        "remat": g.remat,
        "resolution": config.resolution,
        "channels": config.data.channels,
        "class_names": config.data.classes,
        "residual_weight": g.residual_weight,
        "dtype": config.dtype,
        "name": "generator",
    }


def _cips(config):
    g = config.generator
    common = _common(config)
    if g.widths:
        common["width"] = list(g.widths)
    return CIPSGenerator(
        blocks=g.blocks,
        fourier_scale=g.fourier_scale,
        embedding_channels=g.embedding_channels,
        embedding_size=g.embedding_levels or g.embedding_size or config.resolution,
        embedding_alignment=config.alignment,
        rgb=g.rgb,
        noise=g.noise,
        coord_dim=3 if config.data.video_length else 2,
        alignment=config.alignment,
        **common,
    )


def _hyper(config, basis="fourier"):
    g = config.generator
    return INRHyperNetwork(
        parametrization=g.parametrization,
        rank=g.rank,
        layers=1 + 2 * g.blocks,
        basis=basis,
        coords_layer=g.coords_layer,
        fourier_scale=g.fourier_scale,
        omega=g.siren_omega,
        initialization=g.siren_init,
        weight_clip=g.weight_clip,
        coord_dim=3 if config.data.video_length else 2,
        alignment=config.alignment,
        **_common(config),
    )


def _inr_gan(config):
    g = config.generator
    return INRGANGenerator(
        input_resolution=g.input_resolution,
        channel_base=g.channel_base,
        fine_blocks=g.fine_blocks,
        rank=g.rank,
        modulation=g.modulation,
        fourier_scale=g.fourier_scale or math.sqrt(10.0),
        basis=g.basis,
        embedding_channels=g.embedding_channels,
        embedding_levels=g.embedding_levels,
        upsampling=g.upsampling,
        instance_norm=g.instance_norm,
        **_common(config),
    )


def _siren(config):
    return _hyper(config, basis="siren")


_GENERATORS = {
    "cips": _cips,
    "hyper": _hyper,
    "inr_gan": _inr_gan,
    "siren": _siren,
}
