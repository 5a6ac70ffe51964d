"""StyleGAN2's convolutional generator on faces, whole images of 32x32.

python -m apps.train --config=configs/stylegan2_openmoji.py --workdir=runs/conv

The study of the geometric prior compares it with `inr_gan_whole_openmoji`: images,
discriminator, rates and length are the same; only the generator differs.
Result: docs/studies/prior.md.
"""

import dataclasses

from configs import openmoji64
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Stage
from inr_keras.config import StyleGAN2


def get_config():
    return dataclasses.replace(
        openmoji64.get_config(),
        name="stylegan2_openmoji",
        resolution=32,
        patch_size=32,
        stages=(Stage(stride=1, kimg=30.0),),
        generator=StyleGAN2(
            latent_dim=64,
            style_dim=96,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=64,
            channel_base=1024,  # 64, 64, 64 and 32 channels.
        ),
        discriminator=Discriminator(channels=(24, 32, 48, 64)),
        data=Data(source="openmoji", groups=("faces",)),
    )
