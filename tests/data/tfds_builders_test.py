"""What `sources_test` does not reach of the builders."""

import pathlib

import pytest

from inr_keras.data import tfds_builders


def test_cache_folder_prefers_the_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("INR_KERAS_CACHE", str(tmp_path / "variable"))
    assert tfds_builders.cache_folder("given") == pathlib.Path("given")
    assert tfds_builders.cache_folder() == tmp_path / "variable"
    monkeypatch.delenv("INR_KERAS_CACHE")
    expected = pathlib.Path.home() / ".cache" / "inr_keras"
    assert tfds_builders.cache_folder() == expected


def test_openmoji_into_a_folder_that_cannot_be(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ValueError, match="config.data.cache_dir") as error:
        tfds_builders.open_openmoji(16, ("flags",), str(blocked / "cache"))
    assert "\n" not in str(error.value)


def test_openmoji_is_prepared_once(tmp_path):
    builder = tfds_builders.open_openmoji(16, ("food",), str(tmp_path))
    count = tfds_builders.count_examples(builder, "train")
    assert count > 50
    assert tfds_builders.image_feature(builder) == "image"
    written = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.tfrecord*")}
    again = tfds_builders.open_openmoji(16, ("food",), str(tmp_path))
    assert tfds_builders.count_examples(again, "train") == count
    assert written
    assert all(p.stat().st_mtime_ns == t for p, t in written.items())
