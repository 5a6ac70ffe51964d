import io
import os
import socket
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL import PngImagePlugin

from inr_keras.data import examination
from inr_keras.data import image_files
from inr_keras.data.complaints import UnreadableImageError
from tests.data import fixtures
from tests.data import messy


def _chunk(name, data):
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def _huge(width, height):
    """Beginning of a PNG file."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = _chunk(b"IHDR", head) + _chunk(b"IDAT", bytes(99))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + data)


def _refusal(file):
    with pytest.raises(UnreadableImageError) as caught:
        image_files.read_picture(file)
    return caught.value.kind, str(caught.value)


def test_photographs_may_be_large():
    assert _refusal(_huge(20_000, 20_000))[0] in ("truncated", "corrupt")
    for side in (23_000, 60_000):  # Pillow warns, or raises.
        kind, text = _refusal(_huge(side, side))
        assert kind == "too_large"
        assert "above 500 megapixels" in text


def test_long_texts_beside_an_image():
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "x" * 3_000_000, zip=True)
    file = io.BytesIO()
    image = messy.smooth_image(0)
    image.save(file, "PNG", pnginfo=info)
    picture = image_files.read_picture(file)
    np.testing.assert_array_equal(np.asarray(picture.image), np.asarray(image))
    assert not picture.is_plain  # It is written anew, without the text.


def _cut_second_page():
    file = io.BytesIO()
    pages = [messy.smooth_image(seed) for seed in range(2)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()[:-4000], pages[0]


def test_a_cut_second_page_is_the_same_for_all():
    contents, first = _cut_second_page()
    picture = image_files.read_picture(io.BytesIO(contents))
    np.testing.assert_array_equal(np.asarray(picture.image), np.asarray(first))
    finding, _ = examination.examine("a.tiff", contents)
    kinds = [kind for kind, _ in finding["problems"]]
    assert kinds == ["animated"]


_READER = """
import io, sys
from inr_keras.data import image_files
for path in sys.argv[1:]:
    image_files.read_picture(path).in_channels(3)
"""


def test_warnings_of_pillow_are_not_shown(tmp_path):
    (tmp_path / "pages.tiff").write_bytes(_cut_second_page()[0])
    palette = messy.smooth_image(0).quantize(8)
    palette.save(tmp_path / "palette.png", transparency=bytes(range(8)))
    image = messy.smooth_image(0)
    image.save(tmp_path / "exif.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\0" + bytes(9))
    paths = sorted(map(str, tmp_path.iterdir()))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", _READER, *paths],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "PIL" not in done.stderr


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "b.png"))
        for name in ("a.png", "b.png"):
            assert _refusal(tmp_path / name) == ("unsafe", "no regular file")
    assert _refusal("/dev/zero") == ("unsafe", "no regular file")


def test_files_that_cannot_be_opened(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    kind, text = _refusal(tmp_path / "a.png")
    assert (kind, text) == ("unreadable", "No such file or directory")


@pytest.mark.parametrize("turn", [0, 1, 6, 99])
def test_turns(turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    file = io.BytesIO()
    pixels = fixtures.random_image(0)
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    picture = image_files.read_picture(file)
    expected = np.rot90(pixels, -1) if turn == 6 else pixels
    np.testing.assert_array_equal(np.asarray(picture.image), expected)
    assert [kind for kind, _ in picture.complaints] == ["rotated"] * (turn == 6)
