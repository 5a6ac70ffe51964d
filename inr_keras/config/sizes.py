"""Rules against sizes of images, tables and sheets that no memory holds."""

from inr_keras.config.generators import CIPS

# Most samples on an axis, by the number of axes.
_SIDES = {1: 2**24, 2: 2**15, 3: 2**10}
_SHEET = 2**34  # Most numbers in a sheet of samples.


def rules(config):
    """Yields the name of a field that violates a rule, and the rule."""
    most = _SIDES[config.data.axes]
    for name, side in _sides(config):
        if side > most:
            yield name, f"at most {most} where data.kind is {config.data.kind}"
    sample = config.data.image_channels * config.resolution**config.data.axes
    if sample > _SHEET:
        yield "resolution", f"of images of at most {_SHEET} numbers"
    elif config.sample_count * sample > _SHEET:
        rule = f"at most {_SHEET // sample}, as a sheet is held in memory"
        yield "sample_count", rule


def _sides(config):
    """Yields the name and the largest value of each field of sides."""
    yield "resolution", config.resolution
    if isinstance(config.generator, CIPS):
        yield "generator.embedding_size", config.generator.embedding_size
        levels = config.generator.embedding_levels
        yield "generator.embedding_levels", max(levels, default=0)
