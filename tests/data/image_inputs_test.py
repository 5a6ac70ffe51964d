import io
import json
import os
import tarfile
import zipfile

import pytest
import tensorflow_datasets as tfds
from PIL import Image

from inr_keras.data import archive_members
from inr_keras.data import image_inputs
from inr_keras.data.complaints import UnreadableImageError
from tests.data import fixtures


class KindSet(tfds.core.GeneratorBasedBuilder):
    """Four images of two kinds."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(16, 16, 3)),
            "kind": tfds.features.ClassLabel(names=["plain", "odd"]),
        }
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(features),
            homepage="https://kinds.example",
            license="CC0",
        )

    def _split_generators(self, dl_manager):
        return {"main": self._examples()}

    def _generate_examples(self):
        raise NotImplementedError

    def _examples(self):
        for i in range(4):
            image = fixtures.random_image(i)
            yield i, {"image": image, "kind": i % 2}


_FILES = {
    "set/cats/1.png": b"one",
    "set/cats/deep/2.JPG": b"two",
    "set/dogs/3.webp": b"three",
    "set/dogs/notes.txt": b"notes",
    "set/.hidden/4.png": b"hidden",
    "set/.DS_Store": b"hidden",
}
_NAMES = ["set/cats/1.png", "set/cats/deep/2.JPG", "set/dogs/3.webp"]


def _write_folder(folder, files=_FILES):
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
    return folder


def _write_zip(path, contents=_FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def _write_tar(path, contents=_FILES, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture(params=["folder", "zip", "tar", "tar.gz", "tar.xz"])
def source(request, tmp_path):
    if request.param == "folder":
        return _write_folder(tmp_path / "folder")
    path = tmp_path / f"images.{request.param}"
    if request.param == "zip":
        return _write_zip(path)
    _, _, compression = request.param.partition(".")
    return _write_tar(path, mode=f"w:{compression}")


def test_images_of_every_kind_of_source(source):
    found = image_inputs.open_input(str(source))
    assert found.names == _NAMES
    assert len(found) == 3
    assert found.others == ["set/dogs/notes.txt"]
    assert list(found.contents(range(3))) == [b"one", b"two", b"three"]
    assert list(found.contents([0, 2])) == [b"one", b"three"]
    assert list(found.contents(range(3, 3))) == []


def test_sub_folders_are_classes(source):
    found = image_inputs.open_input(str(source))
    assert found.classes == ("cats", "dogs")
    assert found.labels == [0, 0, 1]


def test_identity_follows_the_images(source, tmp_path):
    def identity():
        return image_inputs.open_input(str(source)).identity()

    first = identity()
    assert identity() == first
    changed = {**_FILES, "set/cats/1.png": b"1"}
    if source.is_dir():
        (source / "set/cats/1.png").write_bytes(b"1")
    elif source.suffix == ".zip":
        _write_zip(source, changed)
    else:
        _write_tar(source, changed, f"w:{source.suffix[1:].strip('tar')}")
    assert identity() != first


def test_labels_of_a_dataset_json(tmp_path):
    labels = [["cats/1.png", 7], ["cats/deep/2.JPG", 3], ["dogs/3.webp", 7]]
    text = json.dumps({"labels": labels}).encode()
    files = {**_FILES, "set/dataset.json": text}
    for source in (
        _write_folder(tmp_path / "folder", files),
        _write_zip(tmp_path / "a.zip", files),
        _write_tar(tmp_path / "a.tar.gz", files, "w:gz"),
    ):
        found = image_inputs.open_input(str(source))
        assert found.classes == ("3", "7")
        assert found.labels == [1, 0, 1]


def test_archives_of_windows_have_classes(tmp_path):
    names = [r"set\cats\1.png", r"set\dogs\2.png", r"set\dogs\notes.txt"]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set\\cats\\", b"")
        for name in names:
            archive.writestr(name, name)
    found = image_inputs.open_input(str(path))
    assert found.names == ["set/cats/1.png", "set/dogs/2.png"]
    assert found.classes == ("cats", "dogs")
    assert found.others == ["set/dogs/notes.txt"]
    assert list(found.contents(range(2))) == [name.encode() for name in names[:2]]


def test_files_that_are_no_images_or_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "gone.png")
    found = image_inputs.open_input(str(tmp_path))
    kinds = [error.kind for error in found.contents(range(2))]
    assert kinds == ["unsafe", "unreadable"]
    with pytest.raises(ValueError, match="a folder or a regular file"):
        image_inputs.open_input(str(tmp_path / "a.png"))


@pytest.mark.parametrize(
    "name", ["../out.png", "a/../../out.png", "/etc/out.png", "..\\out.png"]
)
@pytest.mark.parametrize("write", [_write_zip, _write_tar])
def test_paths_that_lead_out_of_an_archive(tmp_path, name, write):
    path = write(tmp_path / "a.archive", {"good.png": b"1", name: b"2"})
    before = sorted(tmp_path.parent.rglob("*"))
    good, bad = image_inputs.open_input(str(path)).contents(range(2))
    assert good == b"1"
    assert isinstance(bad, UnreadableImageError)
    assert "leads out of the archive" in str(bad)
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_links_and_devices_in_a_tar(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "link.png"),
            (tarfile.LNKTYPE, "hard.png"),
            (tarfile.CHRTYPE, "device.png"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, str(secret)
            archive.addfile(member)
    found = image_inputs.open_input(str(tmp_path / "a.tar"))
    refused = [str(item) for item in found.contents(range(3))]
    assert refused == ["a link or a device"] * 3


@pytest.mark.parametrize("write", [_write_zip, _write_tar])
def test_files_that_grow(tmp_path, write, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_FILE", 2**20)
    contents = {"bomb.png": bytes(2**20 + 1), "good.png": b"1"}
    path = write(tmp_path / "a.archive", contents)
    bad, good = image_inputs.open_input(str(path)).contents(range(2))
    assert str(bad) == "more than 1 MiB when unpacked"
    assert good == b"1"


@pytest.mark.parametrize("write", [_write_zip, _write_tar])
def test_archives_that_grow(tmp_path, write):
    path = write(tmp_path / "a.archive", {"bomb.dat": bytes(2 * 10**6)})
    rule = r"`max_unpacked_gb` must be at least .* 0.0 GB .* Received: 0.001"
    with pytest.raises(ValueError, match=rule):
        image_inputs.open_input(str(path), max_unpacked_gb=0.001)


def test_a_damaged_file_in_a_zip(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bad.png", b"contents")
        archive.writestr("good.png", b"1")
    path.write_bytes(path.read_bytes().replace(b"contents", b"CONTENTS"))
    bad, good = image_inputs.open_input(str(path)).contents(range(2))
    assert "Bad CRC-32" in str(bad)
    assert good == b"1"


def test_a_file_that_goes_away(tmp_path):
    fixtures.write_folder(tmp_path, 2)
    found = image_inputs.open_input(str(tmp_path))
    (tmp_path / "0000.png").unlink()
    gone, there = found.contents(range(2))
    assert str(gone) == "No such file or directory"
    assert there == (tmp_path / "0001.png").read_bytes()


def test_names_that_are_no_text(tmp_path):
    for byte in (b"\xfe", b"\xff"):
        folder = tmp_path / os.fsdecode(byte)
        folder.mkdir()
        (folder / "1.png").write_bytes(byte)
    found = image_inputs.open_input(str(tmp_path))
    assert found.names == [r"\xfe/1.png", r"\xff/1.png"]
    assert len(found.classes) == 2
    assert list(found.contents(range(2))) == [b"\xfe", b"\xff"]


@pytest.mark.parametrize(
    "name,rule",
    [
        ("missing", "an existing folder, a zip or tar file, or tfds:NAME"),
        ("notes.txt", "a folder, a zip or tar file, or tfds:NAME"),
        ("empty", r"at least one image \(.apng, "),
        ("cut.tar.gz", "a whole archive"),
        ("flip.tar", "a whole archive .a damaged header"),
        ("short.tar", "a whole archive .a damaged header"),
        ("zeros.tar", "a whole archive .zeros in the place of a header"),
        ("wrong.tar.gz", "a whole archive .CRC check failed"),
        ("wrong.tar.xz", "a whole archive .Corrupt input data"),
        ("locked.zip", "a whole archive .*encrypted"),
        ("cut.zip", "a whole archive"),
        ("name.zip", "a whole archive .*utf-8"),
    ],
)
def test_sources_that_cannot_be_used(tmp_path, name, rule):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("notes")
    whole = _write_tar(tmp_path / "w.tar.gz", mode="w:gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[:-40])
    for kind, mode in (("gz", "w:gz"), ("xz", "w:xz")):
        wrong = bytearray(_write_tar(tmp_path / "w.tar", mode=mode).read_bytes())
        wrong[-8] ^= 1  # Of the checksum or, of xz, of the length at the end.
        (tmp_path / f"wrong.tar.{kind}").write_bytes(wrong)
    whole = _write_tar(tmp_path / "w.tar").read_bytes()
    second = whole.index(list(_FILES)[1].encode())
    (tmp_path / "short.tar").write_bytes(whole[: second + 200])
    flipped = bytearray(whole)
    flipped[second] ^= 1
    (tmp_path / "flip.tar").write_bytes(flipped)
    zeros = whole[:second] + bytes(512) + whole[second + 512 :]
    (tmp_path / "zeros.tar").write_bytes(zeros)
    files = {**_FILES, "set/dataset.json": b"{}"}
    locked = bytearray(_write_zip(tmp_path / "w.zip", files).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = locked.find(mark)
        while start >= 0:
            locked[start + place] |= 1  # Says that a password is needed.
            start = locked.find(mark, start + 1)
    (tmp_path / "locked.zip").write_bytes(locked)
    whole = _write_zip(tmp_path / "w.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-40])
    whole = _write_zip(tmp_path / "w.zip", {"\u00e9.png": b"1"}).read_bytes()
    (tmp_path / "name.zip").write_bytes(whole.replace(b"\xc3\xa9", b"\xc3a"))
    with pytest.raises(ValueError, match=rule) as error:
        image_inputs.open_input(str(tmp_path / name))
    message = str(error.value)
    assert message.startswith("`source` must ")
    assert message.endswith(f"Received: '{tmp_path / name}'")


def test_no_source():
    with pytest.raises(ValueError, match="Received: ''"):
        image_inputs.open_input("")


@pytest.fixture
def tfds_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))


def test_tfds(tfds_folder):
    found = image_inputs.open_input("tfds:kind_set", "main")
    assert found.names[1] == "kind_set/1.0.0:main[1]"
    assert found.classes == ("plain", "odd")
    assert found.about["homepage"] == "https://kinds.example"
    assert found.about["license"] == "CC0"
    originals = [fixtures.random_image(i).tobytes() for i in range(4)]
    for contents, label in zip(found.contents(range(4)), found.labels):
        with Image.open(io.BytesIO(contents)) as image:
            assert originals.index(image.tobytes()) % 2 == label
    assert list(found.contents([3])) == [contents]
    assert found.identity() == ["kind_set/1.0.0:main", 4]
