import functools
import io
import pathlib

import numpy as np
import pytest
from PIL import features

from inr_keras.data import image_folder
from inr_keras.data import image_formats
from tests.data import messy

# The image of `messy.smooth_image(0, 16)`, written by pillow-heif.
_HEIF = pathlib.Path(__file__).parents[1] / "fixtures" / "smooth.heic"


def _damaged(brand):
    return io.BytesIO(b"\0\0\0\x20ftyp" + brand + bytes(40))


def test_suffixes():
    for name in ("a.JPG", "b.c.heic", "d.avif", "e.webp"):
        assert image_formats.has_suffix(pathlib.Path(name))
    for name in ("a.txt", "png", "b.jpg.part"):
        assert not image_formats.has_suffix(pathlib.Path(name))


@pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
def test_avif():
    file = io.BytesIO()
    original = messy.smooth_image(0, 16)
    original.save(file, "AVIF", quality=100, subsampling="4:4:4")
    image = image_folder.decode_image(file, 16)
    assert np.abs(image - np.asarray(original, int)).mean() < 4


def test_heif_or_what_it_needs():
    if image_formats.use_heif():
        image = image_folder.decode_image(_HEIF, 16)
        expected = np.asarray(messy.smooth_image(0, 16), int)
        assert np.abs(image - expected).mean() < 8
    else:
        with pytest.raises(
            image_folder.UnreadableImageError, match="install pillow-heif"
        ):
            image_folder.decode_image(_HEIF, 16)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "brand,package", [(b"avif", "pillow>=11.3"), (b"heic", "pillow-heif")]
)
def test_what_is_missing_or_damaged(monkeypatch, brand, package, known):
    monkeypatch.setattr(features, "check", lambda name: known)
    monkeypatch.setattr(image_formats, "use_heif", functools.partial(bool, known))
    reason = image_formats.why_unidentified(_damaged(brand))
    assert (package in reason) != known
    assert ("damaged" in reason) == known


def test_other_files():
    text = io.BytesIO(b"Dear reader, ...")
    assert image_formats.why_unidentified(text) == "not an image"
    assert image_formats.why_unidentified(_damaged(b"isom")) == "not an image"
