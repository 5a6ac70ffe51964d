"""Settings of generators, one class for each architecture."""

import dataclasses

from inr_keras.config.bounds import LAYERS
from inr_keras.config.bounds import WIDTH
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
    latent_dim: int = positive(512, most=WIDTH)
    style_dim: int = positive(512, most=WIDTH)
    mapping_layers: int = positive(8, most=LAYERS)
    mapping_lr_multiplier: float = positive(0.01)
    # Initial weight of the mapping network's residual layers; 0: no residuals.
    residual_weight: float = not_negative(0.0)
    width: int = positive(512, most=WIDTH)  # Channels of each layer.
    remat: bool = False  # Recompute activations in the backward pass.


@dataclasses.dataclass
class CIPS(Generator):
    """Settings of `CIPSGenerator`; defaults of CIPS (section 3 and supplement)."""

    architecture: str = _architecture("cips")
    # Channels of each block, in place of `width`.
    widths: tuple[int, ...] = positive((), "positive widths", WIDTH)
    blocks: int = positive(7, most=LAYERS)  # Blocks of two layers and one RGB skip.
    fourier_features: int = positive(512, most=WIDTH)  # Number of sines.
    # Standard deviation of the features' normal weights; 0: CIPS's uniform weights.
    fourier_scale: float = not_negative(0.0)
    # Channels of the coordinate embedding; 0: Fourier features alone.
    embedding_channels: int = not_negative(512, most=WIDTH)
    embedding_size: int = not_negative(0)  # Side of its table; 0: the resolution.
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
    mapping_layers: int = positive(2, most=LAYERS)
    input_resolution: int = power_of_two(4, 32)  # Side of the coarsest lattice.
    channel_base: int = positive(32768)
    # Number of fine blocks, which have one more layer and waves.
    fine_blocks: int = not_negative(2)
    # Rank of the factorized modulation.
    rank: int = positive(10, most=WIDTH)
    modulation: str = choice(MODULATIONS, "demod")
    # Number of waves in a fine block.
    fourier_features: int = positive(32, most=WIDTH)
    fourier_scale: float = not_negative(0.0)  # Deviation of the waves; 0: sqrt 10.
    basis: str = choice(BASES, "random")  # Source of the waves' weights.
    # Number of learned constants at each cell of a lattice; 0: none.
    embedding_channels: int = not_negative(128, most=WIDTH)
    # Sides of the lattices that have constants; (): all.
    embedding_levels: tuple[int, ...] = positive((), "positive sizes")
    upsampling: str = choice(UPSAMPLINGS, "nearest")
    instance_norm: bool = False  # Used by INR-GAN's bilinear variant.


@dataclasses.dataclass
class StyleGAN2(Generator):
    """Settings of `StyleGAN2Generator`, which draws only whole images.

    A size has `channel_base / size` channels, at most `width`.
    """

    architecture: str = _architecture("stylegan2")
    channel_base: int = positive(16384)


@dataclasses.dataclass
class _Hypernetwork(Generator):
    """Settings of both hypernetworks: an INR of a first layer and blocks of two."""

    blocks: int = positive(7, most=LAYERS)
    # Form of the written weights; see `layers.external_dense`.
    parametrization: str = choice(PARAMETRIZATIONS, "factorized_se")
    rank: int = positive(10, most=WIDTH)  # Rank of factorized weights.
    # First layer. linear: the hypernetwork writes its weights; shared: all images share
    # them.
    coords_layer: str = choice(COORDS_LAYERS, "shared")
    # Bound of written weights, in standard deviations; 0: off.
    weight_clip: float = not_negative(0.0)
    # Layers of the head that writes a layer's weights.
    head_layers: int = positive(1, most=LAYERS)
    # Channels between the layers of a head; 0: style_dim.
    head_width: int = not_negative(0, most=WIDTH)


@dataclasses.dataclass
class Hyper(_Hypernetwork):
    """Settings of `INRHyperNetwork` for an INR with Fourier features."""

    architecture: str = _architecture("hyper")
    # Number of sines and cosines together.
    fourier_features: int = positive(512, most=WIDTH)
    fourier_scale: float = positive(10.0)


@dataclasses.dataclass
class Siren(_Hypernetwork):
    """Settings of `INRHyperNetwork` for a SIREN, an INR with sines throughout."""

    architecture: str = _architecture("siren")
    # w_0 of the first layer; 0: the initialization's w_0, 30 (original) or 1 (slides).
    siren_omega: float = not_negative(0.0)
    # Initialization; see `ExternalINR`.
    siren_init: str = choice(SIREN_INITS, "original")


ARCHITECTURES = {
    settings.architecture: settings
    for settings in (CIPS, Hyper, MultiScaleINR, Siren, StyleGAN2)
}
