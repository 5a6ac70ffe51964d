"""People and flags, each image cropped to the bounds of its drawing.

python -m apps.train --config=configs/aspects_openmoji.py --workdir=runs/aspects
python -m apps.generate --model=runs/aspects --aspect=3:2 --out=flags.png

The networks and patches of `openmoji64`. OpenMoji's white borders are cut off, which
leaves images from upright to broad. After 120,000 images the generator draws flags of
bars and blots in broad rectangles and busts of people in upright ones
(docs/aspects_openmoji.png). It does not know the shape of an image, so one latent
has to serve all shapes, and some people stand in a flag's rectangle.
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
