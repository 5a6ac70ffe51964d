"""Where pictures come from: OpenMoji, a TFDS data set or a folder."""

import functools
import io
import os
import pathlib
import threading

import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras import config as config_lib
from inr_keras.data import image_folder

_TFDS_PREFIX = "tfds:"
_NAMED_SKIPS = 20


class Source:
    """Pictures of one kind, square and of one size.

    Args:
        name: str. What the pictures are, for logs and reports.
        count: int. How many pictures there are, unreadable ones included.
        resolution: int. Height and width of the decoded pictures.
        attribution: str. What their licence asks to be said. Defaults to `""`.

    Attributes:
        skipped: dict. Why a picture was left out, by its name; it fills while
            pictures are decoded.
    """

    def __init__(self, name, count, resolution, attribution=""):
        self.name = name
        self.count = count
        self.resolution = resolution
        self.attribution = attribution
        self.skipped = {}
        self._tried = set()
        self._reported = False
        self._lock = threading.Lock()

    def dataset(self, seed: int | None = None) -> tf.data.Dataset:
        """Each readable picture once, in an order that `seed` decides.

        Without a seed they come in the order of the source.
        """
        return self._decode(self._records(seed, 0), self._read)

    def stream(
        self,
        seed: int,
        start: int = 0,
        batch_size: int = 1,
        rows: range = range(1),
    ) -> tf.data.Dataset:
        """Pictures without end, in a new order each epoch, from `start` on.

        What lies before `start` is passed over without being decoded, so it
        counts as readable. Of each `batch_size` pictures, `rows` alone come.
        """
        epochs = tf.data.Dataset.counter(start // self.count)
        records = epochs.flat_map(lambda epoch: self._records(seed, epoch))
        records = records.skip(start % self.count)
        if len(rows) < batch_size:
            records = records.enumerate()
            records = records.filter(
                lambda place, _: (
                    (place % batch_size >= rows.start)
                    & (place % batch_size < rows.stop)
                )
            )
            records = records.map(lambda _, record: record)
        return self._decode(records, self._read_for_stream)

    @functools.cached_property
    def pictures(self):
        """All readable pictures in memory, uint8 `(count, R, R, 3)`."""
        size = self.resolution
        pictures = np.empty((self.count, size, size, 3), "uint8")
        readable = 0
        for picture in self.dataset().as_numpy_iterator():
            pictures[readable] = picture
            readable += 1
        return pictures[:readable]

    def _records(self, seed, epoch):
        """One epoch of undecoded records, a number first in each."""
        raise NotImplementedError

    def _open(self, number, *contents):
        """The name and the file of a record."""
        raise NotImplementedError

    def _read(self, number, *contents):
        """The picture of a record, or None where it cannot be read."""
        number = int(number)
        name, file = self._open(number, *contents)
        picture = None
        if name not in self.skipped:
            try:
                picture = image_folder.decode_picture(file, self.resolution)
            except image_folder.UnreadablePictureError as error:
                self.skipped[name] = str(error)
        with self._lock:
            self._tried.add(number)
            complete = len(self._tried) == self.count
            report = complete and bool(self.skipped) and not self._reported
            self._reported |= report
        if report:
            logging.warning("%s", self.skip_report())
        return picture

    def _read_for_stream(self, number, *contents):
        return self._read(number, *contents)

    def _decode(self, records, read):
        shape = (self.resolution, self.resolution, 3)

        def read_or_blank(*record):
            picture = read(*record)
            if picture is None:
                return np.zeros(shape, "uint8"), False
            return picture, True

        def load(*record):
            return tf.numpy_function(read_or_blank, record, (tf.uint8, tf.bool))

        pictures = records.map(load, num_parallel_calls=tf.data.AUTOTUNE)
        pictures = pictures.filter(lambda picture, readable: readable)
        return pictures.map(lambda picture, _: tf.ensure_shape(picture, shape))

    def skip_report(self) -> str:
        """What has been left out so far, on one line."""
        skipped = sorted(self.skipped.items())
        names = [f"{name} ({why})" for name, why in skipped[:_NAMED_SKIPS]]
        text = (
            f"Skipped {len(skipped)} of {self.count} pictures: "
            f"{', '.join(names)}"
        )
        more = len(skipped) - len(names)
        return f"{text} ... and {more} more" if more else text


class FolderSource(Source):
    """The pictures below a folder.

    Args:
        folder: path.
        resolution: int. Height and width of the decoded pictures.
    """

    def __init__(self, folder, resolution):
        self.folder = pathlib.Path(folder).expanduser()
        self._paths = _picture_paths(self.folder, folder)
        super().__init__(str(self.folder), len(self._paths), resolution)

    def _records(self, seed, epoch):
        numbers = tf.range(self.count, dtype=tf.int64)
        if seed is not None:
            numbers = shuffled(numbers, seed, epoch)
        return tf.data.Dataset.from_tensor_slices(numbers)

    def _open(self, number):
        path = self._paths[number]
        return path.relative_to(self.folder).as_posix(), path

    def _read_for_stream(self, number):
        # The next readable picture stands in for an unreadable one. So every
        # record gives a picture, and a position in the stream is the number
        # of pictures before it, whatever has been decoded.
        for offset in range(self.count):
            picture = self._read((number + offset) % self.count)
            if picture is not None:
                return picture
        return None


class TFDSSource(Source):
    """A split of a TFDS data set.

    Args:
        builder: `tfds.core.DatasetBuilder` that is prepared.
        split: str. For example "train" or "train[:80%]".
        resolution: int. Height and width of the decoded pictures.
        shuffle_buffer: int. How many encoded pictures to shuffle among.
        attribution: str. What the licence asks to be said.
    """

    def __init__(self, builder, split, resolution, shuffle_buffer, attribution):
        from inr_keras.data import tfds_builders

        count = tfds_builders.count_examples(builder, split)
        name = f"{builder.info.full_name}:{split}"
        super().__init__(name, count, resolution, attribution)
        self._buffer = min(count, shuffle_buffer)
        self._encoded = tfds_builders.encoded_pictures(builder, split)

    def _records(self, seed, epoch):
        records = self._encoded.enumerate()
        if seed is None:
            return records
        buffer_seed = tf.random.stateless_uniform(
            (), (seed, epoch), None, None, tf.int64, alg="philox"
        )
        if not tf.executing_eagerly():
            # `shuffle` compares a pair of seeds with (0, 0) in Python, which
            # fails for a symbolic one where the global seed is 0. Inside a
            # function this sets the function's own seed.
            tf.random.set_seed(1)
        return records.shuffle(self._buffer, seed=buffer_seed)

    def _open(self, number, contents):
        return f"{self.name}[{number}]", io.BytesIO(contents)


def open_source(data: config_lib.Data, resolution: int) -> Source:
    """Opens `data.source` with pictures of `resolution` pixels a side.

    Raises:
        ValueError: where it cannot be opened or holds no readable picture.
    """
    if data.source == "openmoji":
        source = _open_openmoji(data, resolution)
    elif data.source.startswith(_TFDS_PREFIX):
        source = _open_tfds(data, resolution)
    else:
        source = FolderSource(data.source, resolution)
    for _ in source.dataset().take(1):
        return source
    raise ValueError(
        "config.data.source must hold at least one readable picture. "
        f"{source.skip_report()}. Received: {data.source!r}"
    )


def shuffled(values, seed, epoch):
    """A tensor's items in the order of one epoch of one seed."""
    return tf.random.experimental.stateless_shuffle(
        values, (seed, epoch), alg="philox"
    )


def _open_openmoji(data, resolution):
    # TFDS takes its time to import, and a folder does not need it.
    from inr_keras.data import tfds_builders
    from inr_keras.data.openmoji import openmoji_dataset_builder

    builder = tfds_builders.open_openmoji(
        resolution, data.groups, data.cache_dir
    )
    return TFDSSource(
        builder,
        "train",
        resolution,
        data.shuffle_buffer,
        openmoji_dataset_builder.ATTRIBUTION,
    )


def _open_tfds(data, resolution):
    from inr_keras.data import tfds_builders

    builder = tfds_builders.open_tfds(data.source[len(_TFDS_PREFIX) :])
    info = builder.info
    terms = getattr(info, "license", None) or "see there"
    return TFDSSource(
        builder,
        data.split,
        resolution,
        data.shuffle_buffer,
        f"{info.full_name} of TFDS, {info.homepage}. Licence: {terms}",
    )


def _picture_paths(folder, received):
    rule = None
    if not received or not folder.exists():
        rule = "openmoji, tfds:NAME or an existing folder"
    elif not folder.is_dir():
        rule = "a folder, not a file"
    elif not os.access(folder, os.R_OK | os.X_OK):
        rule = "a folder that can be read"
    paths = [] if rule else image_folder.find_pictures(folder)
    if not paths:
        suffixes = ", ".join(sorted(image_folder.SUFFIXES))
        rule = rule or f"a folder with at least one picture ({suffixes})"
        raise ValueError(
            f"config.data.source must be {rule}. Received: {str(received)!r}"
        )
    return paths
