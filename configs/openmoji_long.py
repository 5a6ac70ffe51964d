"""`ms_cips_plus` for 400 kimg: the model that `saved_models/openmoji` holds.

python -m apps.train --config=configs/openmoji_long.py --workdir=runs/long
"""

from configs import ms_cips_plus


def get_config():
    config = ms_cips_plus.get_config()
    config.name = "openmoji_long"
    for stage, kimg in zip(config.stages, (70.0, 110.0, 220.0)):
        stage.kimg = kimg
    config.ema_half_life_kimg = 10.0
    return config
