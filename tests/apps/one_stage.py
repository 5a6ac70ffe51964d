"""Two steps of one stage on a folder of images, the shortest training."""

from configs import tiny


def get_config():
    config = tiny.get_config()
    config.name = "one_stage"
    config.stages = config.stages[:1]
    config.stages[0].kimg = 0.008
    config.generator.blocks = 1
    config.generator.mapping_layers = 1
    config.data.source = "images"
    config.data.groups = ()
    config.log_kimg = 0.004
    config.sample_count = 2
    return config
