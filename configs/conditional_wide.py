"""Third pass over twenty classes of OpenMoji: `saved_models/openmoji`.

python -m apps.train --config=configs/conditional_wide.py \
    --workdir=runs/conditional_wide --config.initial_generator=runs/conditional_long

It begins with the generator of `configs/conditional_long.py`, and trains as
`configs/openmoji_wide.py` does, but compares matched images by feature maps, too. Cost:
35 minutes on one of 2 shared cores of an AMD EPYC, 2026-12-01. Result: FD 38.8 by
EfficientNet-Lite0 and 2,000 samples, seed 0 (41.0 before), recall 0.12 (0.03 before).
By eye, outlines are sharp, and fewer specks lie beside the images.
"""

from configs import openmoji_demo
from configs import openmoji_wide


def get_config():
    config = openmoji_demo.with_classes(openmoji_wide.get_config())
    config.name = "conditional_wide"
    # Compared by colours alone, with a weight of 20, edges are soft and FD is 41.0.
    config.loss.match_weight = 4.0
    config.loss.match_features = True
    return config
