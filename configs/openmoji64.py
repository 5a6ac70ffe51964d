"""Sizes and rates that the experiments on OpenMoji at 64x64 share.

python -m apps.train --config=configs/openmoji64.py --workdir=runs/openmoji64

Faces, people and animals, from patches of 16x16 in three stages. Cost: 8 minutes on 2
CPU cores, 1.1 GB of memory. Result: FD 84.6 by EfficientNet-Lite0 and 2,000 samples,
seed 0 (docs/results.md).
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
        name="openmoji64",
        resolution=64,
        patch_size=16,
        # Stage 1 learns the mean of each cell, which is the colour at its
        # centre and not at its corner.
        alignment="center",
        # Many small steps at a high rate reach an FD of 84.6; batches of 16 at a rate
        # of 0.003 reach 127 in as many images.
        batch_size=8,
        stages=(
            Stage(stride=4, kimg=30.0),
            Stage(stride=2, kimg=40.0, patch_weight=10.0),
            Stage(stride=1, kimg=50.0, patch_weight=20.0),
        ),
        generator=CIPS(
            latent_dim=64,
            style_dim=96,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=96,
            blocks=3,
            fourier_features=48,
            fourier_scale=9.0,
            embedding_channels=48,
            # The table is as dense as the sparsest grid: each stage trains all entries,
            # and none stays untrained between the samples of the first stage.
            embedding_size=16,
        ),
        discriminator=Discriminator(channels=(48, 64, 96)),
        data=Data(source="openmoji", groups=("faces", "people", "animals")),
        optimizer=Optimizer(learning_rate=0.006, discriminator_learning_rate=0.006),
        loss=Loss(r1_weight=0.3, r1_interval=8, clip_fakes=True),
        ema_half_life_kimg=5.0,
        intra_op_threads=1,  # Such small operations run faster side by side.
        log_kimg=1.0,
        sample_kimg=7.0,
        checkpoint_kimg=20.0,
    )
