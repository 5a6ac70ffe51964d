"""What `sources_test` does not reach of the builders."""

import pytest

from inr_keras import paths
from inr_keras.data import tfds_builders


def test_openmoji_into_a_folder_that_cannot_be(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ValueError, match="config.data.cache_dir") as error:
        tfds_builders.open_openmoji(16, ("flags",), str(blocked / "cache"))
    assert "\n" not in str(error.value)


def test_openmoji_without_a_cache(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("INR_KERAS_CACHE", str(blocked / "cache"))
    builder = tfds_builders.open_openmoji(16, ("flags",))
    assert tfds_builders.count_examples(builder, "train") > 50
    assert builder.data_dir.startswith(str(paths.without_cache("")))


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
