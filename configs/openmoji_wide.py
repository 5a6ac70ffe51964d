"""Third and fourth pass, with patches of 32x32, before `openmoji_matched`.

python -m apps.train --config=configs/openmoji_wide.py --workdir=runs/wide \
    --config.initial_generator=runs/twice --config.loss.r1_weight=0.3 \
    --config.optimizer.learning_rate=0.002 \
    '--config.stages[0].kimg=30' '--config.stages[1].kimg=70'
python -m apps.train --config=configs/openmoji_wide.py --workdir=runs/wide2 \
    --config.initial_generator=runs/wide

They begin with the generator of `configs/openmoji_twice.py`. The discriminator sees a
quarter of the image at full density, not a sixteenth: figures get limbs, faces
expressions. Cost: 30 and 34 minutes on a shared core of an Intel Xeon, 2026-11-29.
Result: FD 61.2 and 57.8 by EfficientNet-Lite0 and 2,000 samples, seed 0 (62.8 before).
"""

from configs import openmoji_twice
from inr_keras.config import Stage


def get_config():
    config = openmoji_twice.get_config()
    config.name = "openmoji_wide"
    config.patch_size = 32
    config.stages = (
        Stage(stride=2, kimg=25.0),
        Stage(stride=1, kimg=95.0, patch_weight=20.0, patch_decay=1.0),
    )
    config.discriminator.channels = (24, *config.discriminator.channels)
    config.optimizer.learning_rate = 0.003
    # The squared gradient is summed over four times the pixels of the passes before.
    config.loss.r1_weight = 0.12
    return config
