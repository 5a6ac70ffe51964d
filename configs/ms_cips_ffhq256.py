"""Multi-stage CIPS on FFHQ at 256x256: MS-patch's Table 1.

python -m apps.train --config=configs/ms_cips_ffhq256.py --workdir=runs/ffhq \
    --config.data.source=PATH_OF_FFHQ

Not run here. The paper (Lee et al. 2022): FID 24.38 after 5 days on 2 GPUs,
31 GB of GPU memory and 0.71 s an iteration; image-based CIPS 8.51, 86 GB,
3.04 s; patches of the full grid alone 41.65, 30 GB, 0.82 s.
"""

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Experiment
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="ms_cips_ffhq256",
        resolution=256,
        patch_size=64,
        batch_size=16,
        # 120,000 iterations of 16 a stage; the authors' weights were 0.001 to
        # 0.1 on the mean of squares.
        stages=(
            Stage(stride=4, kimg=1920.0),
            Stage(stride=2, kimg=1920.0, patch_weight=0.01),
            Stage(stride=1, kimg=1920.0, patch_weight=0.01),
        ),
        generator=CIPS(latent_dim=128),
        data=Data(source="ffhq"),  # A folder of images.
        sample_kimg=100.0,
        checkpoint_kimg=100.0,
        log_kimg=4.0,
    )
