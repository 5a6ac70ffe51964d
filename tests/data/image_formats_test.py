import functools
import io
import pathlib

import numpy as np
import pytest
from PIL import features

from inr_keras.data import image_folder
from inr_keras.data import image_formats
from inr_keras.data.complaints import UnreadableImageError
from tests.data import messy

# The image of `messy.smooth_image(0, 16)`, written by pillow-heif.
_HEIF = pathlib.Path(__file__).parents[1] / "fixtures" / "smooth.heic"


def _damaged(brand):
    return io.BytesIO(b"\0\0\0\x20ftyp" + brand + bytes(40))


def test_suffixes():
    for name in ("a.JPG", "b.c.heic", "d.avif", "e.webp", "f.jfif", "g.jpe", "h.APNG"):
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
        with pytest.raises(UnreadableImageError, match="install pillow-heif"):
            image_folder.decode_image(_HEIF, 16)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "brand,package", [(b"avif", "pillow>=11.3"), (b"heic", "pillow-heif")]
)
def test_what_is_missing_or_damaged(monkeypatch, brand, package, known):
    monkeypatch.setattr(features, "check", lambda name: known)
    monkeypatch.setattr(image_formats, "use_heif", functools.partial(bool, known))
    error = image_formats.unidentified(_damaged(brand))
    assert (package in str(error)) != known
    assert ("damaged" in str(error)) == known
    assert error.kind == ("corrupt" if known else "unsupported")


def test_other_files():
    text = io.BytesIO(b"Dear reader, ...")
    for file in (text, _damaged(b"isom")):
        error = image_formats.unidentified(file)
        assert (str(error), error.kind) == ("not an image", "not_a_picture")
