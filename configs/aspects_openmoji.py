"""People and flags, each picture as long and broad as what is drawn in it.

python -m apps.train --config=configs/aspects_openmoji.py --workdir=runs/aspects
python -m apps.generate --model=runs/aspects --aspect=3:2 --out=flags.png

The demo's networks and patches. OpenMoji's white borders are cut off, which
leaves pictures from upright to broad. Not yet run to its end: after 14,000
pictures in three short stages (6,000, 6,000, 2,000) the shapes are the data's,
and what is in them is rough: yellow blots on white and blue in upright ones,
streaks of colour in broad ones. The generator is not told the shape, so one
latent must do for all of them.
"""

from configs import openmoji_demo
from inr_keras.config import Data


def get_config():
    config = openmoji_demo.get_config()
    config.name = "aspects_openmoji"
    config.data = Data(
        source="openmoji",
        groups=("people", "flags"),
        aspect="keep",
        trim=True,
    )
    return config
