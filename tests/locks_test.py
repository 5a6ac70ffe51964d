import contextlib
import errno
import fcntl
import json
import os
import subprocess
import sys
import threading
from unittest import mock

import psutil
import pytest

from inr_keras import locks
from inr_keras import processes

_HOLDER = """
import sys, time
from inr_keras import locks
with locks.locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(300)
"""
_RULE = "`folder` must be a folder that no other process writes to.*in use by process"


@contextlib.contextmanager
def _other_process(folder, *before):
    """Lets another process hold the lock, and kills it at the end."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", _HOLDER, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.stdout.readline() == b"held\n"
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        for child in children:
            child.kill()
        psutil.wait_procs(children)
        process.kill()
        process.wait()
        process.stdout.close()


def _is_free(folder):
    try:
        with locks.locked(folder):
            holder = json.loads((folder / locks.FILE).read_text(encoding="utf-8"))
            assert holder["name"] == processes.own_name()
    except ValueError as error:
        assert "in use by process" in str(error)
        return False
    assert not (folder / locks.FILE).exists()
    return True


def test_a_folder_has_one_holder(tmp_path):
    with locks.locked(tmp_path):
        rule = rf"{_RULE} {os.getpid()} of .+ since \d{{4}}-"
        with pytest.raises(ValueError, match=rule):
            with locks.locked(tmp_path):
                pass
    assert _is_free(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("before", [(), ("unshare", "-rpf", "--mount-proc")])
def test_a_killed_holder_is_followed_at_once(tmp_path, before):
    with _other_process(tmp_path, *before) as is_held:
        if before and not is_held:
            pytest.skip("no namespaces may be made here")
        assert not _is_free(tmp_path)
    assert (tmp_path / locks.FILE).exists()
    with mock.patch.object(locks, "_is_renewed", side_effect=AssertionError):
        assert _is_free(tmp_path)


def _leave(folder, name):
    """Leaves the file of a holder that has no lock of the operating system."""
    holder = {**locks._self(), "name": name}
    (folder / locks.FILE).write_text(json.dumps(holder), encoding="utf-8")


@contextlib.contextmanager
def _renewed(path):
    ended = threading.Event()

    def renew():
        time = 1
        while not ended.wait(0.01):
            os.utime(path, (time, time := time + 1))

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("has_locks", [True, False])
def test_holders_on_other_machines_are_watched(tmp_path, monkeypatch, has_locks):
    monkeypatch.setattr(locks, "PATIENCE", 0.5)
    if not has_locks:
        error = OSError(errno.ENOLCK, "No locks available")
        monkeypatch.setattr(fcntl, "flock", mock.Mock(side_effect=error))
    _leave(tmp_path, f"{'0' * 12}-1-1-1")
    with _renewed(tmp_path / locks.FILE):
        assert not _is_free(tmp_path)
    assert _is_free(tmp_path)


def test_processes_are_asked_for_where_there_are_no_locks(tmp_path, monkeypatch):
    error = OSError(errno.ENOTSUP, "Operation not supported")
    monkeypatch.setattr(fcntl, "flock", mock.Mock(side_effect=error))
    *place, number, start = processes.own_name().split("-")
    _leave(tmp_path, "-".join([*place, number, start]))
    assert not _is_free(tmp_path)
    _leave(tmp_path, "-".join([*place, number, str(int(start) - 60)]))
    assert _is_free(tmp_path)


def test_holders_renew_their_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "BEAT", 0.01)
    monkeypatch.setattr(locks, "PATIENCE", 60.0)
    with locks.locked(tmp_path):
        os.utime(tmp_path / locks.FILE, (1, 1))
        with mock.patch("time.sleep", lambda _: threading.Event().wait(0.5)):
            assert locks._is_renewed(tmp_path / locks.FILE)


def test_a_half_written_lock_is_taken_over(tmp_path):
    (tmp_path / locks.FILE).write_text('{"name": "4f')
    assert _is_free(tmp_path)


def test_what_was_made_and_stays_empty_goes(tmp_path):
    assert _is_free(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())
    with locks.locked(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "c").write_text("x")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b", "c"]
