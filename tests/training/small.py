"""A GAN of a few hundred weights and images for it."""

import dataclasses

import numpy as np
import tensorflow as tf

from configs import tiny
from inr_keras import config as config_lib
from inr_keras.config import Hyper
from inr_keras.config import MultiScaleINR
from inr_keras.config import Siren
from inr_keras.config import Stage
from inr_keras.config import StyleGAN2
from inr_keras.training import build
from inr_keras.training.patches.draws import Draws

STAGES = (
    Stage(stride=4, kimg=0.008),
    Stage(stride=2, kimg=0.008, patch_weight=1.0),
    Stage(stride=1, kimg=0.008, patch_weight=1.0),
)
_SIZES = {"latent_dim": 8, "style_dim": 8, "mapping_layers": 1, "width": 8}
GENERATORS = {
    "cips": dataclasses.replace(
        tiny.get_config().generator, mapping_layers=1, blocks=1
    ),
    "hyper": Hyper(**_SIZES, blocks=1, fourier_features=8, fourier_scale=9.0),
    "siren": Siren(**_SIZES, blocks=1),
    "inr_gan": MultiScaleINR(
        **_SIZES,
        channel_base=128,
        input_resolution=8,
        fine_blocks=1,
        rank=2,
        fourier_features=4,
        embedding_channels=4,
    ),
    "stylegan2": StyleGAN2(**_SIZES, channel_base=128),
}


# Changes of the small config with samples on earlier grids.
REPLAY = {
    "replay_every": 2,
    "discriminator": dataclasses.replace(
        tiny.get_config().discriminator, stddev_group=2
    ),
}


def small_config(**changes):
    """A smaller tiny config with two steps of 4 images a stage."""
    changes = {"stages": STAGES, "generator": GENERATORS["cips"], **changes}
    # A copy, whose fields tests may change.
    return config_lib.changed(dataclasses.replace(tiny.get_config(), **changes), {})


def hyper_config(architecture="hyper", **changes):
    """The small config with a hypernetwork for a generator."""
    generator = dataclasses.replace(GENERATORS[architecture], **changes)
    return small_config(generator=generator)


def small_gan(**changes):
    return build.build_gan(small_config(**changes))


def pairs(gan, images, draws):
    """Real and fake patches of a step at each density, see `PatchPair`."""
    return [at.pair for at in gan.stage_losses.patches(images, draws)]


def crop_draws(count, grid=0.0, extents=None, seed=(1, 2)):
    """Draws that decide where patches lie, and nothing else."""
    crops = tf.random.stateless_uniform((count, 2), seed)
    nothing = dict.fromkeys(Draws._fields)
    grid = tf.fill((count,), grid)
    return Draws(**{**nothing, "crops": crops, "grid": grid, "extents": extents})


def coordinate_images(count=4, side=32):
    """Images whose red and green are the x and y of each pixel."""
    ramp = (np.arange(side) * 2 + 1) / side - 1
    images = np.zeros((count, side, side, 3))
    images[..., 0], images[..., 1] = ramp, ramp[:, None]
    return np.rint((images + 1) * 127.5).astype("uint8")


def random_images(count=4, size=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, 3)).astype("uint8")


def repeated(images):
    return tf.data.Dataset.from_tensors(images).repeat()


def values(variables):
    return [np.array(v) for v in variables]
