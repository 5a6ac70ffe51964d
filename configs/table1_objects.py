"""MS-patch's plain recipe on OpenMoji's food and objects at 32x32.

python -m apps.experiment --suite=table1 --samples=500 --seeds=0-1 \
    --kimg=90,image:15,patch:78,unregularized:120 \
    --only=image,patch,unregularized,multi_stage \
    --config=configs/table1_objects.py --features=FILE.keras \
    --workdir=runs/table1_objects --out=docs/table1_objects.md

Result: docs/table1_objects.md.
"""

from configs import table1_photographs
from inr_keras.config import Data


def get_config():
    config = table1_photographs.get_config()
    config.name = "table1_objects"
    config.data = Data(source="openmoji", groups=("food", "objects"))
    return config
