import dataclasses
import functools

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras.config import Crops
from inr_keras.config import Stage
from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import pipeline
from inr_keras.data import preparation
from inr_keras.data import sources
from inr_keras.data import stage_levels
from inr_keras.training import build
from inr_keras.training import stages as stages_lib
from inr_keras.training.patches import batches
from tests.data import fixtures
from tests.training import small

# Three batches of 4 each, at 8, 16 and 32 pixels.
_STAGES = tuple(Stage(stride=stride, kimg=0.012) for stride in (4, 2, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("levels")
    for name in ("cats", "dogs"):
        fixtures.write_folder(root / "in" / name, 5, size=32)
    form = framing.Form(resolution=32, levels=(16, 8))
    job = preparation.Job(form=form)
    images = image_inputs.open_input(str(root / "in"))
    preparation.prepare(images, root / "out", job)
    return root / "out"


def _config(folder, **settings):
    config = config_lib.Experiment(
        resolution=32, patch_size=8, batch_size=4, stages=_STAGES
    )
    config.data = config_lib.Data(
        source=str(folder),
        stored_levels=settings.pop("stored_levels", True),
        cache_mib=settings.pop("cache_mib", 64),
        labels=settings.pop("labels", False),
    )
    return dataclasses.replace(config, **settings)


def _take(config, count, start=0, **options):
    found = pipeline.training_dataset(config, None, start, **options)
    return list(found.take(count).as_numpy_iterator())


@pytest.fixture(scope="module")
def levels(folder):
    """Twelve batches of one level alone, by `cache_mib` and the level's stride."""

    @functools.cache
    def made(cache_mib, stride):
        config = _config(folder, cache_mib=cache_mib, stored_levels=False)
        return _take(dataclasses.replace(config, resolution=32 // stride), 12)

    return made


@pytest.mark.slow
@pytest.mark.parametrize("cache_mib", [0, 64], ids=["stream", "memory"])
@pytest.mark.parametrize("starts, factors", [("grid", (4, 2, 1)), ("pixel", (1, 1, 1))])
def test_a_stage_sees_its_level(folder, levels, cache_mib, starts, factors):
    config = _config(folder, cache_mib=cache_mib, crops=Crops(starts=starts))
    taken = _take(config, 12)
    for number, factor in enumerate(factors):
        level = levels(cache_mib, factor)
        last = 12 if number == 2 else 3 * number + 3
        for i in range(3 * number, last):
            assert taken[i].shape == (4, 32 // factor, 32 // factor, 3)
            np.testing.assert_array_equal(taken[i], level[i])


@pytest.mark.slow
@pytest.mark.parametrize("starts", ["aligned", "pixel"])
def test_training_on_levels(folder, starts, monkeypatch, request):
    """Full images, as benchmarks have them, give the same patches, within rounding."""
    if starts == "aligned":  # One compiled change of images is enough.
        request.getfixturevalue("eagerly")
    monkeypatch.setattr(stage_levels, "_PLACES", 2)
    stages = (Stage(stride=4, kimg=0.008), *_STAGES[2:])
    config = small.small_config(stages=stages)
    data = dataclasses.replace(config.data, source=str(folder), stored_levels=True)
    crops = dataclasses.replace(config.crops, starts=starts)
    config = dataclasses.replace(config, data=data, crops=crops)
    config.validate()
    stage_levels.check(config)
    gan = build.build_gan(config)
    sides = []

    class Sides(tf.keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            sides.append(gan.resolution // gan.frame.level)

    gan.fit(
        pipeline.training_dataset(config),
        steps_per_epoch=5,
        callbacks=[stages_lib.StageCallback(stages), Sides()],
        verbose=0,
    )
    level = 8 if starts == "aligned" else 16
    assert sides == [level] * 2 + [32] * 3
    gan.set_stage(stages[0])
    draws = gan.draw(4)
    factor = gan.frame.level
    images = small.random_images()
    means = images.reshape(4, 32 // factor, factor, 32 // factor, factor, 3)
    means = np.round(means.mean((2, 4))).astype("uint8")
    patches = [
        gan.stage_losses.patches(gan.take(tf.constant(of))[0], draws)[0].pair.real
        for of in (means, images)
    ]
    # The first and last samples may lie half beyond the border.
    patches = [patch[:, 1:-1, 1:-1] for patch in patches]
    np.testing.assert_allclose(*patches, atol=0.51 / 127.5)
    with pytest.raises(ValueError, match=r"must be of shape \(batch, 32, 32, 3\)"):
        gan.take(tf.zeros((4, 24, 24, 3), "uint8"))


@pytest.mark.slow
def test_starting_later_continues(folder):
    config = _config(folder)
    whole = _take(config, 9)
    for start in (1, 5):
        later = _take(config, 9 - start, start)
        for one, other in zip(later, whole[start:], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_labels_waiting_times_and_replicas(folder):
    config = _config(folder, labels=True)
    whole = _take(config, 4)
    for (images, labels), (timed, waited) in zip(whole, _take(config, 4, timed=True)):
        np.testing.assert_array_equal(images, timed[0])
        np.testing.assert_array_equal(labels, timed[1])
        assert waited >= 0
    context = tf.distribute.InputContext(1, 0, 2)
    parts = _take(config, 8, context=context)
    for i, (images, labels) in enumerate(whole):
        for axis, expected in enumerate((images, labels)):
            halves = [parts[2 * i + j][axis] for j in range(2)]
            np.testing.assert_array_equal(np.concatenate(halves), expected)


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("kimg", [0.012, 0.01, 0.0043])
def test_batches_follow_the_stages(at_once, kimg):
    stages = tuple(dataclasses.replace(s, kimg=kimg) for s in _STAGES)
    config = _config("", stages=stages, steps_per_execution=at_once)
    begins = stage_levels.first_batches(config)
    for batch in range(40):
        begun = batch // at_once * at_once * config.batch_size
        expected = stages_lib.locate(stages, begun)
        assert sum(begin <= batch for begin in begins) - 1 == expected


def test_stages_that_need_the_full_image(folder):
    stages = (dataclasses.replace(_STAGES[0], dense_weight=1.0), *_STAGES[1:])
    config = _config(folder, stages=stages)
    assert stage_levels.strides(config) == [1, 2, 1]
    assert stage_levels.strides(_config(folder, method="patch")) == [1]
    assert stage_levels.sides(_config(folder)) == [8, 16, 32]
    assert stage_levels.sides(_config(folder, stored_levels=False)) == [32] * 3
    assert batches.spec(_config(folder), 0).shape == (4, 8, 8, 3)
    assert batches.random_item(_config(folder)).shape == (4, 32, 32, 3)


@pytest.mark.parametrize("stride, expected", [(32, 8), (12, 3), (6, 1), (2, 1)])
def test_crops_of_any_pixel_leave_places_between_samples(stride, expected):
    assert stage_levels.stride(Stage(stride), Crops(starts="pixel")) == expected
    assert stage_levels.stride(Stage(stride), Crops()) == stride


def test_folders_without_levels(folder, tmp_path):
    stage_levels.check(_config(folder))
    rule = "must hold images of 4, 16 pixels where .*which has 8, 16, 32"
    stages = (Stage(stride=8), *_STAGES[1:])
    with pytest.raises(ValueError, match=rule):
        stage_levels.check(_config(folder, stages=stages))
    fixtures.write_folder(tmp_path, 1)
    with pytest.raises(ValueError, match="openmoji or a folder of apps.prepare_data"):
        stage_levels.check(_config(tmp_path))
    stage_levels.check(_config(tmp_path, stored_levels=False))
    stage_levels.check(_config("openmoji"))
    assert sources.open_source(_config(tmp_path).data, 16).count == 1
