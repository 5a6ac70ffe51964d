"""Twenty classes of OpenMoji, each drawn by its name.

python -m apps.train --config=configs/conditional_openmoji.py \
    --workdir=runs/conditional
python -m apps.generate --model=runs/conditional --class=cats --out=cats.png
python -m apps.generate --model=runs/conditional --seeds=0-79 --size=64 \
    --out=docs/conditional_openmoji.png

The demo, with the classes of `inr_keras/data/openmoji/kinds.json`, made by hand from
the sheet of `apps.cluster` and what the emoji mean. Cost: 16 minutes on one of 2 shared
cores of an AMD EPYC, 2026-11-30. Result: FD 51.5 and 55.3 by EfficientNet-Lite0 and
2,000 samples, two seeds. docs/conditional_openmoji.png shows the first: classes of
people and smileys can be told apart, those of animals in part.
"""

from configs import openmoji_demo


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
    config = with_classes(openmoji_demo.get_config())
    config.name = "conditional_openmoji"
    return config
