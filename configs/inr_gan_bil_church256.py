"""INR-GAN's bilinear variant on LSUN Church at 256x256.

python -m apps.train --config=configs/inr_gan_bil_church256.py \
    --workdir=runs/inr_gan_bil_church

Not run here. The source (public code's list of results): FID 4.04 (Bedroom
3.43 at truncation 0.95, FFHQ 4.95), 209 images a second on a V100. Its
normalization looks across the whole image, so that it cannot be trained on
patches; see `INRGANGenerator` for what it costs here.
"""

from configs import inr_gan_church256


def get_config():
    config = inr_gan_church256.get_config()
    config.name = "inr_gan_bil_church256"
    config.generator.upsampling = "bilinear"
    config.generator.instance_norm = True
    return config
