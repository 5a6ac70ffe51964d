r"""Faces that shrink and grow: one network of (x, y, t) for each latent.

python -m apps.train --config=configs/video_openmoji.py --workdir=runs/video
python -m apps.generate --model=runs/video --seeds=0-11 --size=64 \
    --out=video.webp

Each OpenMoji face becomes a video of 8 images that shrinks and grows; a patch
is cut through all of them, and the discriminator sees its images as channels. 40,000
videos take 18 minutes beside other work. The second command then draws smileys that
laugh, frown or wear sunglasses while they shrink and grow, with pale specks around some
(docs/video.webp).
"""

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Experiment
from inr_keras.config import Loss
from inr_keras.config import Optimizer
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="video_openmoji",
        resolution=32,
        patch_size=16,
        alignment="center",
        batch_size=8,
        stages=(
            Stage(stride=2, kimg=20.0),
            Stage(stride=1, kimg=20.0, patch_weight=10.0),
        ),
        generator=CIPS(
            latent_dim=32,
            style_dim=64,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=48,
            blocks=2,
            fourier_features=48,
            fourier_scale=4.0,
            embedding_channels=24,
            embedding_size=16,  # Points along x, y and t.
        ),
        discriminator=Discriminator(channels=(48, 64, 96)),
        data=Data(groups=("faces",), video_length=8, motion="pulse"),
        optimizer=Optimizer(learning_rate=0.006, discriminator_learning_rate=0.006),
        loss=Loss(r1_weight=0.3, r1_interval=8, clip_fakes=True),
        ema_half_life_kimg=3.0,
        intra_op_threads=1,
        sample_kimg=5.0,
        checkpoint_kimg=10.0,
        sample_count=24,
    )
