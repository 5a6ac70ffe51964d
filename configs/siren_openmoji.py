"""Faces by a SIREN whose weights a hypernetwork writes.

python -m apps.train --config=configs/siren_openmoji.py --workdir=runs/siren

It has the settings of `hyper_openmoji`, with sines throughout instead of Fourier
features and leaky ReLUs. The original initialization starts with almost flat images,
whose colours are 30 times weaker: after 2,900 images the discriminator is still far
ahead (a loss of 0.34); with the slides' initialization it never is. The slides' first
layer starts at 1 radian a unit, which is too slow for outlines: `siren_omega` makes it
10 here, about that of the Fourier features.

80,000 images take 12 minutes of a shared core. The generator then draws sceptical and
smiling faces (docs/siren_openmoji.png), some with glasses, orange and red ones with
dark smudges at the rim.
"""

from configs import hyper_openmoji
from inr_keras.config import Siren
from inr_keras.config import Stage


def get_config():
    config = hyper_openmoji.get_config()
    config.name = "siren_openmoji"
    config.stages = (
        Stage(stride=4, kimg=32.0),
        Stage(stride=2, kimg=24.0, patch_weight=10.0),
        Stage(stride=1, kimg=24.0, patch_weight=20.0),
    )
    config.generator = Siren(
        latent_dim=64,
        style_dim=64,
        mapping_layers=2,
        mapping_lr_multiplier=0.1,
        width=64,
        blocks=1,
        weight_clip=3.0,
        siren_omega=10.0,
        siren_init="slides",
    )
    return config
