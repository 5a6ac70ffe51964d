r"""Panoramas of a whole sphere: an INR of three coordinates on the unit sphere.

python -m apps.train --config=configs/sphere_openmoji.py --workdir=runs/sphere
python -m apps.generate --model=runs/sphere --seeds=0-5 --size=512x256 \
    --out=panoramas.png
python -m apps.generate --model=runs/sphere --seeds=0 --surface=cube --size=128 \
    --out=cube.png

The run makes its 2000 panoramas of OpenMoji faces around a horizon: 64 x 64 pixels,
longitude by latitude. Patches are cut around the whole turn, in every stage.
48,000 panoramas take 18 minutes beside other work. The generator then draws skies,
grounds and faces without a seam, but the faces have the same places in all samples; see
docs/signals.md.
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
        name="sphere_openmoji",
        resolution=64,
        patch_size=16,
        alignment="center",
        batch_size=16,
        stages=(
            Stage(stride=4, kimg=20.0),
            Stage(stride=2, kimg=16.0, patch_weight=1.0),
            Stage(stride=1, kimg=12.0, patch_weight=1.0),
        ),
        replay_every=4,
        generator=CIPS(
            latent_dim=64,
            style_dim=64,
            mapping_layers=2,
            mapping_lr_multiplier=0.1,
            width=64,
            blocks=3,
            fourier_features=128,
            fourier_scale=6.0,
            embedding_channels=0,
        ),
        discriminator=Discriminator(channels=(48, 64, 96)),
        data=Data(kind="panorama", groups=("faces",), count=2000),
        optimizer=Optimizer(
            learning_rate=0.004, discriminator_learning_rate=0.004, final_rate=0.1
        ),
        loss=Loss(r1_weight=0.3, r1_interval=8, clip_fakes=True),
        evaluation=Evaluation(images=256, kimg=12.0),
        ema_half_life_kimg=3.0,
        intra_op_threads=1,
        sample_kimg=10.0,
        checkpoint_kimg=10.0,
        sample_count=24,
    )
