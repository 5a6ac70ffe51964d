"""Coarse stages on the smaller images that a prepared folder holds."""

import dataclasses
import math

import tensorflow as tf

from inr_keras.data import prepared_folder
from inr_keras.data import sources


def check(config):
    """Raises `ValueError` where a stage's level is not in the folder."""
    if not config.data.stored_levels:
        return
    received = f"Received: {config.data.source!r}"
    needed = {config.resolution // s for s in strides(config)}
    needed = sorted(needed - {config.resolution})
    if not prepared_folder.is_prepared(config.data.source):
        raise ValueError(
            "config.data.source must be a folder of apps.prepare_data where "
            f"data.stored_levels is set. {received}"
        )
    builder = prepared_folder.open_prepared(config.data.source)
    stored = prepared_folder.stored_sides(builder)
    if not stored.issuperset(needed):
        raise ValueError(
            "config.data.source must hold images of "
            f"{', '.join(map(str, needed))} pixels where data.stored_levels is "
            f"set (--levels of apps.prepare_data). {received}, which has "
            f"{', '.join(map(str, sorted(stored)))}"
        )


def strides(config):
    """By how much the images of each stage may be smaller.

    A stage that looks at patches of full density besides needs all of them.
    """
    stages = config.resolved().stages
    return [s.stride if not s.dense_weight else 1 for s in stages]


def first_batches(config):
    """The number of each stage's first batch, as `StageCallback` changes."""
    images = config.batch_size * config.steps_per_execution
    ends = [0.0]
    for stage in config.resolved().stages[:-1]:
        ends.append(ends[-1] + stage.kimg * 1000.0)
    return [
        math.ceil(round(end, 3) / images) * config.steps_per_execution for end in ends
    ]


def batches(config, source, open_batches, start_batch, parts):
    """Batches without end; those of coarse stages are of stored levels.

    A level's pixels are repeated to the full size. So what is cut out of them
    on a stage's grid, whose samples are means of as many pixels, is the level
    itself: one reduction of the original by the filter that prepared it, in
    place of a mean of a reduction. The order of the images, their mirrors
    and a position in the stream are those without levels.

    Args:
        config: Experiment.
        source: `sources.Source` of the full images.
        open_batches: Function of a config, a source and the number of a
            batch, to the batches from there on.
        start_batch: int. How many batches to pass over.
        parts: int. Elements of the data set that make one batch.

    Returns:
        `tf.data.Dataset`.
    """
    result = None
    begins = [*first_batches(config)[1:], None]
    data = dataclasses.replace(config.data, stored_levels=False)
    opened = {config.resolution: source}
    for stride, end in zip(strides(config), begins):
        if end is not None and end <= start_batch:
            continue
        side = config.resolution // stride
        if side not in opened:
            opened[side] = sources.open_source(data, side)
        level = dataclasses.replace(config, resolution=side, data=data)
        found = open_batches(level, opened[side], start_batch)
        found = found.map(_repeated(stride))
        if end is not None:
            found = found.take((end - start_batch) * parts)
            start_batch = end
        result = found if result is None else result.concatenate(found)
    return result


def _repeated(stride):
    def repeat(images, *told):
        for axis in (1, 2):
            images = tf.repeat(images, stride, axis)
        return (images, *told) if told else images

    return repeat
