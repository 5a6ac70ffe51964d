import dataclasses
import json
import resource

import pytest
import tensorflow_datasets as tfds

from inr_keras.data import examination
from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from inr_keras.data import shard_files
from tests.data import fixtures


@pytest.fixture
def parts(tmp_path):
    fixtures.write_folder(tmp_path / "in", 5)
    images = image_inputs.open_input(str(tmp_path / "in"))
    job = preparation.Job(form=framing.Form(resolution=16), shard_size=2)
    (tmp_path / "out" / shard_files.FINDINGS).mkdir(parents=True)
    found = [
        examination.examine(name, contents, job.form)
        for name, contents in zip(images.names, images.contents(range(5)))
    ]
    return tmp_path / "out", images, job, found


def test_a_shard_counts_when_its_findings_are_there(parts):
    folder, images, job, found = parts
    shards = shard_files.ShardFiles(folder, images, job)
    for number in range(3):
        shards.add(number, *found[number], keep=True)
    names = sorted(p.name for p in folder.iterdir() if p.is_file())
    assert names == ["pictures-train.tfrecord-00000-of-00003"]
    again = shard_files.ShardFiles(folder, images, job)
    expected = json.loads(json.dumps([finding for finding, _ in found[:2]]))
    assert list(again.finished()) == expected
    (folder / shard_files.FINDINGS / "00000.json").unlink()
    again = shard_files.ShardFiles(folder, images, job)
    assert list(again.finished()) == []


@pytest.mark.parametrize("file_format", preparation.FILE_FORMATS)
def test_a_full_disk_is_one_error_and_finished_shards_stay(parts, file_format):
    folder, images, job, found = parts
    job = dataclasses.replace(job, file_format=file_format)
    shards = shard_files.ShardFiles(folder, images, job)
    for number in range(3):
        shards.add(number, *found[number], keep=True)
    whole = sorted(folder.rglob("*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(
            OSError, match=r"^`out` cannot be written: .*File too large"
        ):
            shards.add(3, *found[3], keep=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(folder.rglob("*")) == whole


@pytest.mark.parametrize("kept", [(), (0, 1), (4,), (1, 2, 3)])
def test_shards_may_lack_images(parts, kept):
    # Some shards may hold none at all.
    folder, images, job, found = parts
    shards = shard_files.ShardFiles(folder, images, job)
    for number in range(5):
        shards.add(number, *found[number], keep=number in kept)
    shards.write_metadata()
    builder = tfds.builder_from_directory(folder)
    assert builder.info.splits["train"].num_examples == len(kept)
    if kept:
        names = [
            example["name"].decode()
            for example in builder.as_dataset(split="train").as_numpy_iterator()
        ]
        assert names == [f"{number:04d}.png" for number in kept]
