"""Faces by a SIREN whose weights a hypernetwork writes.

python -m apps.train --config=configs/siren_openmoji.py --workdir=runs/siren

As `hyper_openmoji`, with sines throughout instead of Fourier features and
leaky ReLUs.
"""

import dataclasses

from configs import hyper_openmoji


def get_config():
    config = hyper_openmoji.get_config()
    config.name = "siren_openmoji"
    config.generator = dataclasses.replace(
        config.generator,
        architecture="siren",
        siren_omega=30.0,
        siren_init="original",
    )
    return config
