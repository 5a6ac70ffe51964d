import os
import signal
import subprocess
import sys

import psutil
import pytest

from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import parallel_examination
from tests.data import messy

_SLEEPER = """
import multiprocessing, time
from inr_keras.data import parallel_examination
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, parallel_examination.begin_process) as pool:
        pool.apply(int)
        print("begun", flush=True)
        pool.apply(time.sleep, (300,))
"""


@pytest.mark.slow
def test_several_processes_find_what_one_finds(tmp_path):
    images = image_inputs.FolderInput(messy.write(tmp_path))
    numbers = range(3, len(images))
    options = {"form": framing.Form(resolution=16), "min_side": 8}
    one = list(parallel_examination.findings(images, numbers, 1, **options))
    two = list(parallel_examination.findings(images, numbers, 2, **options))
    assert one == two
    assert [f["name"] for f, _ in one] == images.names[3:]


@pytest.mark.slow
def test_processes_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "sleeper.py"
    script.write_text(_SLEEPER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment
    )
    assert parent.stdout.readline() == b"begun\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert children
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def test_large_images_go_alone():
    items = [(str(i), bytes(size)) for i, size in enumerate([1, 2**22, 1, 1])]
    chunks = [
        [name for name, _ in chunk] for chunk in parallel_examination._chunks(items)
    ]
    assert chunks == [["0", "1"], ["2", "3"]]
    small = [(str(i), b"") for i in range(40)]
    assert [len(chunk) for chunk in parallel_examination._chunks(small)] == [16, 16, 8]
