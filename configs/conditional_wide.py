"""Second pass over twenty classes of OpenMoji: `saved_models/openmoji`.

python -m apps.train --config=configs/conditional_wide.py --workdir=runs/wide \
    --config.initial_generator=runs/long

It begins with the generator of `configs/conditional_long.py`, and trains as
`configs/openmoji_wide.py` does.
"""

from configs import conditional_openmoji
from configs import openmoji_wide


def get_config():
    config = conditional_openmoji.with_classes(openmoji_wide.get_config())
    config.name = "conditional_wide"
    return config
