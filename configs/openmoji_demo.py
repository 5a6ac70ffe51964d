"""Faces, people and animals from patches: the demo (`make demo`).

python -m apps.train --config=configs/openmoji_demo.py --workdir=runs/demo

OpenMoji images at 64x64, patches of 16x16 in three stages. Cost: 9 minutes on
2 cores of an AMD EPYC, 1.2 GB, 2026-11-28. Result: FD 69.5 and 80.8 by
EfficientNet-Lite0 and 2,000 samples, two seeds (docs/results.md).
"""

from configs import openmoji64


def get_config():
    config = openmoji64.get_config()
    config.name = "openmoji_demo"
    # On grids that begin at one pixel, a stage trains the same points alone.
    config.crops.starts = "pixel"
    # The minibatch deviation sees what generated images repeat at a place.
    config.crops.shared = True
    # The stage before is a start and no goal: its weight is full at first and 0 at the
    # end of the stage.
    for stage in config.stages:
        stage.patch_decay = 1.0
    return config
