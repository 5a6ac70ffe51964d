"""INR-GAN on LSUN Church at 256x256 from patches of 64x64 in three stages.

python -m apps.train --config=configs/ms_inr_gan_church256.py \
    --workdir=runs/ms_inr_gan_church

Not run here, and not in any paper: INR-GAN's generator with the stages of MS-patch,
whose paper has no multi-scale INR. Grids and crops are this project's own.
"""

from configs import inr_gan_church256
from configs import ms_cips_church256


def get_config():
    config = ms_cips_church256.get_config()
    config.name = "ms_inr_gan_church256"
    config.alignment = "center"
    # So that patch regularization compares equal regions.
    config.crops.starts = "aligned"
    config.generator = inr_gan_church256.get_config().generator
    return config
