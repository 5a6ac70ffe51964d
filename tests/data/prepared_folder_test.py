import numpy as np
import pytest
from PIL import Image

from inr_keras import config as config_lib
from inr_keras.data import framing
from inr_keras.data import image_folder
from inr_keras.data import image_inputs
from inr_keras.data import pipeline
from inr_keras.data import preparation
from inr_keras.data import prepared_folder
from inr_keras.data import sources
from tests.data import fixtures


@pytest.fixture(scope="module", params=preparation.FILE_FORMATS)
def folder(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    for name in ("cats", "dogs"):
        fixtures.write_folder(root / "in" / name, 6, size=32)
        (root / "in" / name / "bad.png").touch()
    for i, path in enumerate(sorted((root / "in" / "dogs").glob("0*.png"))):
        Image.fromarray(fixtures.random_image(i + 6, 32)).save(path)
    images = image_inputs.open_input(str(root / "in"))
    job = preparation.Job(
        form=framing.Form(resolution=32, levels=(16,), filter="box"),
        file_format=request.param,
        shard_size=5,
        license="CC0",
        attribution="By us.",
    )
    preparation.prepare(images, root / "out", job)
    return root / "out"


def _data(folder, **settings):
    return config_lib.Data(source=str(folder), **settings)


def _originals():
    return np.stack([fixtures.random_image(i, 32) for i in range(12)])


def test_is_prepared(folder, tmp_path):
    assert prepared_folder.is_prepared(folder)
    assert not prepared_folder.is_prepared(tmp_path)
    assert not prepared_folder.is_prepared("openmoji")


def test_a_source_for_training(folder):
    source = sources.open_source(_data(folder), 32)
    assert source.count == 12
    np.testing.assert_array_equal(source.images, _originals())
    assert source.attribution == "By us. Licence: CC0"


def test_levels_are_read_instead_of_reduced(folder):
    source = sources.open_source(_data(folder), 16)
    means = _originals().reshape(12, 16, 2, 16, 2, 3).mean(axis=(2, 4))
    # Lanczos, which a folder is reduced with, is further from the mean.
    assert np.abs(source.images - means).max() <= 1.01
    source = sources.open_source(_data(folder), 64)
    assert source.images.shape == (12, 64, 64, 3)


@pytest.mark.parametrize("resolution,name", [(8, 16), (16, 16), (17, 32)])
def test_the_smallest_level_that_is_enough(folder, resolution, name):
    feature = prepared_folder.best_feature(
        prepared_folder.open_prepared(folder), resolution
    )
    assert feature == prepared_folder.level_name(name, 32)


@pytest.mark.parametrize(
    "resolution,text",
    [
        (32, "Box, antialiased, of the central square (Pillow)"),
        (16, "Box, antialiased, of the central square (Pillow)"),
        (
            24,
            "Box, antialiased, of the central square (Pillow) at 32, then "
            + image_folder.FILTER,
        ),
    ],
)
def test_the_filter_is_known(folder, resolution, text):
    assert sources.open_source(_data(folder), resolution).filter == text


@pytest.mark.slow
def test_the_filter_of_a_folder_and_of_the_same_prepared(tmp_path):
    (tmp_path / "in").mkdir()
    pixels = fixtures.random_image(0, 32)[:20]
    framing.Image.fromarray(pixels).save(tmp_path / "in" / "a.png")
    folder = sources.open_source(_data(tmp_path / "in"), 16)
    for name, settings in (
        ("same", {}),
        ("boxed", {"framing": "letterbox"}),
        ("jpeg", {"encoding": "jpeg", "quality": 80}),
    ):
        form = framing.Form(resolution=16, **settings)
        preparation.prepare(
            image_inputs.open_input(str(tmp_path / "in")),
            tmp_path / name,
            preparation.Job(form=form),
        )
        source = sources.open_source(_data(tmp_path / name), 16)
        equal = (source.images == folder.images).all()
        known = source.filter == image_folder.FILTER
        assert equal == known == (name == "same")


def test_labels(folder):
    source = sources.open_source(_data(folder, labels=True), 32)
    assert source.classes == ("cats", "dogs")
    np.testing.assert_array_equal(source.labels, [0] * 6 + [1] * 6)


@pytest.mark.parametrize("cache_mib", [0, 64], ids=["stream", "memory"])
def test_every_image_once_an_epoch(folder, cache_mib):
    data = _data(folder, cache_mib=cache_mib, flip=False)
    config = config_lib.Experiment(resolution=32, batch_size=4, data=data)
    batches = pipeline.training_dataset(config).take(9).as_numpy_iterator()
    epochs = np.concatenate(list(batches)).reshape(3, 12, -1)
    originals = {image.tobytes() for image in _originals()}
    for epoch in epochs:
        assert {image.tobytes() for image in epoch} == originals
    assert (epochs[0] != epochs[1]).any()
    later = pipeline.training_dataset(config, start_batch=4)
    later = np.concatenate(list(later.take(5).as_numpy_iterator()))
    np.testing.assert_array_equal(later.reshape(20, -1), epochs.reshape(36, -1)[16:])


def test_workers_share_an_epoch(folder):
    data = _data(folder, cache_mib=0, flip=False)
    config = config_lib.Experiment(resolution=32, batch_size=4, data=data)
    seen = []
    for worker in range(2):
        context = pipeline.tf.distribute.InputContext(2, worker, 2)
        batches = pipeline.training_dataset(config, context=context).take(3)
        seen += [p.tobytes() for b in batches.as_numpy_iterator() for p in b]
    assert sorted(seen) == sorted(p.tobytes() for p in _originals())


def test_damaged_folders(tmp_path):
    (tmp_path / "dataset_info.json").write_text("{")
    (tmp_path / "features.json").write_text("{}")
    rule = "config.data.source must be a prepared folder that TFDS can read"
    with pytest.raises(ValueError, match=rule) as error:
        sources.open_source(_data(tmp_path), 16)
    assert "\n" not in str(error.value)


def test_images_of_any_shape(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i, (width, height) in enumerate([(40, 20), (20, 20), (16, 48)]):
        image = fixtures.random_image(i, 48)[:height, :width]
        Image.fromarray(image).save(folder / f"{i}.png")
    form = framing.Form(resolution=16, framing="keep")
    images = image_inputs.open_input(str(folder))
    preparation.prepare(images, tmp_path / "out", preparation.Job(form=form))
    source = sources.open_source(_data(tmp_path / "out", aspect="keep"), 16)
    expected = [[8, 16], [16, 16], [16, 6]]
    np.testing.assert_array_equal(source.extents, expected)
    with pytest.raises(ValueError, match="config.data.channels must be 1 or 3.*rgb"):
        sources.open_source(_data(tmp_path / "out", channels=4), 16)


def test_what_was_cut_off_cannot_be_trained(folder):
    with pytest.raises(ValueError, match="config.data.aspect must be crop .*center"):
        sources.open_source(_data(folder, aspect="keep"), 16)
