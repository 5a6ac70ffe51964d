r"""Films of a folder: one network of (x, y, t) for each latent, from real video.

python -m apps.train --config=configs/films.py --config.data.source=DIR \
    --workdir=runs/films
python -m apps.generate --model=runs/films --seeds=0-11 --size=64 --out=films.webp

DIR holds films as GIF, APNG, WebP or MP4. Training takes 8 images of each film, cropped
to their central square. Result: docs/signals.md, after 60 thousand videos.
"""

import dataclasses

from configs import video_openmoji
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Evaluation
from inr_keras.config import Stage


def get_config():
    return dataclasses.replace(
        video_openmoji.get_config(),
        name="films",
        stages=(
            Stage(stride=2, kimg=20.0),
            Stage(stride=1, kimg=40.0, patch_weight=3.0),
        ),
        discriminator=Discriminator(channels=(32, 48, 64)),
        data=Data(source="films", video_length=8, motion="film", flip=False),
        evaluation=Evaluation(images=0),
        ema_half_life_kimg=1.5,
        sample_kimg=10.0,
        checkpoint_kimg=4.0,
        sample_count=12,
    )
