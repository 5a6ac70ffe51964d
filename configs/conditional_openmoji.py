"""Faces, people and animals, each by its name.

python -m apps.train --config=configs/conditional_openmoji.py \
    --workdir=runs/conditional
python -m apps.generate --model=runs/conditional --class=animals \
    --out=animals.png

The demo's networks and patches; the groups of OpenMoji are the classes. Not
yet run to its end: after 9,632 pictures of stage 1 the same latents give yellow
discs as faces, upright figures as people, dark patches as animals, all rough.
"""

from configs import openmoji_demo


def get_config():
    config = openmoji_demo.get_config()
    config.name = "conditional_openmoji"
    config.data.labels = True
    return config
