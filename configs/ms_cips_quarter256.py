"""MS-patch at 256x256 with both networks at a quarter of their width.

python -m apps.benchmark --suite=training --config=configs/ms_cips_quarter256.py

It measures what a step costs (docs/costs.md); it is not meant to be trained.
"""

from inr_keras.config import CIPS
from inr_keras.config import Discriminator
from inr_keras.config import Experiment
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="ms_cips_quarter256",
        resolution=256,
        patch_size=64,
        batch_size=4,
        stages=(
            Stage(stride=4, kimg=1.0),
            Stage(stride=2, kimg=1.0, patch_weight=0.01),
            Stage(stride=1, kimg=1.0, patch_weight=0.01),
        ),
        generator=CIPS(
            latent_dim=128,
            style_dim=128,
            width=128,
            fourier_features=128,
            embedding_channels=128,
            # Tables whose size does not grow with the image.
            embedding_levels=(16, 32, 64, 128),
        ),
        # 128 at 4 to 64 pixels, 64 at 128, 32 at 256.
        discriminator=Discriminator(channel_base=8192, channel_max=128),
    )
