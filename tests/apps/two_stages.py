"""Two stages of a small network, for runs that are stopped and go on."""

from configs import tiny


def get_config():
    config = tiny.get_config()
    config.name = "two_stages"
    config.stages = config.stages[:2]
    config.generator.blocks = 1
    config.generator.mapping_layers = 1
    config.deterministic = True
    config.sample_count = 2
    return config
