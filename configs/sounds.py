r"""Sounds: an INR of one coordinate, time, trained on instruments and notes.

python -m apps.train --config=configs/sounds.py --workdir=runs/sounds
python -m apps.generate --model=runs/sounds --seeds=0-11 --out=sounds.wav
python -m apps.generate --model=runs/sounds --seeds=0-11 --out=sounds.png

The run makes its 1000 sounds of 4096 samples at 8 kHz: plucked strings, bells, drums
and whistles. Patches of 1024 samples are taken at 2, 4 and 8 kHz in the three stages.
Result: docs/signals.md, after 24 thousand sounds.
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
        name="sounds",
        resolution=4096,
        patch_size=1024,
        alignment="center",
        batch_size=16,
        stages=(
            Stage(stride=4, kimg=12.0),
            Stage(stride=2, kimg=6.0, patch_weight=1.0),
            Stage(stride=1, kimg=6.0, patch_weight=1.0),
        ),
        generator=CIPS(
            latent_dim=32,
            style_dim=64,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=64,
            blocks=2,
            fourier_features=256,
            fourier_scale=1000.0,  # 620 Hz, where a second is four units of time.
            embedding_channels=0,
        ),
        discriminator=Discriminator(channels=(12, 16, 24, 32, 32, 48, 48, 64, 64)),
        data=Data(kind="sound", source="sounds", channels=1, flip=False),
        optimizer=Optimizer(
            learning_rate=0.004, discriminator_learning_rate=0.004, final_rate=0.1
        ),
        loss=Loss(r1_weight=0.3, r1_interval=8, clip_fakes=True),
        evaluation=Evaluation(images=0),
        ema_half_life_kimg=2.0,
        intra_op_threads=1,
        sample_kimg=3.0,
        checkpoint_kimg=3.0,
        sample_count=12,
    )
