"""Image-based CIPS on FFHQ at 256x256, the baseline of MS-patch's Table 1.

python -m apps.train --config=configs/cips_ffhq256.py --workdir=runs/cips \
    --config.data.source=PATH_OF_FFHQ

Not run here. CIPS (Anokhin et al. 2020) reports FID 4.38 at full length,
MS-patch 8.51 in 5 days on 2 GPUs with 86 GB of GPU memory and 3.04 s an
iteration.
"""

from inr_keras.config import Data
from inr_keras.config import Experiment
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="cips_ffhq256",
        resolution=256,
        patch_size=256,  # One patch is the whole image.
        batch_size=16,
        stages=(Stage(stride=1, kimg=25000.0),),
        data=Data(source="ffhq"),  # A folder of images.
        sample_kimg=100.0,
        checkpoint_kimg=100.0,
        log_kimg=4.0,
    )
