"""Flat drawings at 64x64 from patches of 16x16: the demo without its classes.

python -m apps.train --config=configs/drawings64.py --workdir=runs/drawings

OpenMoji's faces, people and animals, in three stages; `--config.data.source=FOLDER`
takes your own drawings. Cost: 9 minutes on 2 cores of an AMD EPYC, 1.2 GB, 2026-11-29.
Result: FD 61.4 and 60.7 by EfficientNet-Lite0 and 2,000 samples, two seeds
(docs/results.md).
"""

from configs import openmoji64


def get_config():
    config = openmoji64.get_config()
    config.name = "drawings64"
    # If all grids begin at the same pixel, a stage trains no points but theirs.
    config.crops.starts = "pixel"
    # `MinibatchStddev` then notices what generated images repeat at a place.
    config.crops.shared = True
    # The previous stage is a start and not a goal: the weight of patch regularization
    # falls to 0 by the end of each stage.
    for stage, kimg in zip(config.stages, (24.0, 27.0, 36.0)):
        stage.patch_decay = 1.0
        stage.kimg = kimg  # Nine minutes in all.
    # With one step per call of TensorFlow, cores wait: the demo trains on 170 images a
    # second, and on 182 with eight (2 idle cores of an AMD EPYC, 2026-11-30).
    config.steps_per_execution = 8
    # The discriminator knows shapes and textures of photographs from the first step on.
    config.discriminator.feature_gain = 0.2
    return config
