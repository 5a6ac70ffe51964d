import socket

import numpy as np
import pytest

from inr_keras.data import tfds_builders
from inr_keras.data.openmoji import GROUPS
from inr_keras.data.openmoji import openmoji_dataset_builder
from inr_keras.data.openmoji import svg_images
from tests.data import fixtures

_SIZE = 16
_CHOICE = ("faces",)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("The network was asked for.")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openmoji")
    tfds_builders.open_openmoji(_SIZE, _CHOICE, str(folder))
    return folder


def test_examples_are_the_rasterized_files(cache):
    builder = tfds_builders.open_openmoji(_SIZE, _CHOICE, str(cache))
    examples = list(builder.as_dataset(split="train").as_numpy_iterator())
    paths = svg_images.find_svgs(_CHOICE)
    hexcodes = [example["hexcode"].decode() for example in examples]
    assert hexcodes == [path.stem for path in paths]
    assert builder.info.splits["train"].num_examples == len(paths)
    assert {GROUPS[example["label"]] for example in examples} == set(_CHOICE)
    for i in (0, 50, -1):
        expected = svg_images.rasterize(paths[i], _SIZE)
        np.testing.assert_array_equal(examples[i]["image"], expected)


def test_second_use_rasterizes_nothing(cache, monkeypatch):
    monkeypatch.setattr(svg_images, "rasterize", None)
    builder = tfds_builders.open_openmoji(_SIZE, _CHOICE, str(cache))
    example = next(iter(builder.as_dataset(split="train")))
    assert example["image"].shape == (_SIZE, _SIZE, 3)


def test_prepares_in_silence(tmp_path, capfd, monkeypatch):
    paths = svg_images.find_svgs(_CHOICE)[:3]
    monkeypatch.setattr(svg_images, "find_svgs", lambda *_: paths)
    with fixtures.captured_logs() as lines:
        tfds_builders.open_openmoji(_SIZE, _CHOICE, str(tmp_path))
    assert lines == ["Rasterizing 3 OpenMoji images at 16x16"]
    out, err = capfd.readouterr()
    assert out == ""
    assert "examples" not in err


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(path, resolution):
        raise RuntimeError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(svg_images, "rasterize", fail)
        with pytest.raises(RuntimeError, match="stopped"):
            tfds_builders.open_openmoji(_SIZE, _CHOICE, str(tmp_path))
    assert not list(tmp_path.rglob("*.tfrecord*"))
    paths = svg_images.find_svgs(_CHOICE)[:3]
    monkeypatch.setattr(svg_images, "find_svgs", lambda *_: paths)
    builder = tfds_builders.open_openmoji(_SIZE, _CHOICE, str(tmp_path))
    assert builder.info.splits["train"].num_examples == 3


def test_licence_is_stated(cache):
    info = tfds_builders.open_openmoji(_SIZE, _CHOICE, str(cache)).info
    assert "CC BY-SA 4.0" in info.description
    assert "OpenMoji" in openmoji_dataset_builder.ATTRIBUTION
    assert (cache / "openmoji").is_dir()
    assert "CC BY-SA 4.0" in (next(cache.rglob("LICENSE"))).read_text()


def test_names_of_configurations():
    config = openmoji_dataset_builder.OpenMojiConfig
    assert config(resolution=64).name == "64px"
    assert config(groups=GROUPS).name == "64px"
    chosen = config(resolution=32, groups=("food", "faces"), skin_tones=True)
    assert chosen.name == "32px-faces-food-skin_tones"
    assert "64px" in openmoji_dataset_builder.Builder.builder_configs


def test_a_cache_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ValueError, match="config.data.cache_dir must be"):
        tfds_builders.open_openmoji(_SIZE, _CHOICE, str(file))
