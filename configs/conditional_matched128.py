"""Third pass of `saved_models/openmoji128`: matched images.

python -m apps.train --config=configs/conditional_matched128.py \
    --workdir=runs/matched128 --config.initial_generator=runs/conditional128

It begins with the generator of `configs/conditional_openmoji128.py`. Half of each batch
is real images with the latents that draw them best, and their distance is added to the
generator's loss.
"""

from configs import conditional_openmoji128


def get_config():
    config = conditional_openmoji128.get_config()
    config.name = "conditional_matched128"
    for stage, kimg in zip(config.stages, (25.0, 20.0, 30.0)):
        stage.kimg = kimg
    config.loss.match_weight = 20.0
    config.loss.match_kimg = 8.0
    # Half the rates of the pass before: its shapes stay.
    config.optimizer.learning_rate = 0.003
    config.optimizer.discriminator_learning_rate = 0.003
    config.sample_kimg = 10.0
    return config
