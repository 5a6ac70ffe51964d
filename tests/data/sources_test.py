import dataclasses
import os

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from inr_keras import config as config_lib
from inr_keras.data import pipeline
from inr_keras.data import sources
from tests.data import fixtures


class ImageSet(tfds.core.GeneratorBasedBuilder):
    """Twelve noise images of 24 x 16 pixels, in colour and in grey."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name)
        for name in ("colour", "grey", "text", "labels")
    ]

    def _info(self):
        channels = 1 if self.builder_config.name == "grey" else 3
        image = tfds.features.Image(shape=(None, None, channels))
        if self.builder_config.name == "text":
            image = tfds.features.Text()
        features = {"image": image}
        if self.builder_config.name == "labels":
            features["kind"] = tfds.features.ClassLabel(names=["b", "a"])
        features = tfds.features.FeaturesDict(features)
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {"train": self._examples(12), "test": self._examples(2)}

    def _generate_examples(self):
        raise NotImplementedError

    def _examples(self, count):
        for i in range(count):
            image = fixtures.random_image(i, 24)[:, 4:20]
            if self.builder_config.name == "grey":
                image = image[..., :1]
            example = {"image": image}
            if self.builder_config.name == "labels":
                example["kind"] = -1 if i == 5 else i % 2
            yield i, example


def _data(source, **settings):
    return config_lib.Data(source=str(source), **settings)


def _images(source, seed=None):
    return np.stack(list(source.dataset(seed).as_numpy_iterator()))


@pytest.fixture(scope="module", autouse=True)
def tfds_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("tfds"))
        patch.setattr(tfds.core.constants, "DATA_DIR", folder)
        patch.setenv("TFDS_DATA_DIR", folder)
        yield folder


@pytest.mark.parametrize(
    "name,rule",
    [
        ("missing", "openmoji, tfds:NAME or an existing folder"),
        ("file.png", "a folder, not a file"),
        ("empty", "a folder with at least one image"),
        (
            "bad",
            r"at least one readable image. Skipped 2 of 2 .*b.png \(empty",
        ),
    ],
)
def test_folders_that_cannot_be_used(tmp_path, name, rule):
    (tmp_path / "file.png").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").touch()
    (tmp_path / "bad" / "b.png").touch()
    with pytest.raises(ValueError, match=rule) as error:
        sources.open_source(_data(tmp_path / name), 16)
    message = str(error.value)
    assert message.startswith("config.data.source must ")
    assert message.endswith(f"Received: '{tmp_path / name}'")
    assert "\n" not in message


def test_no_source():
    with pytest.raises(ValueError, match="existing folder. Received: ''"):
        sources.open_source(_data(""), 16)


def test_a_folder_without_permission(tmp_path, monkeypatch):
    fixtures.write_folder(tmp_path, 1)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="a folder that can be read"):
        sources.open_source(_data(tmp_path), 16)


def test_tfds():
    source = sources.open_source(_data("tfds:image_set"), 16)
    assert source.count == 12
    assert "image_set/colour/1.0.0" in source.attribution
    expected = {fixtures.random_image(i, 24)[4:20, 4:20].tobytes() for i in range(12)}
    for images in (_images(source), _images(source, seed=3)):
        assert {image.tobytes() for image in images} == expected


def test_tfds_stream_is_reshuffled_each_epoch():
    tf.random.set_seed(0)  # As a run with seed 0 does.
    source = sources.open_source(_data("tfds:image_set"), 16)
    whole = np.stack(list(source.stream(4).take(36).as_numpy_iterator()))
    epochs = whole.reshape(3, 12, -1)
    assert (epochs[0] != epochs[1]).any()
    for epoch in epochs:
        assert len({image.tobytes() for image in epoch}) == 12
    later = np.stack(list(source.stream(4, 17).take(19).as_numpy_iterator()))
    np.testing.assert_array_equal(later, whole[17:])


@pytest.mark.parametrize("name", ["image_set", "image_set/labels"])
def test_tfds_stream_has_the_order_of_images_in_memory(name):
    labels = name.endswith("labels")
    data = _data(
        f"tfds:{name}", labels=labels, split="train[6:]" if labels else "train"
    )
    found = []
    for cache_mib in (0, 64):
        config = config_lib.Experiment(
            resolution=16,
            batch_size=5,
            data=dataclasses.replace(data, cache_mib=cache_mib),
        )
        for start in (0, 3):
            batches = pipeline.training_dataset(config, start_batch=start).take(6)
            batches = [tf.nest.flatten(b) for b in batches.as_numpy_iterator()]
            found.append([np.concatenate(part) for part in zip(*batches)])
    for stream, memory in zip(found[:2], found[2:]):
        for one, other in zip(stream, memory, strict=True):
            np.testing.assert_array_equal(one, other)
    assert sources.open_source(data, 16).streams_as_kept
    fewer = dataclasses.replace(data, shuffle_buffer=3)
    assert not sources.open_source(fewer, 16).streams_as_kept


def test_tfds_shuffle_buffer_bounds_how_far_images_move():
    in_order = _images(sources.open_source(_data("tfds:image_set"), 16))
    for size in (1, 3):
        data = _data("tfds:image_set", shuffle_buffer=size)
        found = _images(sources.open_source(data, 16), seed=3)
        places = [int(np.argmax((in_order == image).all((1, 2, 3)))) for image in found]
        assert sorted(places) == list(range(12))
        assert all(n < i + size for i, n in enumerate(places))
        assert (places == sorted(places)) == (size == 1)


@pytest.mark.slow
def test_tfds_order_does_not_depend_on_the_global_seed():
    source = sources.open_source(_data("tfds:image_set"), 16)
    orders = []
    for seed in (3, 4):
        tf.random.set_seed(seed)
        dataset = source.dataset(0)
        for _ in range(2):
            orders.append([p.tobytes() for p in dataset.as_numpy_iterator()])
    assert all(order == orders[0] for order in orders)
    assert len(set(orders[0])) > 5
    other = [p.tobytes() for p in source.dataset(1).as_numpy_iterator()]
    assert other != orders[0]
    assert sorted(other) == sorted(orders[0])


def test_tfds_grey_split_and_size():
    data = _data("tfds:image_set/grey", split="test")
    source = sources.open_source(data, 8)
    assert source.count == 2
    images = _images(source)
    assert images.shape == (2, 8, 8, 3)
    assert (images[..., 0] == images[..., 2]).all()


@pytest.mark.parametrize("split", ["trian", "train[:x]", ""])
def test_tfds_unknown_split(split):
    with pytest.raises(ValueError, match="a split of .*train") as error:
        sources.open_source(_data("tfds:image_set", split=split), 16)
    assert str(error.value).startswith("config.data.split must be")
    assert "\n" not in str(error.value)


def test_tfds_empty_split():
    data = _data("tfds:image_set", split="train[:0]")
    with pytest.raises(ValueError, match="config.data.split must hold"):
        sources.open_source(data, 16)


@pytest.mark.parametrize("name", ["no_such_set", "", "image_set/none", "a b"])
def test_tfds_unknown_name(name):
    with pytest.raises(ValueError, match="must name a TFDS dataset") as error:
        sources.open_source(_data(f"tfds:{name}"), 16)
    assert str(error.value).endswith(f"Received: 'tfds:{name}'")
    assert "\n" not in str(error.value)


def test_tfds_without_images():
    with pytest.raises(ValueError, match="image feature, not just image"):
        sources.open_source(_data("tfds:image_set/text"), 16)


def test_tfds_that_cannot_be_downloaded(monkeypatch, tmp_path):
    def fail(self):
        raise ConnectionError("No route\nto host")

    monkeypatch.setattr(ImageSet, "download_and_prepare", fail)
    monkeypatch.setattr(ImageSet, "is_prepared", lambda self: False)
    rule = r"prepared or can be downloaded \(No route\). Received: 'tfds:ima"
    with pytest.raises(ValueError, match=rule):
        sources.open_source(_data("tfds:image_set"), 16)


def test_openmoji(tmp_path):
    data = _data("openmoji", groups=("nature",), cache_dir=str(tmp_path))
    source = sources.open_source(data, 16)
    assert source.count == len(_images(source)) > 50
    assert "CC BY-SA 4.0" in source.attribution
    assert source.name.startswith("openmoji/16px-nature/")


def test_openmoji_cache_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("INR_KERAS_CACHE", str(tmp_path))
    sources.open_source(_data("openmoji", groups=("nature",)), 16)
    assert list(tmp_path.rglob("*.tfrecord*"))


def test_a_split_needs_a_source_that_has_splits(tmp_path):
    fixtures.write_folder(tmp_path, 4, size=16)
    for source in (str(tmp_path), "openmoji"):
        with pytest.raises(ValueError, match="config.data.split must be train .*50%"):
            sources.open_source(_data(source, split="train[:50%]"), 16)


def test_openmoji_unknown_group():
    with pytest.raises(ValueError, match="config.data.groups must be among"):
        sources.open_source(_data("openmoji", groups=("beasts",)), 16)


def test_tfds_labels():
    data = _data("tfds:image_set/labels", labels=True)
    source = sources.open_source(data, 16)
    assert source.classes == ("b", "a")
    originals = {
        fixtures.random_image(i, 24)[4:20, 4:20].tobytes(): i for i in range(12)
    }
    numbers = [originals[image.tobytes()] for image in source.images]
    assert sorted(numbers) == [i for i in range(12) if i != 5]
    np.testing.assert_array_equal(source.labels, np.array(numbers) % 2)
    assert list(source.skipped.values()) == ["of no class"]
    for image, label in source.stream(3).take(15).as_numpy_iterator():
        assert originals[image.tobytes()] % 2 == label


def test_tfds_without_labels():
    data = _data("tfds:image_set", labels=True)
    with pytest.raises(ValueError, match="with a class label .* just image"):
        sources.open_source(data, 16)


def test_openmoji_labels():
    # The groups are classes, in their canonical order.
    data = _data("openmoji", groups=("nature", "faces"), labels=True)
    source = sources.open_source(data, 16)
    assert source.classes == ("faces", "nature")
    assert set(source.labels) == {0, 1}
    counts = np.bincount(source.labels)
    for group, count in zip(source.classes, counts):
        one = sources.open_source(_data("openmoji", groups=(group,)), 16)
        assert one.count == count


@pytest.mark.slow
def test_fingerprints(tmp_path):
    def fingerprint(**options):
        data = _data("openmoji", cache_dir=str(tmp_path), **options)
        return sources.open_source(data, 16).fingerprint()

    food = fingerprint(groups=("food",))
    assert fingerprint(groups=("food",)) == food
    assert fingerprint(groups=("flags",)) != food


def test_home(tmp_path, monkeypatch):
    (tmp_path / "images").mkdir()
    PIL.Image.new("RGB", (20, 20)).save(tmp_path / "images" / "a.png")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sources.open_source(_data("~/images"), 16).name == f"{tmp_path}/images"
