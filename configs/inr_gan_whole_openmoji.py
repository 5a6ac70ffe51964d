"""INR-GAN on faces, whole images of 32x32, beside a convolutional generator.

python -m apps.train --config=configs/inr_gan_whole_openmoji.py --workdir=runs/inr

The study of the geometric prior compares it with `stylegan2_openmoji`: images,
discriminator, rates and length are the same; only the generator differs.
Result: docs/studies/prior.md.
"""

from configs import stylegan2_openmoji
from inr_keras.config import MultiScaleINR


def get_config():
    config = stylegan2_openmoji.get_config()
    config.name = "inr_gan_whole_openmoji"
    config.generator = MultiScaleINR(
        latent_dim=64,
        style_dim=96,
        mapping_layers=2,
        mapping_lr_multiplier=0.1,
        input_resolution=8,
        width=64,
        channel_base=1024,  # 64, 64 and 32 channels.
        fine_blocks=1,
        rank=4,
        fourier_features=16,
        embedding_channels=32,
    )
    return config
