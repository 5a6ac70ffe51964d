"""Smaller images as the real images of coarse stages."""

import dataclasses
import math

from inr_keras.data import prepared_folder
from inr_keras.data import sources

_PLACES = 4  # Places to begin at, from a sample to the next on an axis.


def check(config):
    """Raises `ValueError` where the source lacks images of the size of a stage."""
    if not config.data.stored_levels:
        return
    if config.data.source == "openmoji":
        return  # It is rasterized at any size.
    received = f"Received: {config.data.source!r}"
    needed = sorted(set(sides(config)) - {config.resolution})
    if not prepared_folder.is_prepared(config.data.source):
        raise ValueError(
            "config.data.source must be openmoji or a folder of apps.prepare_data "
            f"where data.stored_levels is set. {received}"
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


def stride(stage, crops):
    """Factor by which the images of a stage may be smaller.

    It is the stride of the stage's grid, whose samples then are pixels of the smaller
    images. Crops that begin on any pixel leave `_PLACES` pixels a sample, so that there
    are places between the samples to begin at. A stage that also looks at patches of
    full density needs full images.

    Args:
        stage: Stage.
        crops: Crops.

    Returns:
        int.

    Example:
        >>> stride(Stage(stride=16), Crops()), stride(Stage(16), Crops(starts="pixel"))
        (16, 4)
    """
    if stage.dense_weight or stage.random_stride:
        return 1
    if crops.starts != "pixel":
        return stage.stride
    return 1 if stage.stride % _PLACES else stage.stride // _PLACES


def strides(config):
    """Factors by which the images of each stage are smaller, see `stride`."""
    stages = config.resolved().stages
    if not config.data.stored_levels:
        return [1] * len(stages)
    return [stride(stage, config.crops) for stage in stages]


def sides(config):
    """Sides of the images of each stage."""
    return [config.resolution // factor for factor in strides(config)]


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
    """Returns endless batches, with smaller images in coarse stages.

    See `sides` for their sizes. Positions in the stream and the choice of mirrored
    images are the same as without levels. So is the order of the images, unless some
    levels are kept in memory and others are streamed in a different order
    (`Source.streams_as_kept`).

    Args:
        config: Experiment.
        source: `Source` of the full images.
        open_batches: Function of a config, a source and the number of a batch that
            returns the batches from there on.
        start_batch: int. Number of batches to pass over.
        parts: int. Elements of the dataset that make one batch.

    Returns:
        `tf.data.Dataset`.
    """
    result = None
    ends = [*first_batches(config)[1:], None]
    data = dataclasses.replace(config.data, stored_levels=False)
    opened = {config.resolution: source}
    for side, end in zip(sides(config), ends):
        if end is not None and end <= start_batch:
            continue
        if side not in opened:
            opened[side] = sources.open_source(data, side)
        level = dataclasses.replace(config, resolution=side, data=data)
        stage_batches = open_batches(level, opened[side], start_batch)
        if end is not None:
            stage_batches = stage_batches.take((end - start_batch) * parts)
            start_batch = end
        result = stage_batches if result is None else result.concatenate(stage_batches)
    return result
