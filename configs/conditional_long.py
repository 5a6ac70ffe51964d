"""Second pass over twenty classes of OpenMoji: the denser grids.

python -m apps.train --config=configs/conditional_long.py \
    --workdir=runs/conditional_long --config.initial_generator=runs/structure \
    --config.initial_discriminator=runs/structure

It begins with both networks of `configs/conditional_structure.py`. Cost: 39 minutes on
one of 2 shared cores of an AMD EPYC, 2026-12-01. Result: FD 41.0 by EfficientNet-Lite0
and 2,000 samples, seed 0. `configs/conditional_wide.py` goes on from it.
"""

from configs import openmoji_demo
from configs import openmoji_long


def get_config():
    config = openmoji_demo.with_classes(openmoji_long.get_config())
    config.name = "conditional_long"
    for stage, kimg in zip(config.stages, (1.0, 60.0, 220.0)):
        stage.kimg = kimg
    return config
