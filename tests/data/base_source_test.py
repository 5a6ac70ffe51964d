import os

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import image_folder
from inr_keras.data import sources
from tests.data import fixtures


def _open(folder):
    return sources.FolderSource(folder, 16)


def _images(source, seed=None):
    return np.stack(list(source.dataset(seed).as_numpy_iterator()))


@pytest.fixture
def mixed_folder(tmp_path):
    fixtures.write_folder(tmp_path, 6)
    (tmp_path / "0000a.png").touch()
    (tmp_path / "0001a.jpg").write_bytes(b"\xff\xd8 no more")
    Image.new("RGB", (1, 1)).save(tmp_path / "0002a.png")
    whole = (tmp_path / "0003.png").read_bytes()
    (tmp_path / "0009.png").write_bytes(whole[: len(whole) // 2])
    return tmp_path


_BAD = {"0000a.png", "0001a.jpg", "0002a.png", "0009.png"}


def test_folder_in_order(tmp_path):
    written = fixtures.write_folder(tmp_path, 7)
    source = _open(tmp_path)
    assert source.count == 7
    np.testing.assert_array_equal(_images(source), written)
    np.testing.assert_array_equal(source.images, written)


def test_folder_shuffled_by_seed(tmp_path):
    fixtures.write_folder(tmp_path, 7)
    source = _open(tmp_path)
    first = _images(source, seed=1)
    np.testing.assert_array_equal(_images(source, seed=1), first)
    assert (_images(source, seed=2) != first).any()
    assert len({image.tobytes() for image in first}) == 7


def test_pipes_and_broken_links_are_skipped(tmp_path):
    fixtures.write_folder(tmp_path, 2)
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "gone.png")
    source = _open(tmp_path)
    assert len(_images(source)) == 2
    assert source.skipped == {
        "a.png": "no regular file",
        "b.png": "No such file or directory",
    }
    assert source.fingerprint() == _open(tmp_path).fingerprint()


def test_dark_files_are_named_at_once_and_reported_once(tmp_path):
    fixtures.write_folder(tmp_path, 2)
    for name in ("a", "b"):
        dark = np.full((16, 16), 4095, "uint16")
        Image.fromarray(dark).save(tmp_path / f"{name}.png")
    source = sources.FolderSource(tmp_path, 16)
    why = "value_range: brightest value 4095 of 65535, which the file does not state"
    with fixtures.captured_logs() as lines:
        for _ in range(2):
            assert len(list(source.dataset())) == 4
    assert source.doubtful == {"a.png": why, "b.png": why}
    assert lines[0][:6] in ("a.png ", "b.png ")
    assert lines[1:] == [f"Doubtful: 2 of 4 images: a.png ({why}), b.png ({why})"]


def test_bad_files_are_skipped_and_reported_once(mixed_folder):
    with fixtures.captured_logs() as lines:
        source = _open(mixed_folder)
        assert len(_images(source)) == 6
        assert len(_images(source)) == 6
    assert set(source.skipped) == _BAD
    assert source.skipped["0000a.png"] == "empty file"
    assert source.skipped["0002a.png"] == "too small (1x1)"
    (line,) = lines
    assert line.startswith("Skipped 4 of 10 images: 0000a.png (empty file), ")


def test_a_stream_puts_the_next_good_image_for_a_bad_one(mixed_folder):
    source = _open(mixed_folder)
    good = {image.tobytes() for image in _images(source)}
    epoch = source.stream(seed=0).take(10).as_numpy_iterator()
    assert {image.tobytes() for image in epoch} == good


def test_long_reports_are_cut(tmp_path):
    fixtures.write_folder(tmp_path, 1)
    for i in range(25):
        (tmp_path / f"bad{i:02d}.png").touch()
    source = _open(tmp_path)
    _images(source)
    report = source.skip_report()
    assert report.startswith("Skipped 25 of 26 images: bad00.png (empty file)")
    assert report.endswith("bad19.png (empty file) ... and 5 more")


_SHAPES = {  # Width and height: rows and columns in 16 pixels.
    "broad": ((40, 20), (8, 16)),
    "square": ((30, 30), (16, 16)),
    "tall": ((8, 12), (16, 10)),
    "thin": ((9, 900), (16, 2)),
}


@pytest.fixture
def shapes_folder(tmp_path):
    for name, ((width, height), _) in _SHAPES.items():
        image = fixtures.random_image(len(name), 900)[:height, :width]
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    Image.new("RGB", (90, 1)).save(tmp_path / "hair.png")
    return tmp_path


def test_images_of_any_shape_come_with_their_extents(shapes_folder):
    source = sources.FolderSource(shapes_folder, 16, keeps_aspect=True)
    assert source.filter == image_folder.WHOLE_FILTER
    expected = np.array([extent for _, extent in _SHAPES.values()])
    np.testing.assert_array_equal(source.extents, expected)
    assert source.skipped == {"hair.png": "too small (90x1)"}
    for image, (rows, columns) in zip(source.images, expected):
        left, top = (16 - columns) // 2, (16 - rows) // 2
        outside = np.ones((16, 16), bool)
        outside[top : top + rows, left : left + columns] = False
        assert (image[outside] == 255).all()
        assert image[~outside].std() > 1
    epoch = list(source.stream(seed=3).take(5).as_numpy_iterator())
    known = list(zip(source.images, source.extents))
    for image, extent in epoch:
        assert any((image == a).all() and (extent == b).all() for a, b in known)
    square = sources.FolderSource(shapes_folder, 16)
    np.testing.assert_array_equal(square.extents, np.full((4, 2), 16))


def test_trimmed_images(tmp_path):
    image = np.full((40, 40, 3), 255, "uint8")
    image[10:20, 5:25] = fixtures.random_image(0, 20)[:10]
    Image.fromarray(image).save(tmp_path / "a.png")
    kept = sources.FolderSource(tmp_path, 20, keeps_aspect=True, trim=True)
    np.testing.assert_array_equal(kept.extents, [[10, 20]])
    np.testing.assert_array_equal(kept.images[0, 5:15], image[10:20, 5:25])
    cut = sources.FolderSource(tmp_path, 10, trim=True)
    np.testing.assert_array_equal(cut.images[0], image[10:20, 10:20])
