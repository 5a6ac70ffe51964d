"""INR-GAN on FFHQ at 256x256, on full images as its authors do.

python -m apps.train --config=configs/inr_gan_ffhq256.py \
    --workdir=runs/inr_gan_ffhq \
    --config.data.source=PATH_OF_FFHQ

Not run here. The source (Skorokhodov et al. 2020; public code's list of
results): FID 9.57. All but the data is as in `inr_gan_church256`.
"""

from configs import inr_gan_church256


def get_config():
    config = inr_gan_church256.get_config()
    config.name = "inr_gan_ffhq256"
    config.data.source = "ffhq"  # A folder of images.
    return config
