"""Checks of all runs of a suite before the first one starts."""

import pathlib

from inr_keras import runs
from inr_keras.data import sources
from inr_keras.evaluation import extractors
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.naming import renaming
from inr_keras.studies import quality
from inr_keras.studies import scoring
from inr_keras.training import networks
from inr_keras.training import trainer


def check(configs, workdir, features, samples, is_thorough=False):
    """Refuses runs that cannot be trained or judged; checks them in this process.

    Args:
        configs: dict of Experiment by the name of the run's folder.
        workdir: str. Folder of these folders.
        features: str. Path or name of a feature extractor.
        samples: int. Number of images of each generator to score.
        is_thorough: bool. Whether `quality.Protocol` scores them, too. Defaults to
            `False`.

    Raises:
        ValueError: The extractor cannot be opened, a run's settings or images are
            unfit, or there are too few images. The message names the run.
    """
    with renaming({"name": "features"}):
        extractor = extractors.open_extractor(features)
    counts = {}
    for name, config in configs.items():
        folder = pathlib.Path(workdir, name, "run")
        try:
            _check_run(config, folder, extractor, samples, is_thorough, counts)
        except ValueError as error:
            raise ValueError(f"run {name}: {error}") from error


def _check_run(config, folder, extractor, samples, is_thorough, counts):
    config = trainer.check(config, folder)
    generator = networks.build_generator(config)
    names = {"generator": "config.generator", "extractor": "features"}
    with renaming(names):
        channels = quality.CHANNELS if is_thorough else (1, 3, 4)
        runs.check_images(generator, channels)
        data = repr(config.data), config.resolution
        if data not in counts:
            counts[data] = sources.open_source(config.data, config.resolution).count
        settings = metrics_lib.Settings(
            scoring.TABLE_METRICS,
            patch_size=0,
            kernel_block=scoring.TABLE_KERNEL_BLOCK,
        )
        metrics_lib.check(settings, config.resolution, extractor)
        metrics_lib.check_counts(settings, samples, counts[data])
        if is_thorough:
            quality.check(generator, extractor, counts[data])
