"""28 classes of OpenMoji at 128x128, each by its name, from patches of 32x32.

python -m apps.train --config=configs/conditional_openmoji128.py \
    --workdir=runs/conditional128 --config.initial_generator=runs/structure128
python -m apps.generate --model=runs/conditional128 --class=flags --out=flags.png

It begins with the generator of `configs/conditional_structure128.py`. A step costs as
much as at 64x64 with such patches: the grid of stage 1 shows the whole image at 32x32.
Cost: 68 minutes on one of 2 shared cores of an AMD EPYC, 2026-11-30. Result, in
`saved_models/openmoji128`: FD 45.9 by EfficientNet-Lite0 and 2,000 samples, seed 0.
"""

from configs import drawings64
from configs import openmoji_demo
from inr_keras.config import Stage


def get_config():
    config = openmoji_demo.with_classes(drawings64.get_config())
    config.name = "conditional_openmoji128"
    config.resolution = 128
    # Larger patches show the discriminator whole features, not strokes alone.
    config.patch_size = 32
    config.stages = (
        Stage(stride=4, kimg=50.0),
        Stage(stride=2, kimg=40.0, patch_weight=10.0, patch_decay=1.0),
        Stage(stride=1, kimg=60.0, patch_weight=20.0, patch_decay=1.0),
    )
    config.data.groups = ("faces", "people", "animals", "food", "nature", "flags")
    config.sample_count = 56  # Two of each class.
    # A table as dense as the first grid.
    config.generator.embedding_size = 32
    # One more width, for one more size; it is narrow where it costs most.
    config.discriminator.channels = (24, *config.discriminator.channels)
    # What lies beyond the border is drawn without debris.
    config.crops.margin = 8
    config.optimizer.final_rate = 0.1
    config.ema_half_life_kimg = 10.0
    return config
