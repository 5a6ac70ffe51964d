"""Smaller images of a prepared folder as the real images of coarse stages."""

import dataclasses
import math

import tensorflow as tf

from inr_keras.data import prepared_folder
from inr_keras.data import sources


def check(config):
    """Raises `ValueError` where the source lacks images of the size of a stage."""
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
            f"set (levels of apps.prepare_data). {received}, which has "
            f"{', '.join(map(str, sorted(stored)))}"
        )


def strides(config):
    """Factors by which the images of each stage may be smaller.

    A stage that also looks at patches of full density needs full images.
    """
    stages = config.resolved().stages
    return [s.stride if not s.dense_weight else 1 for s in stages]


def first_batches(config):
    """Numbers of each stage's first batch, as `StageCallback` counts them."""
    images = config.batch_size * config.steps_per_execution
    ends = [0.0]
    for stage in config.resolved().stages[:-1]:
        ends.append(ends[-1] + stage.kimg * 1000.0)
    return [
        math.ceil(round(end, 3) / images) * config.steps_per_execution for end in ends
    ]


def batches(config, source, open_batches, start_batch, parts):
    """Returns endless batches, with stored smaller images for coarse stages.

    The pixels of a smaller image are repeated to the full size. A patch of it on the
    grid of its stage, whose samples are means of as many pixels, then is the smaller
    image itself: one reduction of the original by the filter that prepared it, in place
    of a mean of a reduction. The order of the images, their mirrors and a position in
    the stream are the same as without levels.

    Args:
        config: Experiment.
        source: `Source` of the full images.
        open_batches: Function of a config, a source and the number of a batch that
            returns the batches from there on.
        start_batch: int. Number of batches to pass over.
        parts: int. Elements of the data set that make one batch.

    Returns:
        `tf.data.Dataset`.
    """
    result = None
    ends = [*first_batches(config)[1:], None]
    data = dataclasses.replace(config.data, stored_levels=False)
    opened = {config.resolution: source}
    for stride, end in zip(strides(config), ends):
        if end is not None and end <= start_batch:
            continue
        side = config.resolution // stride
        if side not in opened:
            opened[side] = sources.open_source(data, side)
        level = dataclasses.replace(config, resolution=side, data=data)
        stage_batches = open_batches(level, opened[side], start_batch)
        stage_batches = stage_batches.map(_repeated(stride))
        if end is not None:
            stage_batches = stage_batches.take((end - start_batch) * parts)
            start_batch = end
        result = stage_batches if result is None else result.concatenate(stage_batches)
    return result


def _repeated(stride):
    def repeat(images, *extras):
        for axis in (1, 2):
            images = tf.repeat(images, stride, axis)
        return (images, *extras) if extras else images

    return repeat
