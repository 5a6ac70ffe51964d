"""Image sources: folders, TFDS datasets, prepared folders and OpenMoji."""

import dataclasses
import io
import pathlib

import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras import extras
from inr_keras import paths
from inr_keras.data import class_file
from inr_keras.data import classes as class_lib
from inr_keras.data import film_folder
from inr_keras.data import image_folder
from inr_keras.data import prepared_folder
from inr_keras.data import signal_sources
from inr_keras.data.base_source import NumberedSource
from inr_keras.data.base_source import Source
from inr_keras.data.base_source import content_sum
from inr_keras.data.base_source import shuffled

_SAMPLED = 16  # First images of a stream whose content is part of a fingerprint.


class FolderSource(NumberedSource):
    """Source of the images below a folder.

    Args:
        folder: path.
        resolution: int. Height and width of the decoded images.
        classes: Sequence of str. Names of the sub-folders that are classes. Defaults to
            `()`.
        **kwargs: Further arguments of `Source`.
    """

    def __init__(self, folder, resolution, classes=(), **kwargs):
        self.folder = pathlib.Path(folder)
        self._paths = image_folder.image_paths(folder)
        label_of = kwargs.get("label_of")
        if label_of is not None:
            kept = _listed([self._name(path) for path in self._paths], label_of)
            self._paths = [path for path, keep in zip(self._paths, kept) if keep]
        super().__init__(
            str(self.folder),
            len(self._paths),
            resolution,
            classes=classes,
            **kwargs,
        )
        if classes and label_of is None:
            found = class_lib.folder_classes(self.folder, self._paths)
            indices = [self.classes.index(name) for name in found.names]
            self._labels = [indices[label] for label in found.labels]

    def _open(self, number):
        path = self._paths[number]
        return self._name(path), path

    def _name(self, path):
        return path.relative_to(self.folder).as_posix()

    def _label(self, number):
        return self._labels[number]


class TFDSSource(Source):
    """Source of the images of a split of a TFDS dataset.

    Args:
        builder: `tfds.core.DatasetBuilder` that is prepared.
        split: str. For example "train" or "train[:80%]".
        resolution: int. Height and width of the decoded images.
        shuffle_buffer: int. Number of encoded images to shuffle among. A stream whose
            buffer has room for all has the order of a `NumberedSource`.
        attribution: str. Credits that the licence asks for.
        classes: Sequence of str. Names of the labels to take. Defaults to `()`: images
            without labels.
        feature: str. Name of the feature with the images. Defaults to the first.
        names: Sequence of str. Names of the images. Defaults to `()`: their numbers.
        **kwargs: Further arguments of `Source`.
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
        names=(),
        **kwargs,
    ):
        from inr_keras.data import tfds_builders

        count = tfds_builders.count_examples(builder, split)
        name = f"{builder.info.full_name}:{split}"
        super().__init__(name, count, resolution, attribution, classes, **kwargs)
        if names and len(names) != count:
            raise ValueError(
                f"`names` must be those of all {count} images. Received: {len(names)}"
            )
        self._item_names = names
        self._kept = None
        if self.label_of is not None:
            self._kept = _listed(names, self.label_of)
            self.count = sum(self._kept)
        self._buffer = min(self.count, shuffle_buffer)
        self._encoded = tfds_builders.encoded_images(
            builder, split, labelled=bool(classes), name=feature
        )
        if classes:
            names = tfds_builders.label_names(builder, name)
            indices = {name: index for index, name in enumerate(classes)}
            self._label_of = [indices.get(name, -1) for name in names]

    def _records(self, seed, epoch):
        records = self._encoded.enumerate()
        if self._kept is not None:
            records = records.filter(lambda number, _: tf.gather(self._kept, number))
        if self.classes:
            records = records.map(lambda number, pair: (number, *pair))
        if seed is None:
            return records

        def shuffle(_):
            # Sets the seed of this function alone: the order must not depend
            # on the global one, which scores change between two passes.
            tf.random.set_seed(1)
            buffer_seed = tf.random.stateless_uniform(
                (), (seed, epoch), None, None, tf.int64, alg="philox"
            )
            return records.shuffle(self._buffer, seed=buffer_seed)

        return tf.data.Dataset.from_tensors(0).flat_map(shuffle)

    def _epoch(self, seed, epoch):
        if not self.streams_as_kept:
            return self._records(seed, epoch)
        # All of them are in memory at once, and can be read in any order.
        numbers = shuffled(tf.range(self.count, dtype=tf.int64), seed, epoch)
        whole = self._records(None, epoch).batch(self.count)
        return whole.flat_map(
            lambda *columns: tf.data.Dataset.from_tensor_slices(numbers).map(
                lambda number: tuple(column[number] for column in columns)
            )
        )

    @property
    def streams_as_kept(self):
        return self._buffer == self.count

    def _facts(self):
        records = self._records(None, 0).take(_SAMPLED).as_numpy_iterator()
        return [self.name, *(content_sum(self._open(*r)[1]) for r in records)]

    def _image_names(self):
        if not self._item_names:
            raise ValueError(f"The images of {self.name} have no names.")
        kept = self._kept or [True] * len(self._item_names)
        return [name for name, keep in zip(self._item_names, kept) if keep]

    def _open(self, number, contents, label=-1):
        named = self._item_names
        name = named[number] if named else f"{self.name}[{number}]"
        return name, io.BytesIO(contents)

    def _label(self, number, contents, label):
        return self._label_of[label] if label >= 0 else -1


class RecordSource(NumberedSource):
    """Source of a TFDS split whose files can be read in any order.

    The arguments are those of `TFDSSource`, without a buffer.
    """

    def __init__(
        self,
        builder,
        split,
        resolution,
        attribution,
        classes=(),
        feature=None,
        **kwargs,
    ):
        from inr_keras.data import tfds_builders

        count = tfds_builders.count_examples(builder, split)
        name = f"{builder.info.full_name}:{split}"
        super().__init__(name, count, resolution, attribution, classes, **kwargs)
        self._feature = feature or tfds_builders.image_feature(builder)
        self._class = tfds_builders.label_feature(builder)
        self._examples = tfds_builders.encoded_examples(builder, split, self._feature)

    def _names(self):
        return self.name

    def _open(self, number):
        contents = self._examples[number][self._feature]
        return f"{self.name}[{number}]", io.BytesIO(contents)

    def _label(self, number):
        return self._examples[number][self._class]


def _listed(names, label_of):
    """Tells for each name whether a class file lists it.

    Raises:
        ValueError: The file lists a name that is not among these.
    """
    unknown = sorted(label_of.keys() - set(names))
    if unknown:
        raise ValueError(
            "config.data.class_file must list images of config.data.source alone, such "
            f"as {names[0] if names else 'none'!r}. Received: {unknown[0]!r}"
            f"{f' and {len(unknown) - 1} more' if len(unknown) > 1 else ''}"
        )
    return [name in label_of for name in names]


def open_source(data: config_lib.Data, resolution: int) -> Source:
    """Opens `data.source` with images of `resolution` pixels a side.

    Raises:
        ValueError: The source cannot be opened or holds no readable image.

    Example:
        >>> white = np.full((16, 16, 3), 255, "uint8")
        >>> save_image(folder / "white.png", white)
        >>> open_source(Data(source=str(folder)), resolution=16).count
        1
    """
    data = dataclasses.replace(
        data,
        source=paths.expanded(data.source),
        class_file=paths.expanded(data.class_file),
    )
    is_prepared = prepared_folder.is_prepared(data.source)
    has_splits = is_prepared or data.source.startswith(class_lib.TFDS_PREFIX)
    if data.split != config_lib.Data().split and not has_splits:
        raise ValueError(
            f"config.data.split must be {config_lib.Data().split} for a source without "
            f"splits. Received: {data.split!r}"
        )
    classes, label_of = (), None
    if data.labels:
        classes, label_of = class_lib.read_classes(data)
    options = {
        "classes": classes,
        "channels": data.channels,
        "video_length": data.video_length,
        "motion": data.motion,
        "keeps_aspect": data.keeps_aspect,
        "trim": data.trim,
        "label_of": label_of,
    }
    if data.kind != "image":
        source = signal_sources.open_signals(data, resolution)
    elif data.video_length and data.motion == "film":
        source = film_folder.FilmFolder(data.source, resolution, **options)
    elif data.source == "openmoji":
        source = _open_openmoji(data, resolution, options)
    elif data.source.startswith(class_lib.TFDS_PREFIX):
        source = _open_tfds(data, resolution, options)
    elif is_prepared:
        source = _open_prepared(data, resolution, options)
    else:
        source = FolderSource(data.source, resolution, **options)
    for _ in source.dataset().take(1):
        return source
    raise ValueError(
        "config.data.source must hold at least one readable image. "
        f"{source.skip_report()}. Received: {data.source!r}"
    )


def shared(data: config_lib.Data) -> config_lib.Data | None:
    """Settings of images that every machine has, without paths; `None` for others.

    Example:
        >>> shared(Data(cache_dir="/tmp")).cache_dir
        ''
    """
    class_files = ("", *class_file.NAMED)
    if data.kind != "image" or data.source != "openmoji":
        return None
    if data.class_file not in class_files:
        return None
    return dataclasses.replace(data, cache_dir="", density="")


def _open_openmoji(data, resolution, options):
    extras.require("openmoji")
    # TFDS takes its time to import, and a folder does not need it.
    from inr_keras.data import tfds_builders
    from inr_keras.data.openmoji import openmoji_dataset_builder
    from inr_keras.data.openmoji import svg_images

    # So a trimmed image has to be enlarged less, if at all.
    drawn = resolution * 2 if data.trim else resolution
    builder = tfds_builders.open_openmoji(drawn, data.groups, data.cache_dir)
    return TFDSSource(
        builder,
        "train",
        resolution,
        data.shuffle_buffer,
        openmoji_dataset_builder.ATTRIBUTION,
        names=[path.stem for path in svg_images.find_svgs(data.groups)],
        **options,
    )


def _open_tfds(data, resolution, options):
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
        **options,
    )


def _open_prepared(data, resolution, options):
    """Opens a prepared folder as the kind of source that its files allow for."""
    builder = prepared_folder.open_prepared(data.source)
    prepared_folder.check_form(builder, data)
    options = {
        **options,
        "attribution": prepared_folder.attribution(builder),
        "feature": prepared_folder.best_feature(builder, resolution),
    }
    arguments = builder, data.split, resolution
    if prepared_folder.in_any_order(builder):
        source = RecordSource(*arguments, **options)
    else:
        source = TFDSSource(*arguments, data.shuffle_buffer, **options)
    source.filter = prepared_folder.resize_filter(builder, resolution, source.filter)
    return source
