"""TensorFlow's storage in memory, `ram://`, stands for a bucket."""

import threading
from concurrent import futures

import numpy as np
import pytest
import tensorflow as tf
from etils import epath
from etils.epath import gpath

from inr_keras import config as config_lib
from inr_keras import export
from inr_keras import files
from inr_keras import locks
from inr_keras import remote_paths
from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from inr_keras.data import sources
from tests.data import fixtures
from tests.rendering.generators import small_generator


@pytest.fixture(scope="module", autouse=True)
def storage():
    """Tells `epath` of a scheme that it opens by TensorFlow, as it does `gs://`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpath, "_URI_PREFIXES", (*gpath._URI_PREFIXES, "ram://"))
        patch.setattr(gpath, "_URI_SCHEMES", {*gpath._URI_SCHEMES, "ram"})
        patch.setitem(gpath._URI_MAP_ROOT, "ram://", "/ram/")
        patch.setitem(gpath._PREFIX_TO_BACKEND, "ram", None)
        epath.register_path_cls("ram://")(gpath.PosixGPath)
        yield


def prepared(folder, bucket, **settings):
    """Prepares six images of two classes and puts them into a bucket."""
    for name in ("a", "b"):
        images = fixtures.write_folder(folder / "in" / name, 3)
    size = images.shape[1]
    job = preparation.Job(form=framing.Form(resolution=size), **settings)
    preparation.prepare(image_inputs.open_input(str(folder / "in")), folder / "o", job)
    with remote_paths.uploaded(bucket, "bucket") as copy:
        copy.mkdir()
        for path in (folder / "o").iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
    return size


@pytest.mark.slow
def test_training_reads_a_prepared_set_of_a_bucket(tmp_path):
    size = prepared(tmp_path, "ram://bucket/set")
    found = []
    for place in ("ram://bucket/set", str(tmp_path / "o")):
        data = config_lib.Data(source=place, labels=True)
        found.append(sources.open_source(data, size))
    remote, local = found
    np.testing.assert_array_equal(remote.images, local.images)
    np.testing.assert_array_equal(remote.labels, local.labels)
    assert remote.classes == ("a", "b")
    assert remote.fingerprint() == local.fingerprint()


def test_what_no_bucket_can_be(tmp_path):
    size = prepared(tmp_path, "ram://bucket/array", file_format="array_record")
    for place, rule in (
        ("ram://bucket/array", "must hold files of the format tfrecord"),
        ("ram://bucket/none", "must be a folder of apps.prepare_data where"),
        ("s3://bucket/set", "must be a path that TensorFlow can open .*'s3' not"),
    ):
        with pytest.raises(ValueError, match=f"config.data.source {rule}"):
            sources.open_source(config_lib.Data(source=place), size)


@pytest.mark.slow
def test_exports_are_the_next_version_in_a_bucket():
    tf.io.gfile.makedirs("ram://models/mine/3")
    generator = small_generator()
    with remote_paths.uploaded("ram://models/mine/", "`out`") as folder:
        version = export.export(generator, folder, test=False)
        assert version.name == "4"
    model = tf.saved_model.load("ram://models/mine/4")
    latents = np.ones((1, generator.latent_dim), "float32")
    np.testing.assert_allclose(
        model.signatures["map"](latents=tf.constant(latents))["styles"][:, 0],
        generator.mapping(latents),
        atol=1e-5,
    )


def upload(path, text, meanwhile=lambda: None):
    """Uploads the folder `1` with one file."""
    with remote_paths.uploaded(path, "`out`") as folder:
        (folder / "1").mkdir(parents=True)
        (folder / "1" / "file").write_text(text)
        meanwhile()


def test_of_two_uploads_of_one_name_the_later_is_refused():
    path = "ram://uploads/mine"
    rule = f"`out` must be a folder that no other .* '{path}/1', which"
    with pytest.raises(ValueError, match=rule):
        upload(path, "later", lambda: upload(path, "first"))
    assert tf.io.gfile.listdir(f"{path}/1") == ["file"]
    assert tf.io.gfile.listdir(path) == ["1"]
    with tf.io.gfile.GFile(f"{path}/1/file") as file:
        assert file.read() == "first"


def test_two_refused_uploads_leave_nothing(monkeypatch):
    path, listdir = "ram://uploads/both", tf.io.gfile.listdir
    step = threading.Barrier(2, timeout=10)

    def together(folder):
        step.wait()
        entries = listdir(folder)
        step.wait()
        return entries

    monkeypatch.setattr(tf.io.gfile, "listdir", together)
    with futures.ThreadPoolExecutor() as pool:
        uploads = [pool.submit(upload, path, text) for text in "ab"]
        for one in uploads:
            with pytest.raises(ValueError, match="another process has begun"):
                one.result()
    assert listdir(path) == []


def test_the_claim_of_a_killed_upload_takes_its_name():
    path = "ram://uploads/killed"
    with tf.io.gfile.GFile(f"{path}/.writing_1_{'0' * 32}", "w") as file:
        file.write("")
    with remote_paths.uploaded(path, "`out`") as folder:
        assert [entry.name for entry in folder.iterdir()] == ["1"]


def test_local_folders_are_written_in_place(tmp_path):
    with remote_paths.uploaded(tmp_path, "`out`") as folder:
        assert folder == tmp_path


@pytest.mark.parametrize("path", ["gs://bucket/run", "gs:/bucket/run", "S3://x"])
def test_locks_and_files_that_are_remote_are_refused(path):
    with pytest.raises(ValueError, match="`workdir` must be on this machine"):
        with locks.locked(path, "workdir"):
            pass
    with pytest.raises(ValueError, match="`path` must be on this machine"):
        files.write_beside(path, None)


def test_what_is_remote():
    for path in ("gs://a/b", "hdfs://a", "gs:/a/b"):
        assert remote_paths.is_remote(path)
    for path in ("a/b", "/a", "tfds:mnist", "c:/a", "https://a", "tcp://a:1", None):
        assert not remote_paths.is_remote(path)
