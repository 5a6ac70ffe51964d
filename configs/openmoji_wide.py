"""Second pass, with patches of 32x32 and matched images, without classes.

python -m apps.train --config=configs/openmoji_wide.py --workdir=runs/wide \
    --config.initial_generator=runs/long

It begins with the generator of `configs/openmoji_long.py`. The discriminator sees first
the whole image at 32x32, then a quarter of it at full density. Half of each batch is
real images with the latents that draw them best, and their distance is added to the
generator's loss. Cost: 35 minutes on one of 2 shared cores of an AMD EPYC, 2026-11-29.
Result: FD 45.0 by EfficientNet-Lite0 and 2,000 samples, seed 0 (44.4 before). More
people have eyes and a mouth.
"""

from configs import openmoji_long
from inr_keras.config import Stage


def get_config():
    config = openmoji_long.get_config()
    config.name = "openmoji_wide"
    config.patch_size = 32
    config.stages = (
        Stage(stride=2, kimg=25.0),
        Stage(stride=1, kimg=65.0, patch_weight=20.0, patch_decay=1.0),
    )
    config.discriminator.channels = (24, *config.discriminator.channels)
    # A margin is trained around the image: less debris beside it.
    config.crops.margin = 8
    config.loss.match_weight = 20.0
    config.loss.match_kimg = 8.0
    # Half the rates of the pass before: its shapes stay.
    config.optimizer.learning_rate = 0.003
    config.optimizer.discriminator_learning_rate = 0.003
    config.sample_kimg = 10.0
    return config
