"""A second pass through the stages; `configs/openmoji_wide.py` goes on from it.

python -m apps.train --config=configs/openmoji_twice.py --workdir=runs/twice \
    --config.initial_generator=runs/long

It begins with the generator of `configs/openmoji_long.py`, and uses lower rates and
crops from any pixel. In stage 1 a new discriminator sees whole images. This removes
what training on patches left: half a circle at the right of most faces. Cost: 39
minutes on a shared core of an AMD EPYC, 2026-11-28. Result: FD 62.8 by
EfficientNet-Lite0 and 2,000 samples, seed 0 (58.9 before); 0.6 % of samples have ink in
the outermost two pixels (22 % before, 1.5 % of real images).
"""

from configs import openmoji_demo
from inr_keras.config import Stage


def get_config():
    config = openmoji_demo.get_config()
    config.name = "openmoji_twice"
    config.discriminator.feature_gain = 0.0  # It came after this run.
    config.alignment = "corner"  # That of the first pass.
    config.stages = (
        Stage(stride=4, kimg=15.0),
        Stage(stride=2, kimg=20.0, patch_weight=10.0),
        Stage(stride=1, kimg=60.0, patch_weight=20.0),
    )
    # A third of the first pass's rate: its shapes stay.
    config.optimizer.learning_rate = 0.002
    config.optimizer.final_rate = 0.1
    config.ema_half_life_kimg = 10.0
    return config
