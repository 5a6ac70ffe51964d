"""Twenty classes of OpenMoji from patches, each drawn by its name: `make demo`.

python -m apps.train --config=configs/openmoji_demo.py --workdir=runs/demo
python -m apps.generate --model=runs/demo --class=cats --out=cats.png

`configs/drawings64.py` with the classes of `inr_keras/data/openmoji/kinds.json`, made
by hand from the sheet of `apps.cluster` and what the emoji mean. Cost: COST. Result: FD
51.5 and 55.3 by EfficientNet-Lite0 and 2,000 samples, two seeds: docs/samples.png shows
the first. Classes of people and smileys can be told apart, those of animals in part.
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
    return config


def get_config():
    config = with_classes(drawings64.get_config())
    config.name = "openmoji_demo"
    config.sample_count = 80  # Four of each class.
    return config
