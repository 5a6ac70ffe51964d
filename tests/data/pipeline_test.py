import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from inr_keras import config as config_lib
from inr_keras.data import pipeline
from inr_keras.data import sources
from tests.data import fixtures

_IN_MEMORY = 64
_STREAMED = 0


def _config(folder, cache_mib=_IN_MEMORY, **settings):
    data = config_lib.Data(source=str(folder), cache_mib=cache_mib)
    data.flip = settings.pop("flip", True)
    return config_lib.Experiment(
        **{"resolution": 16, "batch_size": 4, "data": data, **settings}
    )


def _take(dataset, count):
    return np.stack(list(dataset.take(count).as_numpy_iterator()))


def _same(a, b):
    return a.shape == b.shape and (a == b).all()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    fixtures.write_folder(folder, 10)
    (folder / "0004b.png").write_bytes(b"broken")
    return folder


@pytest.fixture(params=[_IN_MEMORY, _STREAMED], ids=["memory", "stream"])
def cache_mib(request):
    return request.param


def test_static_shape(folder, cache_mib):
    spec = pipeline.training_dataset(_config(folder, cache_mib)).element_spec
    assert spec.shape == (4, 16, 16, 3)
    assert spec.dtype == "uint8"


def test_same_seed_same_batches(folder, cache_mib):
    config = _config(folder, cache_mib)
    first = _take(pipeline.training_dataset(config), 12)
    again = _take(pipeline.training_dataset(config), 12)
    assert _same(first, again)
    config.seed = 1
    assert not _same(first, _take(pipeline.training_dataset(config), 12))


@pytest.mark.parametrize("start", [1, 2, 7, 11])
def test_starting_later_continues(folder, cache_mib, start):
    config = _config(folder, cache_mib)
    whole = _take(pipeline.training_dataset(config), 12)
    later = pipeline.training_dataset(config, start_batch=start)
    assert _same(whole[start:], _take(later, 12 - start))


def test_an_epoch_brings_every_image_once(folder):
    config = _config(folder, flip=False)
    images = _take(pipeline.training_dataset(config), 5).reshape(2, 10, -1)
    epochs = [{image.tobytes() for image in epoch} for epoch in images]
    assert epochs[0] == epochs[1]
    assert len(epochs[0]) == 10
    assert not _same(images[0], images[1])


def test_every_image_is_an_original_or_its_mirror(folder, cache_mib):
    config = _config(folder, cache_mib)
    originals = [fixtures.random_image(i) for i in range(10)]
    plain = {original.tobytes() for original in originals}
    mirrored = {original[:, ::-1].tobytes() for original in originals}
    images = _take(pipeline.training_dataset(config), 40).reshape(160, 16, 16, 3)
    seen = [image.tobytes() for image in images]
    assert set(seen) == plain | mirrored
    share = sum(image in mirrored for image in seen) / len(seen)
    assert 0.35 < share < 0.65


def test_flips_can_be_switched_off(folder, cache_mib):
    config = _config(folder, cache_mib, flip=False)
    originals = {fixtures.random_image(i).tobytes() for i in range(10)}
    images = _take(pipeline.training_dataset(config), 5).reshape(20, 16, 16, 3)
    assert {image.tobytes() for image in images} <= originals


def test_fewer_images_than_a_batch(tmp_path, cache_mib):
    fixtures.write_folder(tmp_path, 3)
    config = _config(tmp_path, cache_mib, batch_size=8, flip=False)
    images = _take(pipeline.training_dataset(config), 3).reshape(8, 3, -1)
    for epoch in images:
        assert len({image.tobytes() for image in epoch}) == 3


def test_one_image(tmp_path, cache_mib):
    fixtures.write_folder(tmp_path, 1)
    config = _config(tmp_path, cache_mib, flip=False)
    image = _take(pipeline.training_dataset(config), 1)[0, 3]
    assert _same(image, fixtures.random_image(0))


def test_real_images(folder):
    config = _config(folder)
    everything = pipeline.real_images(config)
    assert everything.shape == (10, 16, 16, 3)
    assert everything.dtype == np.uint8
    originals = {fixtures.random_image(i).tobytes() for i in range(10)}
    assert {image.tobytes() for image in everything} == originals
    config.seed = 5
    assert _same(pipeline.real_images(config, 4), everything[:4])
    assert _same(pipeline.real_images(config, 99), everything)


def test_a_source_can_be_shared(folder):
    config = _config(folder)
    source = sources.open_source(config.data, 16)
    expected = _take(pipeline.training_dataset(config), 3)
    assert _same(_take(pipeline.training_dataset(config, source), 3), expected)
    pipeline.real_images(config, 2, source)
    assert _same(_take(pipeline.training_dataset(config, source), 3), expected)


def test_source_of_another_size(folder):
    config = _config(folder)
    source = sources.open_source(config.data, 8)
    with pytest.raises(ValueError, match="images of 16 pixels.*Received: 8"):
        pipeline.training_dataset(config, source)


@pytest.fixture(scope="module")
def labelled_folder(tmp_path_factory):
    """Ten images; those of class b, label 1, have a red corner."""
    folder = tmp_path_factory.mktemp("labelled")
    for i in range(10):
        name = "ab"[i % 2]
        image = fixtures.random_image(i)
        image[0, 0] = image[0, -1] = [255 * (i % 2), i, 0]
        (folder / name).mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / name / f"{i}.png")
    (folder / "a" / "4b.png").write_bytes(b"broken")
    return folder


def _labelled(folder, cache_mib):
    config = _config(folder, cache_mib)
    config.data.labels = True
    return config


def test_labels_come_with_their_images(labelled_folder, cache_mib):
    config = _labelled(labelled_folder, cache_mib)
    dataset = pipeline.training_dataset(config)
    images, labels = dataset.element_spec
    assert images.shape == (4, 16, 16, 3)
    assert (labels.shape, labels.dtype) == ((4,), "int32")
    seen = set()
    for images, labels in dataset.take(10).as_numpy_iterator():
        assert _same(images[:, 0, 0, 0], (labels * 255).astype("uint8"))
        seen |= set(labels)
    assert seen == {0, 1}


def test_labels_do_not_change_the_images(labelled_folder, cache_mib):
    config = _labelled(labelled_folder, cache_mib)
    whole = list(pipeline.training_dataset(config).take(7).as_numpy_iterator())
    config.data.labels = False
    plain = _take(pipeline.training_dataset(config), 7)
    assert _same(np.stack([images for images, _ in whole]), plain)


@pytest.mark.slow
def test_labels_of_later_batches_timed_and_shared(labelled_folder, cache_mib):
    config = _labelled(labelled_folder, cache_mib)
    whole = list(pipeline.training_dataset(config).take(7).as_numpy_iterator())
    later = pipeline.training_dataset(config, start_batch=3, timed=True)
    for expected, (batch, wait) in zip(whole[3:], later.as_numpy_iterator()):
        assert _same(batch[0], expected[0]) and _same(batch[1], expected[1])
        assert wait.shape == ()
    context = tf.distribute.InputContext(1, 0, num_replicas_in_sync=2)
    halves = pipeline.training_dataset(config, context=context).take(4)
    halves = list(halves.as_numpy_iterator())
    for i, (images, labels) in enumerate(whole[:2]):
        parts = halves[2 * i : 2 * i + 2]
        assert _same(np.concatenate([part[0] for part in parts]), images)
        assert _same(np.concatenate([part[1] for part in parts]), labels)


def test_real_labels(labelled_folder):
    config = _labelled(labelled_folder, _IN_MEMORY)
    images = pipeline.real_images(config, 6)
    labels = pipeline.real_labels(config, 6)
    assert _same(images[:, 0, 0, 0], (labels * 255).astype("uint8"))
    config.data.labels = False
    assert pipeline.real_labels(config) is None


@pytest.mark.slow
def test_images_of_any_shape(tmp_path, cache_mib):
    for i in range(6):
        width, height = (16, 8) if i % 3 else (8, 16)
        pixels = np.full((height, width, 3), 10 * i, "uint8")
        pixels[:, : width // 2] += 5
        folder = tmp_path / "ab"[i % 2]
        folder.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    config = _config(tmp_path, cache_mib)
    config.data.aspect = "keep"
    config.data.labels = True
    dataset = pipeline.training_dataset(config)
    images, labels, extents = dataset.element_spec
    assert (labels.shape, extents.shape) == ((4,), (4, 2))
    whole = list(dataset.take(6).as_numpy_iterator())
    later = pipeline.training_dataset(config, start_batch=2).take(4)
    for expected, found in zip(whole[2:], later.as_numpy_iterator(), strict=True):
        for a, b in zip(expected, found, strict=True):
            assert _same(a, b)
    mirrored = set()
    for batch in whole:
        for image, label, (rows, columns) in zip(*batch):
            top, left = (16 - rows) // 2, (16 - columns) // 2
            inner = image[top : top + rows, left : left + columns, 0]
            i = inner.min() // 10
            assert (rows, columns) == ((8, 16) if i % 3 else (16, 8))
            assert label == i % 2
            assert (image == 255).sum() == 3 * 128
            mirrored.add(bool(inner[0, 0] < inner[0, -1]))
    assert mirrored == {True, False}
    context = tf.distribute.InputContext(1, 0, num_replicas_in_sync=2)
    halves = pipeline.training_dataset(config, context=context).take(2)
    parts = zip(*halves.as_numpy_iterator(), strict=True)
    for halved, expected in zip(parts, whole[0], strict=True):
        assert _same(np.concatenate(halved), expected)
    squares = pipeline.real_images(config, 5)
    extents = pipeline.real_extents(config, 5)
    shorter = (squares[:, 0, 0] == 255).all(-1)
    assert shorter.all() and _same(extents.min(1), np.full(5, 8, "int32"))
    assert len(pipeline.real_labels(config, 5)) == 5
    config.data.aspect = "crop"
    assert pipeline.real_extents(config, 5) is None
