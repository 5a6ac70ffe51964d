"""MS-patch's plain recipe on 216 photographs of animals, food and plants at 32x32.

The photographs are those of Debian's package tuxpaint-stamps-default, cut out on
white; its drawings are left out:

cd /usr/share/tuxpaint/stamps
find animals food plants -name '*.png' -not -path '*/cartoon/*' \
    -not -path '*/plastic/*' -exec cp --parents -t PHOTOGRAPHS {} +
python -m apps.prepare_data --source=PHOTOGRAPHS --resolution=64 --levels=32 \
    --framing=letterbox --color=rgba --out=data/photographs

python -m apps.experiment --suite=table1 --samples=500 --seeds=0-1 \
    --kimg=90,image:15,patch:78,unregularized:120 \
    --only=image,patch,unregularized,multi_stage \
    --config=configs/table1_photographs.py --features=FILE.keras \
    --workdir=runs/table1_photographs --out=docs/table1_photographs.md

The lengths make all rows take about the same time: one after the other, on a loaded
machine, image-based training makes 35 images a second, patch-based 209, multi-stage 334
without and 243 with patch regularization. Result: docs/table1_photographs.md.
"""

from configs import ms_cips_openmoji64
from inr_keras.config import Data


def get_config():
    config = ms_cips_openmoji64.get_config()
    config.name = "table1_photographs"
    config.resolution = 32
    config.patch_size = 8
    config.discriminator.channels = (64, 96)
    # On white: with three channels, transparency is laid on it.
    config.data = Data(source="data/photographs")
    return config
