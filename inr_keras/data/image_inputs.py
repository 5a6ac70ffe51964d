"""Inputs of `apps.prepare_data`: images of a folder, a zip, a tar or TFDS.

Nothing is unpacked to the disk or changed. Each image is read as the bytes of its file,
or as an `UnreadableImageError` that says why it cannot be read.
"""

import io
import os
import pathlib
import tarfile
import zipfile
import zlib

from inr_keras.data import archive_members
from inr_keras.data import image_files
from inr_keras.data import image_folder
from inr_keras.data import image_formats
from inr_keras.data import path_classes
from inr_keras.data.complaints import UnreadableImageError
from inr_keras.naming import renaming

TFDS_PREFIX = "tfds:"
_END = 2**12  # Bytes at each end of a file that identify it.
_TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")


class ImageInput:
    """Base class of inputs: images in a fixed order.

    Args:
        names: list of str. A name for each image, its path where it has one.
        others: list of str. Files whose ending is not that of an image.
        read: Function of a path that returns the contents of another file, `None` where
            there is none. Defaults to a function that finds none.

    Attributes:
        classes: tuple of str; `()` where there are none. See `check_classes`.
        labels: list of int, for each image the index of its class.
        about: dict. `homepage`, `license` and `citation`, where known.
    """

    def __init__(self, names, others=(), read=lambda name: None):
        self.names = [_printable(name) for name in names]
        self.others = [_printable(name) for name in others]
        self.about = {}
        found = path_classes.classify(self.names, read)
        self.classes, self.labels = found.names, found.labels

    def check_classes(self):
        """Refuses class names that a file with one name a line cannot hold.

        Raises:
            ValueError: A name has a line end, or a space at an end.
        """
        for name in self.classes:
            if name != name.strip() or len(name.splitlines()) != 1:
                raise ValueError(
                    "`images` must have classes whose names have no line ends, and no "
                    f"spaces at their ends. Received: {name!r}"
                )

    def __len__(self):
        return len(self.names)

    def contents(self, numbers):
        """Yields the bytes, or an error, of the images of a rising sequence."""
        raise NotImplementedError

    def to_share(self, numbers):
        """Yields items from which other processes get the `contents`, by `read`."""
        return self.contents(numbers)

    def identity(self):
        """Value for JSON that changes when the images change."""
        raise NotImplementedError


class FolderInput(ImageInput):
    """Images below a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        paths = image_folder.find_files(folder)
        self._paths = [p for p in paths if image_formats.has_suffix(p)]
        images = set(self._paths)

        def name(path):
            return path.relative_to(folder).as_posix()

        super().__init__(
            [name(p) for p in self._paths],
            [name(p) for p in paths if p not in images],
            lambda name: image_folder.contents(folder / name),
        )

    def contents(self, numbers):
        return map(read, self.to_share(numbers))

    def to_share(self, numbers):
        return (self._paths[number].absolute() for number in numbers)

    def identity(self):
        sizes = []
        for path in self._paths:
            try:
                status = path.stat()
                sizes.append((status.st_size, status.st_mtime_ns))
            except OSError:
                sizes.append(None)
        return [*zip(self.names, sizes)]


class ZipInput(ImageInput):
    """Images of a zip file."""

    def __init__(self, path, limit):
        self._path = path
        with zipfile.ZipFile(path) as archive:
            members = [
                m
                for m in archive.infolist()
                if not archive_members.zip_name(m).endswith("/")
            ]
        archive_members.check_total(path, sum(m.file_size for m in members), limit)
        self._members, others = archive_members.split_members(
            members, archive_members.zip_name
        )
        super().__init__(
            [archive_members.zip_name(m) for m in self._members],
            [*others],
            self._reader(others),
        )

    def _reader(self, others):
        def read(name):
            if name not in others:
                return None
            with zipfile.ZipFile(self._path) as archive:
                return archive.read(others[name])

        return read

    def contents(self, numbers):
        with zipfile.ZipFile(self._path) as archive:
            for number in numbers:
                member = self._members[number]
                try:
                    archive_members.check_name(member.filename)
                    archive_members.check_file(member.file_size)
                    with archive.open(member) as file:
                        yield archive_members.bounded(file)
                except UnreadableImageError as error:
                    yield error
                except Exception as error:  # zlib.error, a password, ...
                    yield archive_members.unreadable(error)

    def identity(self):
        return [(m.filename, m.file_size, m.CRC) for m in self._members]


class TarInput(ImageInput):
    """Images of a tar file, which may be compressed."""

    def __init__(self, path, limit):
        self._path = path
        members, total = [], 0
        with self._archive() as archive:
            for member in archive:
                total += member.size
                archive_members.check_total(path, total, limit)
                if not member.isdir():
                    members.append(member)
            archive_members.read_end(archive.fileobj)
        self._members, others = archive_members.split_members(members, lambda m: m.name)
        super().__init__(
            [m.name for m in self._members], [*others], self._reader(others)
        )

    def _archive(self):
        return tarfile.open(self._path, tarinfo=archive_members.Member)

    def _reader(self, others):
        def read(name):
            if name not in others or not others[name].isreg():
                return None
            with self._archive() as archive:
                return archive.extractfile(others[name]).read()

        return read

    def contents(self, numbers):
        # In the order of the archive: a compressed one allows no seeking.
        wanted = {self._members[number].offset for number in numbers}
        with self._archive() as archive:
            for member in archive:
                if member.offset not in wanted:
                    continue
                wanted.remove(member.offset)
                try:
                    archive_members.check_name(member.name)
                    if not member.isreg():
                        raise UnreadableImageError("a link or a device", "unsafe")
                    archive_members.check_file(member.size)
                    yield archive_members.bounded(archive.extractfile(member))
                except UnreadableImageError as error:
                    yield error
                except archive_members.ERRORS as error:
                    yield archive_members.unreadable(error)
                if not wanted:
                    return

    def identity(self):
        return [(m.name, m.size, m.mtime) for m in self._members]


class TFDSInput(ImageInput):
    """Images of a split of a TFDS dataset."""

    def __init__(self, name, split):
        from inr_keras.data import tfds_builders

        self._builder = tfds_builders.open_tfds(name)
        self._split = split
        count = tfds_builders.count_examples(self._builder, split)
        self._full_name = f"{self._builder.info.full_name}:{split}"
        super().__init__([f"{self._full_name}[{i}]" for i in range(count)])
        info = self._builder.info
        self.about = {
            "homepage": info.homepage,
            "citation": info.citation,
            "license": tfds_builders.license_terms(self._builder),
        }
        self.classes, self.labels = (), []
        if tfds_builders.label_feature(self._builder):
            self.classes = tfds_builders.label_names(self._builder, name)
            pairs = tfds_builders.encoded_images(self._builder, split, labelled=True)
            labels = pairs.map(lambda _, label: label).as_numpy_iterator()
            self.labels = [int(label) for label in labels]

    def contents(self, numbers):
        from inr_keras.data import tfds_builders

        wanted = set(numbers)
        encoded = tfds_builders.encoded_images(self._builder, self._split)
        for number, contents in enumerate(encoded.as_numpy_iterator()):
            if number in wanted:
                yield contents

    def identity(self):
        return [self._full_name, len(self)]


def read(item):
    """Returns the bytes, or the error, of an item of `ImageInput.to_share`."""
    if not isinstance(item, pathlib.Path):
        return item
    try:
        with image_files.open_regular(item) as file:
            return archive_members.bounded(file)
    except UnreadableImageError as error:
        return error
    except OSError as error:
        return archive_members.unreadable(error)


def mark(item):
    """Returns what identifies an item of `ImageInput.to_share`.

    It is the size, and a checksum of both ends, of the item's file or bytes; `None` if
    there is no file. A PNG file ends with a checksum of all its pixels.
    """
    if isinstance(item, UnreadableImageError):
        return None
    try:
        item = item if isinstance(item, pathlib.Path) else io.BytesIO(item)
        with image_files.open_regular(item) as file:
            begin = file.read(_END)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _END, 0))
            return size, zlib.crc32(begin + file.read(_END))
    except (UnreadableImageError, OSError):
        return None


def open_input(source, split="train", max_unpacked_gb=1000.0):
    """Opens a folder, a zip or tar file, or `tfds:NAME`.

    Args:
        source: str. Path, or `tfds:NAME`.
        split: str. Split of a TFDS dataset. Defaults to `"train"`.
        max_unpacked_gb: float. Archives that hold more are refused.

    Returns:
        ImageInput.

    Raises:
        ValueError: The source cannot be opened or holds no image.
    """
    if source.startswith(TFDS_PREFIX):
        names = {"config.data.source": "source", "config.data.split": "split"}
        with renaming(names):
            return TFDSInput(source[len(TFDS_PREFIX) :], split)
    path = pathlib.Path(source)
    received = f"Received: {source!r}"
    if not source or not path.exists():
        raise ValueError(
            "`source` must be an existing folder, a zip or tar file, or "
            f"tfds:NAME. {received}"
        )
    limit = int(max_unpacked_gb * 1e9)
    if path.is_dir():
        if not os.access(path, os.R_OK | os.X_OK):
            raise ValueError(f"`source` must be a folder that can be read. {received}")
        images = FolderInput(path)
    elif not path.is_file():
        raise ValueError(f"`source` must be a folder or a regular file. {received}")
    elif zipfile.is_zipfile(path) or path.name.lower().endswith(".zip"):
        images = _opened(ZipInput, path, limit)
    elif path.name.lower().endswith(_TAR_ENDINGS) or tarfile.is_tarfile(path):
        images = _opened(TarInput, path, limit)
    else:
        raise ValueError(
            f"`source` must be a folder, a zip or tar file, or tfds:NAME. {received}"
        )
    if not len(images):
        raise ValueError(
            "`source` must hold at least one image "
            f"({', '.join(sorted(image_formats.SUFFIXES))}). {received}"
        )
    return images


def _opened(kind, path, limit):
    try:
        return kind(path, limit)
    except archive_members.ERRORS as error:
        raise ValueError(
            f"`source` must be a whole archive ({archive_members.reason(error)}). "
            f"Received: {str(path)!r}"
        ) from error


def _printable(name):
    r"""Writes invalid bytes of a name as \xNN, so that names stay different."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
