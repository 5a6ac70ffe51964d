"""Twenty classes of OpenMoji as whole images at 16x16: the first pass of three.

python -m apps.train --config=configs/conditional_structure.py \
    --workdir=runs/structure

The classes are those of `configs/openmoji_demo.py`. The sparsest grid alone, where the
shapes are learned. Cost: 51 minutes on one of 2 shared cores of an AMD EPYC,
2026-11-30. `configs/conditional_long.py` goes on from it.
"""

from configs import openmoji_demo
from configs import openmoji_long


def get_config():
    config = openmoji_demo.with_classes(openmoji_long.get_config())
    config.name = "conditional_structure"
    config.stages = config.stages[:1]
    config.stages[0].kimg = 240.0
    return config
