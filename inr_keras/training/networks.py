"""The networks that settings describe."""

from inr_keras.models import CIPSGenerator
from inr_keras.models import StyleGAN2Discriminator


def build_generator(config):
    """The generator that `config` describes."""
    return _GENERATORS[config.generator.architecture](config)


def build_discriminator(config):
    """The discriminator that `config` describes, for its patches."""
    d = config.discriminator
    return StyleGAN2Discriminator(
        config.patch_size,
        channels=d.channels,
        channel_base=d.channel_base,
        channel_max=d.channel_max,
        stddev_group=d.stddev_group,
        position=d.position,
        classes=len(config.data.classes),
        dtype=config.dtype,
        name="discriminator",
    )


def _cips(config):
    g = config.generator
    return CIPSGenerator(
        latent_dim=g.latent_dim,
        style_dim=g.style_dim,
        mapping_layers=g.mapping_layers,
        mapping_lr_multiplier=g.mapping_lr_multiplier,
        width=g.width,
        blocks=g.blocks,
        fourier_features=g.fourier_features,
        fourier_scale=g.fourier_scale,
        embedding_channels=g.embedding_channels,
        embedding_size=g.embedding_levels
        or g.embedding_size
        or config.resolution,
        embedding_alignment=config.alignment,
        rgb=g.rgb,
        noise=g.noise,
        remat=g.remat,
        resolution=config.resolution,
        alignment=config.alignment,
        class_names=config.data.classes,
        dtype=config.dtype,
        name="generator",
    )


_GENERATORS = {"cips": _cips}
