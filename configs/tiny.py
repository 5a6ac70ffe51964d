"""Three stages in seconds, for tests of the whole path; draws nothing good.

python -m apps.train --config=configs/tiny.py --workdir=runs/tiny
"""

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Experiment
from inr_keras.config import Loss
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="tiny",
        resolution=32,
        patch_size=8,
        alignment="center",
        batch_size=4,
        stages=(
            Stage(stride=4, kimg=0.016),
            Stage(stride=2, kimg=0.016, patch_weight=1.0),
            Stage(stride=1, kimg=0.016, patch_weight=1.0),
        ),
        generator=CIPS(
            latent_dim=8,
            style_dim=8,
            mapping_layers=2,
            width=8,
            blocks=2,
            fourier_features=8,
            embedding_channels=4,
            embedding_size=8,
        ),
        discriminator=Discriminator(channels=(8, 8)),
        data=Data(source="openmoji", groups=("faces",)),
        loss=Loss(r1_interval=2),
        log_kimg=0.008,
        sample_kimg=0.016,
        sample_count=6,
        checkpoint_kimg=0.016,
    )
