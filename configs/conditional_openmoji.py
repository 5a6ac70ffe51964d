"""Faces, people and animals, each drawn on request as a class.

python -m apps.train --config=configs/conditional_openmoji.py \
    --workdir=runs/conditional
python -m apps.generate --model=runs/conditional --class=animals \
    --out=animals.png

The networks and patches of `openmoji64`; the groups of OpenMoji are the classes.
After 120,000 images the columns of docs/conditional_openmoji.png show faces, busts and
figures of people, and animals, which stay rough.
"""

from configs import openmoji64


def get_config():
    config = openmoji64.get_config()
    config.name = "conditional_openmoji"
    config.data.labels = True
    return config
