import concurrent.futures

import psutil
import pytest

from inr_keras import quiet_imports
from inr_keras.data import engines
from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import parallel_examination
from inr_keras.data import preparation
from tests.apps import running
from tests.data import fixtures
from tests.data import messy


@pytest.fixture
def distributed():
    return pytest.importorskip("distributed", reason="needs the extra `dask`")


def kill_worker():
    """Kills one of the processes that this one has started to share the work."""
    children = psutil.Process().children()
    workers = [c for c in children if "spawn_main" in " ".join(c.cmdline())]
    workers[0].kill()


@pytest.mark.slow
def test_dask_prepares_the_same_bytes_though_a_worker_is_killed(distributed, tmp_path):
    messy.write(tmp_path / "in" / "a")
    fixtures.write_folder(tmp_path / "in" / "b", 80, size=40)
    images = image_inputs.open_input(str(tmp_path / "in"))
    job = preparation.Job(
        form=framing.Form(resolution=16, levels=(8,)),
        leave_out=("duplicate", "near_duplicate"),
        shard_size=10,
    )
    preparation.prepare(images, tmp_path / "one", job)
    killed = []

    def progress(done, before, total):
        if done == 20:
            killed.append(kill_worker())

    preparation.prepare(images, tmp_path / "two", job, 2, progress, engine=engines.DASK)
    assert killed
    assert running.files(tmp_path / "two") == running.files(tmp_path / "one")


@pytest.mark.slow
def test_a_scheduler_that_is_lost_is_one_error(distributed, tmp_path, monkeypatch):
    fixtures.write_folder(tmp_path, 200)
    images = image_inputs.FolderInput(tmp_path)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        engines.check(address, 0)
        with monkeypatch.context() as patch:
            patch.setattr("inr_keras.__version__", "9.9")
            with pytest.raises(ValueError, match="whose workers have inr_keras 9.9"):
                engines.check(address, 0)
        found = parallel_examination.findings(images, range(200), 0, address)
        assert next(found)[0]["name"] == images.names[0]
    with pytest.raises(parallel_examination.WorkerKilled, match="Finished images"):
        list(found)


def test_an_error_of_a_lost_executor_is_its_loss():
    future = concurrent.futures.Future()
    future.set_exception(ValueError("too many values to unpack"))
    with pytest.raises(concurrent.futures.BrokenExecutor):
        engines.result(future, lambda: False)
    with pytest.raises(ValueError, match="too many values"):
        engines.result(future, lambda: True)


def test_engines_that_cannot_begin(monkeypatch):
    with pytest.raises(ValueError, match="`engine` must be processes, dask or the"):
        engines.check("beam", 2)
    for engine, workers in ((engines.DASK, 0), ("tcp://127.0.0.1:1", -1)):
        with pytest.raises(ValueError, match=f"`workers` must be .*: {workers}"):
            engines.check(engine, workers)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    command = r"pip install 'dask\[distributed\]' .extra: dask."
    with pytest.raises(quiet_imports.UnfitEnvironment, match=command):
        engines.check("dask", 2)


def test_a_scheduler_that_is_not_there(distributed, monkeypatch):
    monkeypatch.setattr(engines, "_PATIENCE", 0.1)
    for address in ("tcp://127.0.0.1:1", "tls://127.0.0.1:1"):  # No certificates.
        with pytest.raises(ValueError, match=f"`engine` must be .* runs.*{address}'"):
            engines.check(address, 2)
