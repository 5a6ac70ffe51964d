"""Faces by a SIREN whose weights a hypernetwork writes.

python -m apps.train --config=configs/siren_openmoji.py --workdir=runs/siren

As `hyper_openmoji`, with sines throughout instead of Fourier features and
leaky ReLUs. The original initialization starts with almost flat pictures, its
colours being 30 times weaker, and the critic was far ahead for 3,000 pictures;
the slides' does not. Frequencies of 30 a unit, its start there, are as much as
64 pixels can show of noise; 10 is about that of the Fourier features.
"""

import dataclasses

from configs import hyper_openmoji
from inr_keras.config import Stage


def get_config():
    config = hyper_openmoji.get_config()
    config.name = "siren_openmoji"
    config.stages = (
        Stage(stride=4, kimg=10.0),
        Stage(stride=2, kimg=5.0, patch_weight=10.0),
        Stage(stride=1, kimg=5.0, patch_weight=20.0),
    )
    config.generator = dataclasses.replace(
        config.generator,
        architecture="siren",
        siren_omega=10.0,
        siren_init="slides",
    )
    return config
