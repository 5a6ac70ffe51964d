"""First pass of `configs/conditional_openmoji128.py`: whole images at 16x16.

python -m apps.train --config=configs/conditional_structure128.py \
    --workdir=runs/structure128

It trains on the sparsest grid alone, where a step is cheapest. Cost: 40 minutes on one
of 2 shared cores of an AMD EPYC, 2026-11-30.
"""

from configs import conditional_openmoji128
from inr_keras.config import Stage


def get_config():
    config = conditional_openmoji128.get_config()
    config.name = "conditional_structure128"
    config.patch_size = 16
    config.discriminator.channels = config.discriminator.channels[1:]
    config.stages = (Stage(stride=8, kimg=240.0),)
    # The next pass goes on from here, and ends with low rates and a long average.
    config.optimizer.final_rate = 1.0
    config.ema_half_life_kimg = 5.0
    return config
