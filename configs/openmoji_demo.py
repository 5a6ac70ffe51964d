"""Twenty classes of OpenMoji from patches, each drawn by its name: `make demo`.

python -m apps.train --config=configs/openmoji_demo.py --workdir=runs/demo
python -m apps.generate --model=runs/demo --class=cats --out=cats.png
python -m apps.generate --model=runs/demo --seeds=0-79 --size=64 \
    --out=docs/samples.png

`configs/drawings64.py` with the classes of `inr_keras/data/openmoji/kinds.json`, made
by hand from the sheet of `apps.cluster` and what the emoji mean, and with matched
images. Cost: 10 minutes on 2 cores of an AMD EPYC, 1.3 GB, 2026-12-01. Result: FD 60.5
and 63.3 by EfficientNet-Lite0 and 2,000 samples, two seeds. docs/samples.png shows the
first: smileys, cats and people can be recognized, most other animals not.
"""

from configs import drawings64


def with_classes(config):
    """Settings of a config of OpenMoji, with the classes and what they need."""
    config.data.labels = True
    config.data.class_file = "openmoji_kinds"
    # As in the study's runs; by the scores no better than two layers.
    config.generator.mapping_layers = 4
    # By eye, images of one class differ in shape, and not in colour alone.
    config.loss.diversity_weight = 1.5
    config.sample_count = 80  # Four of each of twenty classes.
    return config


def get_config():
    config = with_classes(drawings64.get_config())
    config.name = "openmoji_demo"
    for stage, kimg in zip(config.stages, (21.0, 23.0, 31.0)):
        stage.kimg = kimg  # A step takes longer: ten minutes.
    # By eye, fewer images are broken. Compared by colours alone, edges are soft.
    config.loss.match_weight = 8.0
    config.loss.match_features = True
    config.loss.match_kimg = 8.0
    return config
