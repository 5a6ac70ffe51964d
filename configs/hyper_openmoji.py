"""Faces by a hypernetwork, the original form of the slides and of INR-GAN.

python -m apps.train --config=configs/hyper_openmoji.py --workdir=runs/hyper

The hypernetwork turns styles into the weights of a FourierINR, which trains at 64x64 in
three stages of patches. 40,000 images take about 3 minutes of one core. The generator
then draws winking and smiling faces (docs/hyper_openmoji.png). Most are yellow, some
brown; red faces have dark smudges in place of horns. The winks are much alike.
"""

import dataclasses

from configs import openmoji64
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Hyper
from inr_keras.config import Stage


def get_config():
    return dataclasses.replace(
        openmoji64.get_config(),
        name="hyper_openmoji",
        stages=(
            Stage(stride=4, kimg=16.0),
            Stage(stride=2, kimg=12.0, patch_weight=10.0),
            Stage(stride=1, kimg=12.0, patch_weight=20.0),
        ),
        generator=Hyper(
            latent_dim=64,
            style_dim=64,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=64,
            blocks=1,
            fourier_features=64,
            fourier_scale=9.0,
            weight_clip=3.0,
        ),
        discriminator=Discriminator(channels=(32, 48, 64)),
        data=Data(source="openmoji", groups=("faces",)),
        ema_half_life_kimg=2.0,
    )
