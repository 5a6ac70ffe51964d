"""Multi-stage CIPS on FFHQ at 256x256: MS-patch's Table 1.

python -m apps.train --config=configs/ms_cips_ffhq256.py --workdir=runs/ffhq \
    --config.data.source=PATH_OF_FFHQ --config.strategy=mirrored

Not run here. The paper (Lee et al. 2022): FID 24.38 after 5 days on 2 GPUs,
31 GB of GPU memory and 0.71 s an iteration; image-based CIPS 8.51, 86 GB,
3.04 s; patches of the full grid alone 41.65, 30 GB, 0.82 s.

The settings are those of the paper and, where it is silent, of the authors' public
code; docs/presets.md has each of them beside both. What differs:

- Latents have the paper's 128 dimensions; the commands in the code have 512.
- The code's generator has a coordinate table of N x N for each stage. Here all stages
  read one table of 256 x 256 by interpolation, because a table for each would need a
  model that knows its stage. Stage 1 reads 23 % of its entries, stage 2
  98 %. The code reads its tables half an entry beside the grid (`align_corners`
  is false), this generator at the grid's points.
- The code draws a crop of stage 3 within a crop of stage 2, so that the middle of the
  frame is seen more often. Here all crops are equally likely.
- In the code, the steps of generator and discriminator share crops but not latents;
  here they share neither.
- In the code the penalty has its own step of Adam; here it joins one (`lazy_adam`).
- The code draws noise for frozen and averaged generators too. Here they have none.
- The code reads images that were reduced to 64, 128 and 256 pixels in advance. Here
  coarse patches are means of pixels; `data.stored_levels` reads a prepared folder's.
- The weight of patch regularization behind the paper's table is not known: the code's
  commands try 0.001, 0.01 and 0.1 in each of stages 2 and 3.
"""

from inr_keras.config import CIPS
from inr_keras.config import Crops
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Experiment
from inr_keras.config import Optimizer
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="ms_cips_ffhq256",
        resolution=256,
        patch_size=64,
        alignment="span",
        crops=Crops(starts="grid"),
        batch_size=32,  # 16 on each of 2 GPUs.
        fresh_latents=True,
        stages=(  # 120,000 iterations each.
            Stage(stride=4, kimg=3840.0),
            Stage(stride=2, kimg=3840.0, patch_weight=0.01),
            Stage(stride=1, kimg=3840.0, patch_weight=0.01),
        ),
        generator=CIPS(
            latent_dim=128,
            widths=(512, 512, 512, 512, 512, 256, 128),
            noise=True,
        ),
        # The discriminator of 256 x 256 images: with 64 x 64 patches it ends at 1 x 1.
        discriminator=Discriminator(channels=(128, 256, 512, 512, 512, 512, 512)),
        # The code corrects Adam for a path-length penalty every 4 steps that it lacks.
        optimizer=Optimizer(generator_interval=4),
        data=Data(source="ffhq"),  # A folder of images.
        sample_kimg=100.0,
        checkpoint_kimg=100.0,
        log_kimg=4.0,
    )
