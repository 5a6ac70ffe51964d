"""Opening of TFDS builders: prepared, quiet, and with errors of one line."""

import contextlib
import io
import logging as standard_logging
import sys

import numpy as np
from absl import logging

from inr_keras import extras
from inr_keras import paths
from inr_keras.data.openmoji import openmoji_dataset_builder
from inr_keras.naming import first_line

tfds = extras.load("tensorflow_datasets", "prepare")
downloader = extras.load("tensorflow_datasets.core.download.downloader", "prepare")

_CHATTY = ("tensorflow_datasets", "urllib3")
_URLLIB3 = "urllib3.connectionpool"
_MAX_RETRIES = 4  # Retries of a download: about six seconds.


def open_openmoji(resolution: int, groups=(), cache_dir: str = ""):
    """Opens the builder of OpenMoji at one size, rasterized at its first use.

    If the default cache cannot be written, images are rasterized for this process only.
    """
    config = openmoji_dataset_builder.OpenMojiConfig(
        resolution=resolution, groups=tuple(groups)
    )
    known = openmoji_dataset_builder.Builder.builder_configs

    def prepared(folder):
        with quiet():
            builder = openmoji_dataset_builder.Builder(
                data_dir=folder,
                config=config.name if config.name in known else config,
            )
            _prepare(builder)
        return builder

    folder = paths.cache_folder(cache_dir)
    try:
        return prepared(folder)
    except OSError as error:
        if not cache_dir:
            return prepared(paths.without_cache(error))
        raise ValueError(
            "config.data.cache_dir must be a folder that can be written "
            f"({_one_line(error)}). Received: '{folder}'"
        ) from error


def find_tfds(name: str):
    """Finds a TFDS builder by its name; it may be unprepared."""
    received = f"Received: 'tfds:{name}'"
    try:
        with quiet():
            return tfds.builder(name)
    except Exception as error:  # TFDS raises many kinds.
        raise ValueError(
            "config.data.source must name a TFDS dataset "
            f"({_one_line(error)}). {received}"
        ) from error


def open_tfds(name: str):
    """Opens a TFDS builder by its name; downloads and prepares it where needed."""
    received = f"Received: 'tfds:{name}'"
    builder = find_tfds(name)
    if image_feature(builder) is None:
        raise ValueError(
            "config.data.source must name a TFDS dataset with an 8 or 16 bit "
            f"image feature, not just {', '.join(builder.info.features)}. "
            f"{received}"
        )
    try:
        with quiet():
            if not builder.is_prepared():
                logging.info("Preparing tfds:%s in %s", name, builder.data_dir)
            _prepare(builder)
    except Exception as error:  # No network, no disk, a manual download.
        raise ValueError(
            "config.data.source must name a TFDS dataset that is prepared or "
            f"can be downloaded ({_one_line(error)}). {received}"
        ) from error
    return builder


def image_feature(builder) -> str | None:
    """Name of the feature "image", or of the first image; `None` without any."""
    names = [
        name
        for name, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.Image)
        and np.dtype(feature.np_dtype).name in ("uint8", "uint16")
    ]
    return "image" if "image" in names else next(iter(names), None)


def label_feature(builder) -> str | None:
    """Name of the feature "label", or of the first label; `None` without any."""
    names = [
        name
        for name, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.ClassLabel)
    ]
    return "label" if "label" in names else next(iter(names), None)


def label_names(builder, source: str) -> tuple[str, ...]:
    """Names of a builder's classes; `source` is its name in the settings."""
    name = label_feature(builder)
    if name is None:
        raise ValueError(
            "config.data.source must be a dataset with a class label where "
            "config.data.labels is set, not just "
            f"{', '.join(builder.info.features)}. Received: {source!r}"
        )
    return tuple(builder.info.features[name].names)


def license_terms(builder) -> str:
    """Licence that a dataset states, `""` where it states none."""
    return builder.info.redistribution_info.license


def count_examples(builder, split: str) -> int:
    """Number of examples of a split.

    Raises:
        ValueError: There is no such split, or it is empty.
    """
    try:
        count = builder.info.splits[split].num_examples
    except Exception as error:  # KeyError or ValueError, by the mistake.
        raise ValueError(
            "config.data.split must be a split of "
            f"{', '.join(builder.info.splits)}. Received: {split!r}"
        ) from error
    if not count:
        raise ValueError(
            f"config.data.split must hold at least one image. Received: {split!r}"
        )
    return count


def encoded_images(
    builder, split: str, labelled: bool = False, name: str | None = None
):
    """Returns the images of a split as they are stored, in a fixed order.

    With `labelled`, they come in pairs with their labels. `name` is the feature of the
    images. Defaults to `None`: the first image feature.
    """
    name = name or image_feature(builder)
    label = label_feature(builder) if labelled else None
    wanted = {name: True, **({label: True} if label else {})}
    with quiet():
        dataset = builder.as_dataset(
            split=split,
            decoders=tfds.decode.PartialDecoding(
                wanted, decoders={name: tfds.decode.SkipDecoding()}
            ),
            read_config=tfds.ReadConfig(
                interleave_cycle_length=1,
                try_autocache=False,
            ),
        )
    if label:
        return dataset.map(lambda example: (example[name], example[label]))
    return dataset.map(lambda example: example[name])


def encoded_examples(builder, split: str, name: str):
    """Returns a split as a sequence of dicts; the image `name` stays encoded."""
    with quiet():
        return builder.as_data_source(
            split=split, decoders={name: tfds.decode.SkipDecoding()}
        )


def _prepare(builder):
    if builder.is_prepared():
        return
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    # TFDS's own ten retries wait for minutes where there is no network.
    downloader.MAX_RETRIES = min(downloader.MAX_RETRIES, _MAX_RETRIES)
    try:
        builder.download_and_prepare()
    except OSError:
        if not builder.is_prepared():  # Otherwise another process was faster.
            raise


@contextlib.contextmanager
def quiet():
    """Silences TFDS in the context.

    TFDS prints each step, and logs it once more.
    """

    def keep(record):
        return not any(name in record.pathname for name in _CHATTY)

    loggers = logging.get_absl_logger(), standard_logging.getLogger(_URLLIB3)
    for logger in loggers:
        logger.addFilter(keep)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(keep)


def _one_line(error) -> str:
    line = first_line(error)
    return line if len(line) <= 160 else line[:157] + "..."
