"""Faces, people and animals by a hypernetwork: the sources' original form.

python -m apps.train --config=configs/hyper_openmoji.py --workdir=runs/hyper

Styles become the weights of a FourierINR, whole pictures of 64x64 at once, as
the slides' authors trained.
"""

from configs import openmoji_demo
from inr_keras.config import Generator


def get_config():
    config = openmoji_demo.get_config()
    config.name = "hyper_openmoji"
    config.generator = Generator(
        architecture="hyper",
        latent_dim=64,
        style_dim=96,
        mapping_layers=2,
        mapping_lr_multiplier=0.1,
        parametrization="factorized_se",
        rank=10,
        width=64,
        blocks=1,
        fourier_features=64,
        fourier_scale=9.0,
        embedding_channels=0,
        weight_clip=3.0,
    )
    return config
