import types

import numpy as np
import pytest
from PIL import Image

from tests.apps.running import run_app


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A finished run of `configs/tiny.py` for all tests to read."""
    folder = tmp_path_factory.mktemp("trained")
    arguments = (
        "--config=configs/tiny.py",
        f"--config.data.cache_dir={folder / 'cache'}",
    )
    workdir = folder / "run"
    process = run_app("train", *arguments, f"--workdir={workdir}")
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
