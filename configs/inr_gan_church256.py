"""INR-GAN on LSUN Church at 256x256, on full images as its authors do.

python -m apps.train --config=configs/inr_gan_church256.py \
    --workdir=runs/inr_gan_church

Not run here. The source (Skorokhodov et al. 2020; public code's list of
results): FID 4.45, 266 images a second of the generator on a V100 (302 for
its own variant for Church, which this config is not). The generator and the R1
weight are those of its public code, the rest is StyleGAN2's.
"""

from inr_keras.config import Data
from inr_keras.config import Experiment
from inr_keras.config import MultiScaleINR
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="inr_gan_church256",
        resolution=256,
        patch_size=256,  # One patch is the whole image.
        alignment="center",
        batch_size=32,
        stages=(Stage(stride=1, kimg=25000.0),),
        generator=MultiScaleINR(),
        data=Data(source="tfds:lsun/church_outdoor"),
        sample_kimg=100.0,
        checkpoint_kimg=100.0,
        log_kimg=4.0,
    )
