"""Fifth pass, with matched images: `saved_models/openmoji`.

python -m apps.train --config=configs/openmoji_matched.py --workdir=runs/matched \
    --config.initial_generator=runs/wide2 --config.initial_discriminator=runs/wide2

It begins with both networks of the second pass of `configs/openmoji_wide.py`. Half of
each batch are real images with the latents that draw them best, and the generator's
loss has the distance of the two: figures and expressions come nearer to real ones, and
more of these are drawn. Cost: 11 minutes on a shared core of an Intel Xeon, 2026-11-29.
Result: FD 50.5 by EfficientNet-Lite0 and 2,000 samples, seed 0 (57.8 before).
"""

from configs import openmoji_wide
from inr_keras.config import Stage


def get_config():
    config = openmoji_wide.get_config()
    config.name = "openmoji_matched"
    config.stages = (Stage(stride=1, kimg=40.0),)
    # A margin is trained around the image: less debris beside it.
    config.crops.margin = 8
    config.loss.match_weight = 20.0
    config.loss.match_kimg = 8.0
    # The discriminator goes on from where it was, and needs no start.
    config.loss.r1_weight = 0.3
    config.optimizer.discriminator_learning_rate = 0.003
    return config
