r"""Solids: an INR of three coordinates, trained on inflated OpenMoji animals.

python -m apps.train --config=configs/solids_openmoji.py --workdir=runs/solids
python -m apps.generate --model=runs/solids --seeds=0-11 --out=solids.png
python -m apps.generate --model=runs/solids --seeds=0-3 --out=solids.obj
python -m apps.animate --model=runs/solids --kind=turn --seeds=0-5 --out=solids.webp

Silhouettes of OpenMoji animals are inflated to 32 x 32 x 32 samples. Patches have 16 on
each axis: the whole solid at half the density, then crops. Result: docs/signals.md,
after 11 thousand solids.
"""

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Loss
from inr_keras.config import Optimizer
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="solids_openmoji",
        resolution=32,
        patch_size=16,
        alignment="center",
        batch_size=8,
        stages=(
            Stage(stride=2, kimg=7.0),
            Stage(stride=1, kimg=4.0, patch_weight=3.0),
        ),
        generator=CIPS(
            latent_dim=32,
            style_dim=64,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=48,
            blocks=2,
            fourier_features=64,
            fourier_scale=4.0,
            embedding_channels=0,
        ),
        discriminator=Discriminator(channels=(16, 32, 64)),
        data=Data(kind="solid", groups=("animals",), channels=1, flip=False),
        optimizer=Optimizer(
            learning_rate=0.002, discriminator_learning_rate=0.004, final_rate=0.1
        ),
        loss=Loss(r1_weight=0.05, r1_interval=8, clip_fakes=True),
        evaluation=Evaluation(images=0),
        ema_half_life_kimg=1.5,
        intra_op_threads=1,
        sample_kimg=2.0,
        checkpoint_kimg=3.0,
        sample_count=12,
    )
