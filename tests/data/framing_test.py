import io

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import framing
from tests.data import messy


def _image(height, width):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), "uint8")
    return Image.fromarray(pixels)


def _framed(image, side, chance=0.5, **settings):
    form = framing.Form(resolution=64, **settings)
    return np.asarray(framing.framed(image, side, form, chance))


@pytest.mark.parametrize("chance,left", [(0.0, 0), (0.5, 16), (0.999, 31)])
def test_squares_lie_in_the_middle_or_anywhere(chance, left):
    image = _image(64, 96)
    pixels = np.asarray(image)
    square = _framed(image, 64, chance, framing="random")
    np.testing.assert_array_equal(square, pixels[:, left : left + 64])
    middle = _framed(image, 64, chance, framing="center")
    np.testing.assert_array_equal(middle, pixels[:, 16:80])


def test_letterbox_keeps_all_of_the_image_on_black():
    image = Image.new("RGB", (80, 40), (200, 100, 50))
    pixels = _framed(image, 64, framing="letterbox")
    assert pixels.shape == (64, 64, 3)
    assert (pixels[16:48] == (200, 100, 50)).all()
    assert not pixels[:16].any() and not pixels[48:].any()


def test_letterbox_of_alpha_is_on_nothing():
    image = Image.new("RGBA", (80, 40), (200, 100, 50, 255))
    pixels = _framed(image, 64, framing="letterbox", color="rgba")
    assert (pixels[16:48, :, 3] == 255).all()
    assert not pixels[:16].any() and not pixels[48:].any()


@pytest.mark.parametrize("size", [(64, 128), (200, 100), (30, 90)])
def test_the_aspect_is_kept(size):
    pixels = _framed(_image(*size), 32, framing="keep")
    assert min(pixels.shape[:2]) == 32
    ratio = pixels.shape[0] / pixels.shape[1]
    assert abs(ratio * size[1] / size[0] - 1) < 0.02


@pytest.mark.parametrize(
    "size,expected",
    [((8, 2000), (8, 2000)), ((200, 8), (256, 10)), ((16, 40), (32, 80))],
)
def test_slim_images_do_not_become_enormous(size, expected):
    assert _framed(_image(*size), 32, framing="keep").shape[:2] == expected


def test_a_level_is_one_reduction_of_the_original():
    image = _image(128, 128)
    pixels = np.asarray(image, "float64")
    for side in (64, 32, 16):
        step = 128 // side
        # The box filter is the mean of the pixels it covers, rounded along
        # the rows and then along the columns.
        mean = pixels.reshape(side, step, side, step, 3).mean(axis=(1, 3))
        box = _framed(image, side, filter="box")
        assert np.abs(box - mean).max() <= 1.01
    twice = _framed(Image.fromarray(_framed(image, 64)), 16)
    assert (_framed(image, 16) != twice).any()


@pytest.mark.parametrize("name", framing.FILTERS)
def test_every_filter_antialiases(name):
    board = (np.indices((128, 128)).sum(0) % 2 * 255).astype("uint8")
    pixels = _framed(Image.fromarray(board), 16, filter=name)
    assert np.abs(pixels[2:-2, 2:-2].astype(int) - 127).max() <= 4


def test_invisible_colours_do_not_bleed():
    image = Image.new("RGBA", (128, 128), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 64, 128))
    pixels = _framed(image, 16, color="rgba", filter="box")
    visible = pixels[pixels[..., 3] > 0]
    assert (visible[:, :3] == (0, 0, 255)).all()


@pytest.mark.parametrize("encoding,tolerance", [("png", 0), ("jpeg", 12)])
def test_encodings(encoding, tolerance):
    image = messy.smooth_image(0)
    form = framing.Form(encoding=encoding)
    contents = framing.encoded(image, form)
    with Image.open(io.BytesIO(contents)) as decoded:
        assert decoded.format == encoding.upper()
        difference = np.asarray(decoded, int) - np.asarray(image, int)
    assert np.abs(difference).max() <= tolerance


def test_what_the_source_says_of_itself_is_not_passed_on():
    image = _image(16, 16)
    image.info["icc_profile"] = messy.swapped_profile()
    with Image.open(io.BytesIO(framing.encoded(image, framing.Form()))) as decoded:
        assert "icc_profile" not in decoded.info


def test_sides_fall():
    form = framing.Form(resolution=256, levels=(64, 128))
    assert form.sides == (256, 128, 64)


@pytest.mark.parametrize(
    "settings,rule",
    [
        (
            {"resolution": 4},
            "`resolution` must be from 8 to 16384. Received: 4",
        ),
        ({"levels": (256,)}, "`levels` must be from 8 to 255. Received: 256"),
        ({"levels": (64, 64)}, r"`levels` must differ. Received: \[64, 64\]"),
        ({"framing": "crop"}, "`framing` must be one of center, .*: 'crop'"),
        ({"color": "cmyk"}, "`color` must be one of rgb, .*: 'cmyk'"),
        ({"filter": "nearest"}, "`filter` must be one of lanczos, .*: 'nearest'"),
        ({"encoding": "gif"}, "`encoding` must be one of png, jpeg. .*: 'gif'"),
        ({"color": "rgba", "encoding": "jpeg"}, "`encoding` must be png where"),
        ({"quality": 0}, "`quality` must be from 1 to 100. Received: 0"),
    ],
)
def test_wrong_settings(settings, rule):
    with pytest.raises(ValueError, match=rule):
        framing.Form(**settings)
