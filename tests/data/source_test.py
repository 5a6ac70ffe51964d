import numpy as np
import pytest
from PIL import Image

from inr_keras.data import sources
from tests.data import fixtures


def _open(folder):
    return sources.FolderSource(folder, 16)


def _pictures(source, seed=None):
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
    np.testing.assert_array_equal(_pictures(source), written)
    np.testing.assert_array_equal(source.pictures, written)


def test_folder_shuffled_by_seed(tmp_path):
    fixtures.write_folder(tmp_path, 7)
    source = _open(tmp_path)
    first = _pictures(source, seed=1)
    np.testing.assert_array_equal(_pictures(source, seed=1), first)
    assert (_pictures(source, seed=2) != first).any()
    assert len({picture.tobytes() for picture in first}) == 7


def test_bad_files_are_skipped_and_reported_once(mixed_folder):
    with fixtures.captured_logs() as lines:
        source = _open(mixed_folder)
        assert len(_pictures(source)) == 6
        assert len(_pictures(source)) == 6
    assert set(source.skipped) == _BAD
    assert source.skipped["0000a.png"] == "empty file"
    assert source.skipped["0002a.png"] == "too small (1x1)"
    (line,) = lines
    assert line.startswith("Skipped 4 of 10 pictures: 0000a.png (empty file), ")


def test_a_stream_puts_the_next_good_picture_for_a_bad_one(mixed_folder):
    source = _open(mixed_folder)
    good = {picture.tobytes() for picture in _pictures(source)}
    epoch = source.stream(seed=0).take(10).as_numpy_iterator()
    assert {picture.tobytes() for picture in epoch} == good


def test_long_reports_are_cut(tmp_path):
    fixtures.write_folder(tmp_path, 1)
    for i in range(25):
        (tmp_path / f"bad{i:02d}.png").touch()
    source = _open(tmp_path)
    _pictures(source)
    report = source.skip_report()
    assert report.startswith(
        "Skipped 25 of 26 pictures: bad00.png (empty file)"
    )
    assert report.endswith("bad19.png (empty file) ... and 5 more")
