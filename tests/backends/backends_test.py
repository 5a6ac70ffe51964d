"""Layers, models and losses compute the same on every backend of Keras."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from tests import imports_test
from tests import testing
from tests.backends import cases


def python_with(package):
    """Path of a Python that has a package: that of `make backends`, or this one."""
    own = imports_test.ROOT / ".venv-backends"
    if any(own.glob(f"lib/python*/site-packages/{package}")):
        return str(own / "bin" / "python")
    return sys.executable if importlib.util.find_spec(package) else None


def assert_close(actual, expected, name):
    """Whole arrays agree to 1e-4 of their largest value."""
    error = np.max(np.abs(actual - expected), initial=0.0)
    assert error <= 1e-4 * max(1.0, np.max(np.abs(expected), initial=0.0)), name


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_numbers(backend, tmp_path):
    python = python_with(backend)
    if python is None:
        pytest.skip(f"{backend} is not installed: make backends brings JAX")
    expected = cases.results()
    np.savez(tmp_path / "weights.npz", **expected)
    done = subprocess.run(
        [python, "-m", "tests.backends.cases", "weights.npz", "outputs.npz"],
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        | {"PYTHONPATH": str(imports_test.ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == backend
    with np.load(tmp_path / "outputs.npz") as arrays:
        assert set(arrays) == set(expected)
        for name, value in expected.items():
            assert_close(arrays[name], value, name)
            if name.startswith("golden/"):
                assert_close(arrays[name], expected[f"expected/{name[7:]}"], name)
            if name.endswith("/losses") and value.size:
                assert value[1] < value[0], name


def test_what_needs_tensorflow_says_so():
    python = python_with("jax")
    if python is None:
        pytest.skip("jax is not installed: make backends brings it")
    names = ("INRGAN", "picture_batches", "generate", "Renderer")
    program = f"""
import inr_keras
for name in {names}:
    try:
        getattr(inr_keras, name)
    except Exception as error:
        print(name, type(error).__name__, error)
"""
    done = subprocess.run(
        [python, "-c", program],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=imports_test.ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    for name, line in zip(names, done.stdout.splitlines(), strict=True):
        assert line.startswith(f"{name} UnfitEnvironment inr_keras needs Keras on Tens")
        assert line.endswith("'jax'")


class CasesTest(testing.TestCase):
    def test_golden_numbers(self):
        for name, (value, expected) in cases.golden().items():
            assert_close(testing.to_numpy(value), expected, name)
