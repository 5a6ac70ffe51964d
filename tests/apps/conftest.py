import fcntl
import json
import os
import subprocess
import types

import numpy as np
import pytest
from PIL import Image

from tests.apps.running import run_app


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A finished run of `configs/tiny.py` for all tests of all workers to read."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "trained"
    folder.mkdir(exist_ok=True)
    workdir, ended = folder / "run", folder / "ended.json"
    arguments = (
        "--config=configs/tiny.py",
        "--config.generator.blocks=1",  # Graphs of few layers are soon made.
        "--config.generator.mapping_layers=1",
        f"--config.data.cache_dir={folder / 'cache'}",
    )
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # One worker trains, the others wait.
        if not ended.exists():
            process = run_app("train", *arguments, f"--workdir={workdir}")
            ended.write_text(json.dumps(vars(process)))
    process = subprocess.CompletedProcess(**json.loads(ended.read_text()))
    return types.SimpleNamespace(process=process, workdir=workdir, arguments=arguments)


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder of eight small images."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for i in range(8):
        pixels = rng.integers(0, 256, (40, 40, 3)).astype("uint8")
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder
