"""Members of archives: which are images, what is refused, and damaged archives."""

import lzma
import pathlib
import tarfile
import zipfile
import zlib

from inr_keras.data import image_formats
from inr_keras.data.complaints import UnreadableImageError

MAX_FILE = 512 * 2**20  # Bytes of one image's file, unpacked.
# Wrong checksums of gzip and data of bzip2 raise `OSError`, passwords of zip files
# `RuntimeError`, and their unknown compressions its subclass `NotImplementedError`;
# damaged names in zip files are no UTF-8.
ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    UnicodeDecodeError,
)


class Member(tarfile.TarInfo):
    """Member of a tar file, of which a damaged header is an error.

    `tarfile.TarFile` takes it for the end of the file.
    """

    @classmethod
    def fromtarfile(cls, archive):
        try:
            return super().fromtarfile(archive)
        except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"a damaged header: {error}") from error


def read_end(file):
    """Reads the rest of a tar file, of which a compressed one ends with checksums.

    Raises:
        tarfile.ReadError: More than zeros follow the zeros that stand for its end.
    """
    while block := file.read(2**20):
        if block.strip(b"\0"):
            raise tarfile.ReadError("zeros in the place of a header")


def split_members(members, name):
    """Splits members of an archive into a list of images and a dict of others by name.

    Hidden members are left out.
    """
    images, others = [], {}
    for member in members:
        parts = pathlib.PurePosixPath(name(member).replace("\\", "/")).parts
        hidden = any(
            part.startswith((".", "__MACOSX")) and part != ".." for part in parts
        )
        if not parts or hidden:
            continue
        if image_formats.has_suffix(pathlib.PurePosixPath(parts[-1])):
            images.append(member)
        else:
            others[name(member)] = member
    return images, others


def zip_name(member):
    """Returns the name of a member; programs of Windows write it with backslashes."""
    return member.filename.replace("\\", "/")


def check_name(name):
    """Raises `UnreadableImageError` for a path that leads out of an archive."""
    path = pathlib.PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
        raise UnreadableImageError("a path that leads out of the archive", "unsafe")


def check_file(size):
    """Raises `UnreadableImageError` for an image of more bytes than `MAX_FILE`."""
    if size > MAX_FILE:
        raise UnreadableImageError(
            f"more than {MAX_FILE // 2**20} MiB when unpacked", "unsafe"
        )


def check_total(path, size, limit):
    """Raises `ValueError` for an archive of more bytes than a limit."""
    if size > limit:
        raise ValueError(
            f"`max_unpacked_gb` must be at least what `source` holds when "
            f"unpacked, {size / 1e9:.1f} GB or more in {path}. "
            f"Received: {limit / 1e9:g}"
        )


def bounded(file):
    """Reads at most `MAX_FILE` bytes, whatever size a header states."""
    contents = file.read(MAX_FILE + 1)
    check_file(len(contents))
    return contents


def unreadable(error):
    """Makes an `UnreadableImageError` of an error of reading."""
    return UnreadableImageError(reason(error), "unreadable")


def reason(error):
    """Returns the text of an error on one line, or its name."""
    return " ".join(str(error).split()) or type(error).__name__
