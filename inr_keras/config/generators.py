"""Settings of generators, one class for each architecture."""

import dataclasses

from inr_keras.config.bounds import choice
from inr_keras.config.bounds import not_negative
from inr_keras.config.bounds import positive
from inr_keras.config.bounds import power_of_two
from inr_keras.config.bounds import setting
from inr_keras.config.choices import BASES
from inr_keras.config.choices import COORDS_LAYERS
from inr_keras.config.choices import MODULATIONS
from inr_keras.config.choices import PARAMETRIZATIONS
from inr_keras.config.choices import RGB_VARIANTS
from inr_keras.config.choices import SIREN_INITS
from inr_keras.config.choices import UPSAMPLINGS


def _architecture(name):
    rule = f"{name}, as the config file chooses the class of generator"
    return setting(name, rule, lambda value: value == name)


@dataclasses.dataclass
class Generator:
    """Settings of all architectures: the mapping network and the layers' width."""

    def __new__(cls, *args, **kwargs):
        if cls is Generator:
            names = ", ".join(c.__name__ for c in ARCHITECTURES.values())
            raise TypeError(f"settings of a generator must be of a class of {names}")
        return super().__new__(cls)

    architecture: str = ""
    latent_dim: int = positive(512)
    style_dim: int = positive(512)
    mapping_layers: int = positive(8)
    mapping_lr_multiplier: float = positive(0.01)
    # Initial weight of the mapping network's residual layers; 0: no residuals.
    residual_weight: float = not_negative(0.0)
    width: int = positive(512)  # Channels of each layer.
    remat: bool = False  # Recompute activations in the backward pass.


@dataclasses.dataclass
class CIPS(Generator):
    """Settings of `CIPSGenerator`; defaults of CIPS (section 3 and supplement)."""

    architecture: str = _architecture("cips")
    widths: tuple[int, ...] = ()  # Channels of each block, in place of `width`.
    blocks: int = positive(7)  # Blocks of two layers and one RGB skip.
    fourier_features: int = positive(512)
    # Standard deviation of the features' normal weights; 0: CIPS's uniform ones.
    fourier_scale: float = not_negative(0.0)
    # Channels of the coordinate embedding; 0: Fourier features alone.
    embedding_channels: int = not_negative(512)
    embedding_size: int = not_negative(0)  # Side of its table; 0: resolution.
    # Sides of several tables, in place of one.
    embedding_levels: tuple[int, ...] = positive((), "positive sizes")
    sparse_embedding: bool = False  # Update only the entries that a step reads.
    rgb: str = choice(RGB_VARIANTS, "skip")
    noise: bool = False  # Add per-point noise to each layer.


@dataclasses.dataclass
class MultiScaleINR(Generator):
    """Settings of `INRGANGenerator`; defaults of INR-GAN's public code.

    A block has `channel_base / size` channels, at most `width`.
    """

    architecture: str = _architecture("inr_gan")
    mapping_layers: int = positive(2)
    input_resolution: int = power_of_two(4, 32)  # Side of the coarsest lattice.
    channel_base: int = positive(32768)
    fine_blocks: int = not_negative(2)  # Finest blocks: one more layer, waves.
    rank: int = positive(10)  # Rank of the factorized modulation.
    modulation: str = choice(MODULATIONS, "demod")
    fourier_features: int = positive(32)  # Waves of a fine block.
    fourier_scale: float = not_negative(0.0)  # Deviation of the waves; 0: sqrt 10.
    basis: str = choice(BASES, "random")  # Source of the waves' weights.
    embedding_channels: int = not_negative(128)  # Learned constants of a lattice.
    # Sides of the lattices that have constants; (): all.
    embedding_levels: tuple[int, ...] = positive((), "positive sizes")
    upsampling: str = choice(UPSAMPLINGS, "nearest")
    instance_norm: bool = False  # In INR-GAN's bilinear variant.


@dataclasses.dataclass
class StyleGAN2(Generator):
    """Settings of `StyleGAN2Generator`, which draws whole images alone.

    A size has `channel_base / size` channels, at most `width`.
    """

    architecture: str = _architecture("stylegan2")
    channel_base: int = positive(16384)


@dataclasses.dataclass
class _Hypernetwork(Generator):
    """Settings of both hypernetworks: an INR of a first layer and blocks of two."""

    blocks: int = positive(7)
    # Form of the written weights; see `layers.external_dense`.
    parametrization: str = choice(PARAMETRIZATIONS, "factorized_se")
    rank: int = positive(10)  # Rank of factorized weights.
    # First layer: linear, written as others are, or shared by all images.
    coords_layer: str = choice(COORDS_LAYERS, "shared")
    # Bound of written weights, in standard deviations; 0: off.
    weight_clip: float = not_negative(0.0)
    head_layers: int = positive(1)  # Layers of the head that writes a layer's weights.
    head_width: int = not_negative(0)  # Channels between them; 0: style_dim.


@dataclasses.dataclass
class Hyper(_Hypernetwork):
    """Settings of `INRHyperNetwork` for an INR with Fourier features."""

    architecture: str = _architecture("hyper")
    fourier_features: int = positive(512)  # Sines and cosines together.
    fourier_scale: float = positive(10.0)


@dataclasses.dataclass
class Siren(_Hypernetwork):
    """Settings of `INRHyperNetwork` for a SIREN, an INR with sines throughout."""

    architecture: str = _architecture("siren")
    # w_0 of the first layer; 0: that of the initialization, 30 or 1.
    siren_omega: float = not_negative(0.0)
    # Initialization; see `ExternalINR`.
    siren_init: str = choice(SIREN_INITS, "original")


ARCHITECTURES = {
    settings.architecture: settings
    for settings in (CIPS, Hyper, MultiScaleINR, Siren, StyleGAN2)
}
