"""`drawings64` for 380 kimg.

python -m apps.train --config=configs/openmoji_long.py --workdir=runs/long

Cost: 55 minutes on one of 2 shared cores of an AMD EPYC, 1.2 GB, 2026-11-29. Result: FD
44.4 by EfficientNet-Lite0 and 2,000 samples, seed 0. `configs/openmoji_wide.py` goes on
from it.
"""

from configs import drawings64


def get_config():
    config = drawings64.get_config()
    config.name = "openmoji_long"
    for stage, kimg in zip(config.stages, (100.0, 80.0, 200.0)):
        stage.kimg = kimg
    # A long run can end with low rates and a long average.
    config.ema_half_life_kimg = 10.0
    config.optimizer.final_rate = 0.1
    config.sample_kimg = 20.0
    return config
