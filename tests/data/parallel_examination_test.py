import os
import signal
import subprocess
import sys

import psutil
import pytest
from PIL import Image

from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import parallel_examination
from tests.data import fixtures
from tests.data import messy

_SLEEPER = """
import multiprocessing, time
from inr_keras.data import engines
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, engines.begin_process) as pool:
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


@pytest.mark.slow
def test_a_killed_process_is_one_error(tmp_path):
    fixtures.write_folder(tmp_path, 400)
    images = image_inputs.FolderInput(tmp_path)
    found = parallel_examination.findings(images, range(400), 2)
    next(found)
    for child in psutil.Process().children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    rule = "was killed, .* fewer `workers` need less. Finished"
    with pytest.raises(parallel_examination.WorkerKilled, match=rule):
        list(found)


_PROGRAM = """
import sys
from inr_keras.data import image_inputs, preparation
images = image_inputs.open_input(sys.argv[1])
preparation.check(images, sys.argv[2], preparation.Job(), workers=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("from_file", [True, False])
def test_programs_that_no_process_can_import(tmp_path, from_file):
    fixtures.write_folder(tmp_path / "in", 1)
    script = tmp_path / "script.py"
    script.write_text(_PROGRAM)
    done = subprocess.run(
        [sys.executable, script if from_file else "-", tmp_path / "in", tmp_path / "o"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        input="" if from_file else _PROGRAM,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    if from_file:
        assert 'works outside of `if __name__ == "__main__":`' in last
        assert done.stderr.count("Traceback") == 2  # A cause and an error.
    else:
        assert "and `workers` 1 where other processes cannot" in last
        assert done.stderr.count("Traceback") == 1


def test_large_images_go_alone():
    items = [(str(i), bytes(size)) for i, size in enumerate([1, 2**22, 1, 1])]
    chunks = [
        [name for name, _ in chunk] for chunk in parallel_examination._chunks(items)
    ]
    assert chunks == [["0", "1"], ["2", "3"]]
    small = [(str(i), b"") for i in range(40)]
    assert [len(chunk) for chunk in parallel_examination._chunks(small)] == [16, 16, 8]


def test_what_a_worker_sees_otherwise_this_process_does(tmp_path, caplog):
    fixtures.write_folder(tmp_path / "in", 4)
    equal = tmp_path / "in" / "y.bmp"
    pixels = fixtures.random_image(4, 24)
    Image.fromarray(pixels).save(equal)
    (tmp_path / "in" / "z.png").symlink_to("nowhere")  # Nobody can read it.
    images = image_inputs.FolderInput(tmp_path / "in")
    chunk = list(zip(images.names, images.to_share(range(len(images)))))
    right = parallel_examination.examine_all(chunk, {})
    # A machine that lacks the first file and has another one of the second's name.
    fixtures.write_folder(tmp_path / "other", 1, size=9)
    [image] = (tmp_path / "other").iterdir()
    missing = ({"name": images.names[0], "problems": []}, []), None
    [other] = parallel_examination.examine_all([(images.names[1], image)], {})
    # And one of equal size with other content.
    Image.fromarray(255 - pixels).save(tmp_path / "y.bmp")
    assert (tmp_path / "y.bmp").stat().st_size == equal.stat().st_size
    assert chunk[-2][1] == equal
    same_size = parallel_examination.examine_all(
        [(images.names[-2], tmp_path / "y.bmp")], {}
    )
    seen = zip(chunk, [missing, other, *right[2:-2], *same_size, right[-1]])
    caplog.set_level("WARNING")
    found = list(parallel_examination._checked(seen, {}))
    assert found == [finding for finding, _ in right]
    assert ["sha256" in f for f, _ in found] == [True] * 5 + [False]
    [line] = caplog.messages
    assert line.endswith(f"beginning with {chunk[0][1]}")
    caplog.clear()
    assert list(parallel_examination._checked(zip(chunk, right), {})) == found
    assert not caplog.messages
