"""Faces, people and animals from patches of random density.

python -m apps.train --config=configs/slides_openmoji.py --workdir=runs/slides

It trains as the slides "Meta Generation" (Skorokhodov, August 2020) propose, instead
of as MS-patch: with Fourier features alone, a first stage of whole images with an
added loss on dense patches, then one of random resolutions and offsets. Crops cover
the middle more often, and the mapping network learns at half the rate.

80,000 images take 12 minutes of one core. The generator then draws busts of people with
hair and scarves of many kinds, winking faces, and animals that are blots
(docs/slides_openmoji.png).
"""

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Experiment
from inr_keras.config import Loss
from inr_keras.config import Optimizer
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="slides_openmoji",
        resolution=64,
        patch_size=16,
        alignment="center",
        batch_size=8,
        stages=(
            Stage(stride=4, kimg=25.0, dense_weight=0.25),
            Stage(stride=1, kimg=55.0, random_stride=True),
        ),
        generator=CIPS(
            latent_dim=64,
            style_dim=96,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=96,
            blocks=3,
            fourier_features=96,
            fourier_scale=9.0,
            embedding_channels=0,
        ),
        # A discriminator of several densities is told which one it sees.
        discriminator=Discriminator(channels=(48, 64, 96), position=True),
        data=Data(
            source="openmoji",
            groups=("faces", "people", "animals"),
            density="center",
        ),
        optimizer=Optimizer(
            learning_rate=0.006,
            discriminator_learning_rate=0.006,
            mapping_rate=0.5,
        ),
        loss=Loss(
            r1_weight=0.3, r1_interval=8, clip_fakes=True, dense_discriminator="second"
        ),
        ema_half_life_kimg=5.0,
        intra_op_threads=1,  # Such small operations run faster side by side.
        log_kimg=1.0,
        sample_kimg=10.0,
        checkpoint_kimg=20.0,
    )
