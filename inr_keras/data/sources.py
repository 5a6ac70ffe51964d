"""Where pictures come from: OpenMoji, a TFDS data set or a folder."""

import functools
import io
import math
import pathlib
import threading

import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras import config as config_lib
from inr_keras.data import classes as class_lib
from inr_keras.data import image_folder
from inr_keras.data import motion
from inr_keras.data import prepared

_NAMED_SKIPS = 20


class Source:
    """Pictures of one kind, square and of one size.

    Args:
        name: str. What the pictures are, for logs and reports.
        count: int. How many pictures there are, unreadable ones included.
        resolution: int. Height and width of the decoded pictures.
        attribution: str. What their licence asks to be said. Defaults to `""`.
        classes: Sequence of str. Names of the classes whose labels come with
            the pictures, in pairs. Defaults to `()`: pictures alone.
        channels: int. 1, 3 or 4; see `image_folder.decode_picture`. Defaults
            to `3`.
        frames: int. Of the video that each picture becomes, side by side as
            channels; see `motion.frames`. Defaults to `0`: none.
        moved: str. How it moves. Defaults to `"spin"`.

    Attributes:
        skipped: dict. Why a picture was left out, by its name; it fills while
            pictures are decoded.
    """

    def __init__(
        self,
        name,
        count,
        resolution,
        attribution="",
        classes=(),
        channels=3,
        frames=0,
        moved="spin",
    ):
        self.name = name
        self.count = count
        self.resolution = resolution
        self.attribution = attribution
        self.classes = tuple(classes)
        self.channels = channels
        self.frames = frames
        self.moved = moved
        self.skipped = {}
        self._tried = set()
        self._reported = False
        self._lock = threading.Lock()

    def dataset(self, seed: int | None = None) -> tf.data.Dataset:
        """Each readable picture once, in an order that `seed` decides.

        Without a seed they come in the order of the source. Where there are
        classes, each comes with its label, in all that this returns.
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

    @property
    def shape(self):
        """Of a picture: rows, columns, channels of all frames."""
        size = self.resolution
        return size, size, self.channels * max(self.frames, 1)

    @property
    def bytes(self):
        """Of all pictures, decoded."""
        return self.count * math.prod(self.shape)

    @property
    def pictures(self):
        """All readable pictures in memory, uint8 `(count, *shape)`."""
        return self._in_memory[0]

    @property
    def labels(self):
        """Their labels, int32 `(count,)`; -1 where there are no classes."""
        return self._in_memory[1]

    @functools.cached_property
    def _in_memory(self):
        pictures = np.empty((self.count, *self.shape), "uint8")
        labels = np.full(self.count, -1, "int32")
        readable = 0
        for item in self.dataset().as_numpy_iterator():
            if self.classes:
                pictures[readable], labels[readable] = item
            else:
                pictures[readable] = item
            readable += 1
        return pictures[:readable], labels[:readable]

    def _records(self, seed, epoch):
        """One epoch of undecoded records, a number first in each."""
        raise NotImplementedError

    def _open(self, number, *contents):
        """The name and the file of a record."""
        raise NotImplementedError

    def _label(self, number, *contents):
        """The label of a record, -1 where it is of no class."""
        raise NotImplementedError

    def _read(self, number, *contents):
        """Picture and label of a record, or None where it cannot be read."""
        number = int(number)
        name, file = self._open(number, *contents)
        picture = None
        label = self._label(number, *contents) if self.classes else -1
        if self.classes and label < 0:
            self.skipped[name] = "of no class"
        if name not in self.skipped:
            try:
                picture = image_folder.decode_picture(
                    file, self.resolution, self.channels
                )
                if self.frames:
                    picture = motion.frames(picture, self.moved, self.frames)
            except image_folder.UnreadablePictureError as error:
                self.skipped[name] = str(error)
        with self._lock:
            self._tried.add(number)
            complete = len(self._tried) == self.count
            report = complete and bool(self.skipped) and not self._reported
            self._reported |= report
        if report:
            logging.warning("%s", self.skip_report())
        return None if picture is None else (picture, label)

    def _read_for_stream(self, number, *contents):
        return self._read(number, *contents)

    def _decode(self, records, read):
        shape = self.shape

        def read_or_blank(*record):
            found = read(*record)
            if found is None:
                return np.zeros(shape, "uint8"), np.int32(-1), False
            return found[0], np.int32(found[1]), True

        def load(*record):
            types = (tf.uint8, tf.int32, tf.bool)
            return tf.numpy_function(read_or_blank, record, types)

        def item(picture, label, _):
            picture = tf.ensure_shape(picture, shape)
            if not self.classes:
                return picture
            return picture, tf.ensure_shape(label, ())

        pictures = records.map(load, num_parallel_calls=tf.data.AUTOTUNE)
        pictures = pictures.filter(lambda picture, label, readable: readable)
        return pictures.map(item)

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


class NumberedSource(Source):
    """Pictures that can be read in any order."""

    def _records(self, seed, epoch):
        numbers = tf.range(self.count, dtype=tf.int64)
        if seed is not None:
            numbers = shuffled(numbers, seed, epoch)
        return tf.data.Dataset.from_tensor_slices(numbers)

    def _read_for_stream(self, number):
        # The next readable picture stands in for an unreadable one. So every
        # record gives a picture, and a position in the stream is the number
        # of pictures before it, whatever has been decoded.
        for offset in range(self.count):
            found = self._read((number + offset) % self.count)
            if found is not None:
                return found
        return None


class FolderSource(NumberedSource):
    """The pictures below a folder.

    Args:
        folder: path.
        resolution: int. Height and width of the decoded pictures.
        classes: Sequence of str. Names of the sub-folders that are classes.
            Defaults to `()`.
        **kwargs: As `Source` takes them.
    """

    def __init__(self, folder, resolution, classes=(), **kwargs):
        self.folder = pathlib.Path(folder).expanduser()
        self._paths = image_folder.picture_paths(folder)
        super().__init__(
            str(self.folder),
            len(self._paths),
            resolution,
            classes=classes,
            **kwargs,
        )
        if classes:
            names = class_lib.folder_classes(self.folder, self._paths)
            self._labels = [self.classes.index(name) for name in names]

    def _open(self, number):
        path = self._paths[number]
        return path.relative_to(self.folder).as_posix(), path

    def _label(self, number):
        return self._labels[number]


class TFDSSource(Source):
    """A split of a TFDS data set.

    Args:
        builder: `tfds.core.DatasetBuilder` that is prepared.
        split: str. For example "train" or "train[:80%]".
        resolution: int. Height and width of the decoded pictures.
        shuffle_buffer: int. How many encoded pictures to shuffle among.
        attribution: str. What the licence asks to be said.
        classes: Sequence of str. Names of the labels to take. Defaults to
            `()`: pictures without labels.
        feature: str. Which of the pictures to take. Defaults to the first.
        **kwargs: As `Source` takes them.
    """

    def __init__(
        self,
        builder,
        split,
        resolution,
        shuffle_buffer,
        attribution,
        classes=(),
        feature=None,
        **kwargs,
    ):
        from inr_keras.data import tfds_builders

        count = tfds_builders.count_examples(builder, split)
        name = f"{builder.info.full_name}:{split}"
        super().__init__(
            name, count, resolution, attribution, classes, **kwargs
        )
        self._buffer = min(count, shuffle_buffer)
        self._encoded = tfds_builders.encoded_pictures(
            builder, split, labelled=bool(classes), name=feature
        )
        if classes:
            names = tfds_builders.label_names(builder, name)
            places = {name: place for place, name in enumerate(classes)}
            self._label_of = [places.get(name, -1) for name in names]

    def _records(self, seed, epoch):
        records = self._encoded.enumerate()
        if self.classes:
            records = records.map(lambda number, pair: (number, *pair))
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

    def _open(self, number, contents, label=-1):
        return f"{self.name}[{number}]", io.BytesIO(contents)

    def _label(self, number, contents, label):
        return self._label_of[label] if label >= 0 else -1


def open_source(data: config_lib.Data, resolution: int) -> Source:
    """Opens `data.source` with pictures of `resolution` pixels a side.

    Raises:
        ValueError: where it cannot be opened or holds no readable picture.
    """
    classes = ()
    if data.labels:
        classes = class_lib.class_names(data)
    form = {
        "classes": classes,
        "channels": data.channels,
        "frames": data.frames,
        "moved": data.motion,
    }
    if data.source == "openmoji":
        source = _open_openmoji(data, resolution, form)
    elif data.source.startswith(class_lib.TFDS_PREFIX):
        source = _open_tfds(data, resolution, form)
    elif prepared.is_prepared(data.source):
        from inr_keras.data import record_source

        source = record_source.open_prepared(data, resolution, form)
    else:
        source = FolderSource(data.source, resolution, **form)
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


def _open_openmoji(data, resolution, form):
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
        **form,
    )


def _open_tfds(data, resolution, form):
    from inr_keras.data import tfds_builders

    builder = tfds_builders.open_tfds(data.source[len(class_lib.TFDS_PREFIX) :])
    info = builder.info
    terms = tfds_builders.license_terms(builder) or "see there"
    return TFDSSource(
        builder,
        data.split,
        resolution,
        data.shuffle_buffer,
        f"{info.full_name} of TFDS, {info.homepage}. Licence: {terms}",
        **form,
    )
