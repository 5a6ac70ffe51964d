"""Settings of generators, one class an architecture."""

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
    """Settings of all architectures: a mapping network and layers of a width."""

    architecture: str = ""
    latent_dim: int = positive(512)
    style_dim: int = positive(512)
    mapping_layers: int = positive(8)
    mapping_lr_multiplier: float = positive(0.01)
    # Of the mapping's residual layers; 0: they are plain.
    residual_weight: float = not_negative(0.0)
    width: int = positive(512)  # Channels of every layer.
    remat: bool = False  # Recompute each block's activations backward.


@dataclasses.dataclass
class CIPS(Generator):
    """`CIPSGenerator`; defaults of CIPS (section 3, supplement, Table 1)."""

    architecture: str = _architecture("cips")
    widths: tuple[int, ...] = ()  # Of each block's layers, instead of `width`.
    blocks: int = positive(7)  # Two layers and one RGB skip each.
    fourier_features: int = positive(512)
    # Normal deviation of the features' weights; 0: CIPS's uniform init.
    fourier_scale: float = not_negative(0.0)
    # Of the learned table of coordinates; 0: Fourier features alone.
    embedding_channels: int = not_negative(512)
    embedding_size: int = not_negative(0)  # Table's side; 0: resolution.
    # Sides of several tables instead of the one.
    embedding_levels: tuple[int, ...] = positive((), "positive sizes")
    sparse_embedding: bool = False  # Update only the rows that a step reads.
    rgb: str = choice(RGB_VARIANTS, "skip")
    noise: bool = False


@dataclasses.dataclass
class MultiScaleINR(Generator):
    """`INRGANGenerator`; defaults of INR-GAN's public code.

    A block has `channel_base / size` channels, at most `width`.
    """

    architecture: str = _architecture("inr_gan")
    mapping_layers: int = positive(2)
    input_resolution: int = power_of_two(4, 32)  # Coarsest lattice.
    channel_base: int = positive(32768)
    fine_blocks: int = not_negative(2)  # One layer more, and waves.
    rank: int = positive(10)  # Of the factorized modulation.
    modulation: str = choice(MODULATIONS, "demod")
    fourier_features: int = positive(32)  # Waves of a fine block.
    fourier_scale: float = not_negative(0.0)  # 0: sqrt 10.
    basis: str = choice(BASES, "random")  # Of the waves.
    embedding_channels: int = not_negative(128)  # Lattices' constants.
    # Sides of the lattices that have them; (): all.
    embedding_levels: tuple[int, ...] = positive((), "positive sizes")
    upsampling: str = choice(UPSAMPLINGS, "nearest")
    instance_norm: bool = False  # As INR-GAN's bilinear variant.


@dataclasses.dataclass
class _Hypernetwork(Generator):
    """Settings of hypernetworks, whose INR has a first layer and two per block."""

    blocks: int = positive(7)
    # See `layers.external_dense`.
    parametrization: str = choice(PARAMETRIZATIONS, "factorized_se")
    rank: int = positive(10)  # Of factorized weights.
    # linear: the first layer's weights are written, too.
    coords_layer: str = choice(COORDS_LAYERS, "shared")
    # Bound of written weights, in deviations; 0: off.
    weight_clip: float = not_negative(0.0)


@dataclasses.dataclass
class Hyper(_Hypernetwork):
    """`INRHyperNetwork` of an INR with Fourier features."""

    architecture: str = _architecture("hyper")
    fourier_features: int = positive(512)  # Sines and cosines.
    fourier_scale: float = positive(10.0)


@dataclasses.dataclass
class Siren(_Hypernetwork):
    """`INRHyperNetwork` of an INR with sines throughout."""

    architecture: str = _architecture("siren")
    siren_omega: float = positive(30.0)  # w_0 of the first layer.
    # See `ExternalINR`.
    siren_init: str = choice(SIREN_INITS, "original")


ARCHITECTURES = {
    settings.architecture: settings for settings in (CIPS, Hyper, MultiScaleINR, Siren)
}
