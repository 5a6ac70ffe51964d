"""Twenty classes of OpenMoji for 300 kimg: the first pass of `saved_models/openmoji`.

python -m apps.train --config=configs/conditional_long.py \
    --workdir=runs/conditional_long

The classes are those of `configs/openmoji_demo.py`. Cost: 44 minutes on one of 2
shared cores of an AMD EPYC, 2026-11-30. Result: FD 41.2 by EfficientNet-Lite0 and 2,000
samples, seed 0. `configs/conditional_wide.py` goes on from it.
"""

from configs import openmoji_demo
from configs import openmoji_long


def get_config():
    config = openmoji_demo.with_classes(openmoji_long.get_config())
    config.name = "conditional_long"
    for stage, kimg in zip(config.stages, (90.0, 70.0, 140.0)):
        stage.kimg = kimg
    return config
