r"""Films of a folder: one network of (x, y, t) for each latent, from real video.

python -m apps.train --config=configs/films.py --config.data.source=DIR \
    --workdir=runs/films
python -m apps.generate --model=runs/films --seeds=0-11 --size=64 --out=films.webp

DIR holds films as GIF, APNG, WebP or MP4, of which 8 images each are taken, cut to
their central square.
Not yet run at full length; `docs/signals.md` has no section of it until then.
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
        name="films",
        resolution=32,
        patch_size=16,
        alignment="center",
        batch_size=8,
        stages=(
            Stage(stride=2, kimg=10.0),
            Stage(stride=1, kimg=6.0, patch_weight=3.0),
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
        discriminator=Discriminator(channels=(32, 48, 64)),
        data=Data(source="films", video_length=8, motion="film", flip=False),
        optimizer=Optimizer(learning_rate=0.006, discriminator_learning_rate=0.006),
        loss=Loss(r1_weight=0.3, r1_interval=8, clip_fakes=True),
        evaluation=Evaluation(images=0),
        ema_half_life_kimg=1.5,
        intra_op_threads=1,
        sample_kimg=4.0,
        checkpoint_kimg=4.0,
        sample_count=12,
    )
