import io
import os

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import image_folder
from inr_keras.data.complaints import UnreadableImageError
from tests.data import fixtures
from tests.data import messy

_GREY = np.arange(256, dtype="uint8").reshape(16, 16)


def _decode(encoded, resolution=16, **options):
    file = io.BytesIO()
    encoded.save(file, **{"format": "PNG", **options})
    file.seek(0)
    image = image_folder.decode_image(file, resolution)
    assert image.shape == (resolution, resolution, 3)
    assert image.dtype == np.uint8
    return image


def _assert_grey(image, expected, tolerance=0):
    for channel in range(3):
        error = image[..., channel].astype(int) - expected
        assert np.abs(error).max() <= tolerance


def test_rgb_of_the_right_size_is_untouched():
    pixels = fixtures.random_image(0)
    np.testing.assert_array_equal(_decode(Image.fromarray(pixels)), pixels)


def test_grey():
    _assert_grey(_decode(Image.fromarray(_GREY)), _GREY)


def test_black_and_white():
    image = _decode(Image.fromarray(_GREY).convert("1", dither=0))
    _assert_grey(image, np.where(_GREY < 128, 0, 255))


def test_palette():
    pixels = np.zeros((16, 16, 3), "uint8")
    pixels[:, 8:] = (10, 200, 30)
    encoded = Image.fromarray(pixels).quantize(4)
    assert encoded.mode == "P"
    np.testing.assert_array_equal(_decode(encoded), pixels)


def test_transparent_palette_is_laid_on_white():
    encoded = Image.new("P", (16, 16), 0)
    encoded.putpalette([200, 0, 0, 0, 0, 200])
    encoded.paste(1, (8, 0, 16, 16))
    image = _decode(encoded, transparency=0)
    assert (image[:, :8] == 255).all()
    assert (image[:, 8:] == (0, 0, 200)).all()


@pytest.mark.parametrize("alpha", [0, 51, 255])
def test_alpha_is_laid_on_white(alpha):
    image = _decode(Image.new("RGBA", (16, 16), (0, 100, 200, alpha)))
    expected = 255 + (np.array([0, 100, 200]) - 255) * alpha / 255
    assert np.abs(image - expected).max() <= 1


def test_grey_with_alpha_is_laid_on_white():
    image = _decode(Image.new("LA", (16, 16), (0, 51)))
    _assert_grey(image, 204, tolerance=1)


def test_cmyk():
    encoded = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    image = _decode(encoded, format="JPEG", quality=100)
    assert np.abs(image.astype(int) - (255, 0, 0)).max() <= 8


def test_exif_rotation():
    pixels = np.zeros((16, 16, 3), "uint8")
    pixels[:4] = 255  # A white stripe at the top.
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned clockwise.
    image = Image.fromarray(pixels)
    np.testing.assert_array_equal(_decode(image, exif=exif), np.rot90(pixels, -1))


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "TIFF", "WEBP"])
def test_first_image_of_an_animation(file_format):
    images = [Image.new("RGB", (16, 16), c) for c in ("red", "lime", "blue")]
    image = _decode(
        images[0],
        format=file_format,
        save_all=True,
        append_images=images[1:],
        lossless=True,
    )
    assert np.abs(image - np.array([255, 0, 0])).max() <= 1


def test_embedded_profiles_are_honoured():
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    image = _decode(red, icc_profile=messy.swapped_profile())
    assert np.abs(image - np.array([0, 255, 0])).max() <= 2
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 51))
    image = _decode(clear, icc_profile=messy.swapped_profile())
    assert np.abs(image - np.array([204, 255, 204])).max() <= 2


def test_cuts_the_central_square():
    pixels = np.zeros((16, 48, 3), "uint8")
    pixels[:, 16:32] = fixtures.random_image(1)
    image = Image.fromarray(pixels)
    np.testing.assert_array_equal(_decode(image), pixels[:, 16:32])
    np.testing.assert_array_equal(
        _decode(image.transpose(Image.Transpose.TRANSPOSE)),
        pixels[:, 16:32].transpose(1, 0, 2),
    )


def test_resizing_is_antialiased():
    board = np.indices((64, 64)).sum(0) % 2 * 255
    image = _decode(Image.fromarray(board.astype("uint8")), resolution=8)
    _assert_grey(image[1:-1, 1:-1], 127, tolerance=4)


def test_enlarging_keeps_the_mean():
    image = _decode(Image.new("RGB", (8, 9), (9, 99, 199)), resolution=32)
    assert (image == (9, 99, 199)).all()


def _encoded(size):
    file = io.BytesIO()
    Image.fromarray(fixtures.random_image(0, size)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "contents,reason",
    [
        (b"", "empty file"),
        (b"not an image at all", "not an image"),
        (_encoded(32)[:600], "truncated"),
        (_encoded(1), r"too small \(1x1\)"),
        (_encoded(7), r"too small \(7x7\)"),
    ],
)
def test_unreadable_files(tmp_path, contents, reason):
    path = tmp_path / "bad.png"
    path.write_bytes(contents)
    with pytest.raises(UnreadableImageError, match=reason):
        image_folder.decode_image(path, 16)


@pytest.mark.parametrize("limit", [100, 200])
def test_decompression_bomb(tmp_path, monkeypatch, limit):
    # Pillow warns above its limit and raises above twice the limit.
    fixtures.write_folder(tmp_path, 1)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    rule = "too large.*, above 0.000"
    with pytest.raises(UnreadableImageError, match=rule) as caught:
        image_folder.decode_image(tmp_path / "0000.png", 16)
    assert caught.value.kind == "too_large"


def test_missing_file(tmp_path):
    with pytest.raises(UnreadableImageError, match="No such"):
        image_folder.decode_image(tmp_path / "gone.png", 16)


def test_every_cut_of_a_file_is_an_error_or_an_image():
    contents = _encoded(16)
    for length in range(0, len(contents), 7):
        try:
            image = image_folder.decode_image(io.BytesIO(contents[:length]), 16)
        except UnreadableImageError:
            continue
        assert image.shape == (16, 16, 3)


def test_finds_images_recursively_and_sorted(tmp_path):
    names = [
        "a/x.JPEG",
        "a/y/z.Tif",
        "b.png",
        "c.avif",
        "c.heic",
        "c.jpg",
        "d.webp",
        "e.gif",
        "f.bmp",
        "g.tiff",
    ]
    for name in [*names, "notes.txt", ".hidden.png", ".git/h.png", "i.npy"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    found = image_folder.find_images(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == names


def test_folders_that_cannot_be_read_are_named(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").touch()
    scan = os.scandir

    def guarded(path):
        if str(path) == str(tmp_path / "b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with fixtures.captured_logs() as lines:
        for _ in range(2):
            assert image_folder.find_images(tmp_path) == [tmp_path / "a" / "1.png"]
    assert lines == [
        "Left out 1 folders that cannot be read, such as "
        f"{tmp_path / 'b'} (Permission denied)"
    ]


def test_channels(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (16, 16, 4), "uint8")
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    whole = image_folder.decode_image(path, 16, 4)
    np.testing.assert_array_equal(whole, pixels)
    on_white = image_folder.decode_image(path, 16)
    alpha = pixels[..., 3:] / 255.0
    expected = pixels[..., :3] * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(on_white, expected, atol=1.01)
    grey = image_folder.decode_image(path, 16, 1)
    assert grey.shape == (16, 16, 1)
    weights = [0.299, 0.587, 0.114]  # Of ITU-R BT.601, Pillow's.
    np.testing.assert_allclose(grey[..., 0], on_white @ weights, atol=1.01)
    Image.fromarray(pixels[..., :3]).save(path)
    opaque = image_folder.decode_image(path, 8, 4)
    assert (opaque[..., 3] == 255).all()


def test_a_speck_on_a_ground_of_one_colour_is_too_small():
    pixels = np.full((64, 64, 3), 255, "uint8")
    pixels[30, 40] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    with pytest.raises(UnreadableImageError, match=r"too small \(1x1\)"):
        image_folder.decode_image(file, 16, trim=True)
