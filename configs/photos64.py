"""Photographs at 64x64 from patches of 16x16: the recipe for your own images.

python -m apps.train --config=configs/photos64.py --workdir=runs/photos \
    --config.data.source=FOLDER

Tried on the 216 photographs of animals, food and plants that
`configs/table1_photographs.py` prepares. Cost: 12 minutes on one shared core of an AMD
EPYC, 2026-11-29, 75,000 images, seed 0. Result: FD 136.4 by EfficientNet-Lite0 and
2,000 samples, docs/photos64.jpg.
"""

from configs import openmoji64
from inr_keras.config import Data


def get_config():
    config = openmoji64.get_config()
    config.name = "photos64"
    config.data = Data(source="data/photographs")
    # A table as sparse as the first grid would draw rings around its entries.
    config.generator.embedding_size = 64
    # Without these two, every image has the same texture at the same place.
    config.crops.starts = "pixel"
    config.crops.shared = True
    # The discriminator knows shapes and textures of photographs from the first step on.
    config.discriminator.feature_gain = 0.2
    for stage in config.stages:
        stage.kimg = 25.0
    return config
