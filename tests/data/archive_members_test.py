import io
import tarfile
import zipfile

import pytest

from inr_keras.data import archive_members
from inr_keras.data.complaints import UnreadableImageError


def test_images_are_split_from_others_and_hidden_ones_left_out():
    names = ("a/1.png", "a/notes.txt", ".b/2.png", "__MACOSX/3.png", "c\\4.JPG", "")
    members = [zipfile.ZipInfo(name) for name in names]
    images, others = archive_members.split_members(members, archive_members.zip_name)
    assert [archive_members.zip_name(m) for m in images] == ["a/1.png", "c/4.JPG"]
    assert list(others) == ["a/notes.txt"]


@pytest.mark.parametrize("name", ["/a.png", "a/../../b.png", "C:\\a.png"])
def test_paths_out_of_an_archive(name):
    with pytest.raises(UnreadableImageError, match="leads out"):
        archive_members.check_name(name)


def test_damaged_headers_are_errors_and_ends_are_not(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("1", "2"):
            archive.addfile(tarfile.TarInfo(name))
    contents = bytearray(path.read_bytes())

    def names(contents):
        path.write_bytes(contents)
        with tarfile.open(path, tarinfo=archive_members.Member) as archive:
            return archive.getnames()

    # With blocks of zeros at its end, and without.
    assert names(contents) == names(contents[:1024]) == ["1", "2"]
    for wrong in (contents[:700], contents[:600] + b"x" + contents[601:]):
        with pytest.raises(tarfile.ReadError, match="damaged header"):
            names(wrong)


def test_only_zeros_follow_the_end_of_a_tar():
    archive_members.read_end(io.BytesIO(bytes(2000)))
    with pytest.raises(tarfile.ReadError, match="zeros in the place of a header"):
        archive_members.read_end(io.BytesIO(bytes(2000) + b"1"))


def test_reasons_are_one_line():
    assert archive_members.reason(EOFError()) == "EOFError"
    assert archive_members.unreadable(OSError("a\n b")).args == ("a b",)
