"""INR-GAN on faces, people and animals, from patches in three stages.

python -m apps.train --config=configs/inr_gan_openmoji.py --workdir=runs/inr_gan

OpenMoji images at 64x64, patches of 16x16 in three stages, as long as those
of `openmoji64`. Result: FD 108.0 after 120,000 images, seed 0
(docs/inr_gan_openmoji.png).
"""

from configs import openmoji64
from inr_keras.config import MultiScaleINR


def get_config():
    config = openmoji64.get_config()
    config.name = "inr_gan_openmoji"
    config.generator = MultiScaleINR(
        latent_dim=64,
        style_dim=96,
        mapping_lr_multiplier=0.1,
        input_resolution=16,
        width=96,
        channel_base=3072,  # 96, 96, 96, 96 and 48 channels.
        fine_blocks=1,
        rank=4,
        fourier_features=16,
        embedding_channels=32,
        # On every lattice: with `embedding_levels=(16,)`, 17 kimg drew blurred
        # cells of that lattice with dots in them.
    )
    return config
