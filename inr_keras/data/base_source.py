"""Base classes of image sources: decoded images as `tf.data`, bad ones left out."""

import functools
import hashlib
import json
import math
import pathlib
import threading

import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras.data import complaints
from inr_keras.data import image_files
from inr_keras.data import image_folder
from inr_keras.data import motion as motion_lib

_NAMED_SKIPS = 20
_SAMPLED = 64  # Approximate number of images whose content is part of a fingerprint.


class Source:
    """Base class of sources of images, square and of one size.

    Args:
        name: str. Name of the images, for logs and reports.
        count: int. Number of images, unreadable ones included.
        resolution: int. Height and width of the decoded images.
        attribution: str. Credits that their licence asks for. Defaults to `""`.
        classes: Sequence of str. Names of the classes whose labels come with the
            images, in pairs. Defaults to `()`: images alone.
        channels: int. 1, 3 or 4; see `image_folder.decode_image`. Defaults to `3`.
        video_length: int. Number of the images of the video that each image becomes,
            side by side as channels; see `motion.video`. Defaults to `0`: no video.
        motion: str. Motion of the video. Defaults to `"spin"`.
        keeps_aspect: bool. Images of any shape lie in a white square, together with
            their extents; see `aspects`. Defaults to `False`: their central square
            alone.
        trim: bool. Borders of one colour are cut off first. Defaults to `False`.
        label_of: dict from names of images to labels, in place of the source's own
            labels. The source has no other images. Defaults to `None`.

    Attributes:
        dtype: str. Type of the images' numbers.
        filter: str. How images got their size, for passports of scores.
        skipped: dict from the name of an image to the reason why it was left out.
            Filled while images are decoded.
        doubtful: dict from the name of an image to a complaint that it may be wrong,
            see `complaints.DOUBTFUL`. Filled while images are decoded.

    Example:
        >>> white = np.full((16, 16, 3), 255, "uint8")
        >>> save_image(folder / "white.png", white)
        >>> source = open_source(Data(source=str(folder)), resolution=16)
        >>> source.count, source.resolution
        (1, 16)
    """

    def __init__(
        self,
        name,
        count,
        resolution,
        attribution="",
        classes=(),
        channels=3,
        video_length=0,
        motion="spin",
        keeps_aspect=False,
        trim=False,
        label_of=None,
    ):
        self.name = name
        self.count = count
        self.resolution = resolution
        self.attribution = attribution
        self.classes = tuple(classes)
        self.channels = channels
        self.video_length = video_length
        self.motion = motion
        self.keeps_aspect = keeps_aspect
        self.trim = trim
        self.label_of = label_of
        self.dtype = "uint8"
        self.filter = image_folder.WHOLE_FILTER if keeps_aspect else image_folder.FILTER
        self.skipped = {}
        self.doubtful = {}
        self._tried = set()
        self._reported = False
        self._lock = threading.Lock()

    def dataset(self, seed: int | None = None) -> tf.data.Dataset:
        """Returns each readable image once, in an order that `seed` decides.

        Without a seed they come in the order of the source. Where there are classes or
        shapes, the elements are tuples, see `item`.
        """
        return self._decode(self._records(seed, 0), self._read)

    def stream(
        self,
        seed: int,
        start: int = 0,
        batch_size: int = 1,
        positions: range = range(1),
    ) -> tf.data.Dataset:
        """Returns endless images from number `start` on, in a new order each epoch.

        Images before `start` are passed over without being decoded, so they count as
        readable. Of each batch of `batch_size` images, only those at `positions` come.
        """
        epochs = tf.data.Dataset.counter(start // self.count)
        records = epochs.flat_map(lambda epoch: self._epoch(seed, epoch))
        records = records.skip(start % self.count)
        if len(positions) < batch_size:
            records = records.enumerate()
            records = records.filter(
                lambda number, _: (
                    (number % batch_size >= positions.start)
                    & (number % batch_size < positions.stop)
                )
            )
            records = records.map(lambda _, record: record)
        return self._decode(records, self._read_for_stream)

    def fingerprint(self) -> str:
        """Hash that identifies these images, wherever they lie.

        It is made of their number, all names and sizes of files, and the content of
        some, where the source has them.
        """
        text = json.dumps([self.count, *self._facts()])
        return hashlib.sha256(text.encode()).hexdigest()

    def item(self, image, label, extent):
        """Combines an image with its label and extent, where the source has them.

        Args:
            image: Image, or an array of all images.
            label: int32. Part of the item where there are classes.
            extent: int32 `(2,)`, rows and columns. Part of the item where images keep
                their aspect.
        """
        extras = [label] * bool(self.classes) + [extent] * self.keeps_aspect
        return (image, *extras) if extras else image

    @property
    def shape(self):
        """Shape of an item: rows, columns, and channels of all images of a video."""
        size = self.resolution
        return size, size, self.channels * max(self.video_length, 1)

    @property
    def streams_as_kept(self):
        """True if a stream has the same order as images that are kept in memory.

        Images in memory are numbered without undecodable images, so that a single
        undecodable image makes the two orders differ.
        """
        return True

    @property
    def bytes(self):
        """Memory in bytes that all images take when decoded."""
        return self.count * math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def images(self):
        """All readable images in memory, uint8 `(count, *shape)`."""
        return self._in_memory[0]

    @property
    def labels(self):
        """Labels of all readable images, int32 `(count,)`; -1 without classes."""
        return self._in_memory[1]

    @property
    def extents(self):
        """Rows and columns of all readable images, int32 `(count, 2)`."""
        return self._in_memory[2]

    @property
    def names(self):
        """Names of all readable images, of a folder or of OpenMoji."""
        self._in_memory  # Tries to decode all images.
        return [name for name in self._image_names() if name not in self.skipped]

    @functools.cached_property
    def _in_memory(self):
        images = np.empty((self.count, *self.shape), self.dtype)
        labels = np.full(self.count, -1, "int32")
        extents = np.full((self.count, 2), self.resolution, "int32")
        arrays = tf.nest.flatten(self.item(images, labels, extents))
        readable = 0
        for item in self.dataset().as_numpy_iterator():
            for array, value in zip(arrays, tf.nest.flatten(item)):
                array[readable] = value
            readable += 1
        return images[:readable], labels[:readable], extents[:readable]

    def _records(self, seed, epoch):
        """Returns one epoch of undecoded records, each beginning with a number."""
        raise NotImplementedError

    def _epoch(self, seed, epoch):
        """Returns the records of an epoch of a stream."""
        return self._records(seed, epoch)

    def _image_names(self):
        """Returns the names of all images, unreadable ones included."""
        raise NotImplementedError

    def _facts(self):
        """Returns facts that identify the images, for JSON."""
        return [self.name]

    def _open(self, number, *contents):
        """Returns the name and the file of a record."""
        raise NotImplementedError

    def _label(self, number, *contents):
        """Returns the label of a record, -1 if it has no class."""
        raise NotImplementedError

    def _read(self, number, *contents):
        """Decodes image, label and extent of a record; `None` where unreadable."""
        number = int(number)
        name, file = self._open(number, *contents)
        image = None
        label = -1
        if self.label_of is not None:
            label = self.label_of[name]
        elif self.classes:
            label = self._label(number, *contents)
        if self.classes and label < 0:
            self.skipped[name] = "of no class"
        if name not in self.skipped:
            try:
                if isinstance(file, pathlib.Path):
                    image_files.require_regular(file)
                note = functools.partial(self._note, name)
                if self.video_length:
                    image, extent = self._video(file, note), (self.resolution,) * 2
                else:
                    image, extent = self._image(file, note)
            except complaints.UnreadableImageError as error:
                self.skipped[name] = str(error)
        with self._lock:
            self._tried.add(number)
            complete = len(self._tried) == self.count
            report = complete and not self._reported
            self._reported |= report
        if report and self.skipped:
            logging.warning("%s", self.skip_report())
        if report and self.doubtful:
            logging.warning("Doubtful: %s", self._listed(self.doubtful))
        return None if image is None else (image, label, extent)

    def _note(self, name, kind, text):
        """Keeps a complaint about an image, and warns at once of the first."""
        if kind not in complaints.DOUBTFUL:
            return
        with self._lock:
            is_first = not self.doubtful
            self.doubtful[name] = f"{kind}: {text}"
        if is_first:
            logging.warning("%s (%s: %s)", name, kind, text)

    def _image(self, file, note):
        form = self.resolution, self.channels, self.trim, note
        if self.keeps_aspect:
            return image_folder.fit_image(file, *form)
        whole = self.resolution, self.resolution
        return image_folder.decode_image(file, *form), whole

    def _video(self, file, note):
        image, _ = self._image(file, note)
        return motion_lib.video(image, self.motion, self.video_length)

    def _read_for_stream(self, number, *contents):
        return self._read(number, *contents)

    def _decode(self, records, read):
        shape, dtype = self.shape, self.dtype

        def read_or_blank(*record):
            decoded = read(*record)
            if decoded is None:
                blank = np.zeros(shape, dtype)
                return blank, np.int32(-1), np.zeros(2, "int32"), False
            image, label, extent = decoded
            return image, np.int32(label), np.array(extent, "int32"), True

        def load(*record):
            types = (dtype, tf.int32, tf.int32, tf.bool)
            return tf.numpy_function(read_or_blank, record, types)

        def item(image, label, extent, _):
            return self.item(
                tf.ensure_shape(image, shape),
                tf.ensure_shape(label, ()),
                tf.ensure_shape(extent, (2,)),
            )

        images = records.map(load, num_parallel_calls=tf.data.AUTOTUNE)
        images = images.filter(lambda *record: record[-1])
        return images.map(item)

    def skip_report(self) -> str:
        """Describes on one line which images have been left out so far, and why."""
        return f"Skipped {self._listed(self.skipped)}"

    def _listed(self, reasons):
        names = [f"{name} ({why})" for name, why in sorted(reasons.items())]
        more = len(names) - _NAMED_SKIPS
        text = f"{len(names)} of {self.count} images: {', '.join(names[:_NAMED_SKIPS])}"
        return f"{text} ... and {more} more" if more > 0 else text


class NumberedSource(Source):
    """Base class of sources whose images can be read in any order."""

    def _facts(self):
        sample = range(0, self.count, max(self.count // _SAMPLED, 1))
        return [self._names(), *(content_sum(self._open(n)[1]) for n in sample)]

    def _image_names(self):
        return [self._open(number)[0] for number in range(self.count)]

    def _names(self):
        """Returns the name of each image, and the size of its file."""
        files = map(self._open, range(self.count))
        return [
            (name, _size(file) if isinstance(file, pathlib.Path) else 0)
            for name, file in files
        ]

    def _records(self, seed, epoch):
        numbers = tf.range(self.count, dtype=tf.int64)
        if seed is not None:
            numbers = shuffled(numbers, seed, epoch)
        return tf.data.Dataset.from_tensor_slices(numbers)

    def _read_for_stream(self, number):
        # The next readable image replaces an unreadable one. Every record thus gives
        # an image, and a position in the stream is the number of images before it,
        # whatever has been decoded.
        for offset in range(self.count):
            decoded = self._read((number + offset) % self.count)
            if decoded is not None:
                return decoded
        return None


def _size(path):
    try:
        return path.stat().st_size
    except OSError:  # A broken link.
        return 0


def content_sum(item) -> str:
    """Checksum of the content of a path or an open file, or of an item's name."""
    if isinstance(item, pathlib.Path):
        try:
            with image_files.open_regular(item) as file:
                content = file.read()
        except (complaints.UnreadableImageError, OSError) as error:
            content = str(error).encode()
    else:
        content = item.getvalue() if hasattr(item, "getvalue") else str(item).encode()
    return hashlib.sha256(content).hexdigest()


def shuffled(values, seed, epoch):
    """Shuffles the items of a tensor by a seed and the number of an epoch."""
    return tf.random.experimental.stateless_shuffle(values, (seed, epoch), alg="philox")
