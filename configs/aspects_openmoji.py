"""People and flags, each image as long and broad as what is drawn in it.

python -m apps.train --config=configs/aspects_openmoji.py --workdir=runs/aspects
python -m apps.generate --model=runs/aspects --aspect=3:2 --out=flags.png

The networks and patches of `openmoji64`. OpenMoji's white borders are cut off, which
leaves images from upright to broad. After 120,000 images the generator draws flags of
bars and blots in broad rectangles and busts of people in upright ones
(docs/aspects_openmoji.png). It is not told the shape, so one latent must do for all
shapes, and some people stand in a flag's rectangle.
"""

from configs import openmoji64
from inr_keras.config import Data


def get_config():
    config = openmoji64.get_config()
    config.name = "aspects_openmoji"
    config.data = Data(
        source="openmoji",
        groups=("people", "flags"),
        aspect="keep",
        trim=True,
    )
    return config
