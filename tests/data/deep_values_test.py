import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL import TiffImagePlugin

from inr_keras.data import image_files
from inr_keras.data.complaints import UnreadableImageError

_GREY = np.arange(256, dtype="uint8").reshape(16, 16)
_DEEP = np.rint(np.linspace(0, 4095, 256)).astype("uint16").reshape(16, 16)


def _tiff(pixels, **tags):
    """TIFF file of an array; tags by their names."""
    numbers = {"maximum": 281, "lowest": 340, "highest": 341, "inverted": 262}
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    file = io.BytesIO()
    for name, value in tags.items():
        directory[numbers[name]] = value
    Image.fromarray(pixels).save(file, "TIFF", tiffinfo=directory)
    file.seek(0)
    return file


def _png(pixels, significant=0):
    """PNG file of an array, with a chunk sBIT."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    contents = file.getvalue()
    if significant:
        chunk = b"sBIT" + bytes([significant])
        chunk = struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk))
        contents = contents[:33] + chunk + contents[33:]
    return io.BytesIO(contents)


def _tiff_of_12_bits(values):
    """TIFF file whose values take 12 bits each."""
    pairs = values.reshape(-1, 2).astype("uint32")
    packed = np.stack(
        [
            pairs[:, 0] >> 4,
            (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8,
            pairs[:, 1] & 255,
        ],
        axis=1,
    )
    data = packed.astype("uint8").tobytes()
    height, width = values.shape
    entries = [
        (256, 3, width),
        (257, 3, height),
        (258, 3, 12),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 3, height),
        (279, 4, len(data)),
    ]
    directory = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries
    )
    head = b"II*\0" + struct.pack("<I", 8 + len(data))
    end = struct.pack("<H", len(entries)) + directory + bytes(4)
    return io.BytesIO(head + data + end)


def _read(file):
    """Grey pixels of a file, and the complaint about its values."""
    picture = image_files.read_picture(file)
    complaints = dict(picture.complaints)
    return np.asarray(picture.in_channels(1)), complaints.get("value_range", "")


def _assert_grey(file, tolerance=0):
    pixels, complaint = _read(file)
    assert np.abs(pixels.astype(int) - _GREY).max() <= tolerance
    assert not complaint


@pytest.mark.parametrize("write", [_png, _tiff])
def test_16_bits(write):
    _assert_grey(write(_GREY.astype("uint16") * 257))


@pytest.mark.parametrize("factor", [1, 257])
def test_fewer_bits_in_32(factor):
    _assert_grey(_tiff(_GREY.astype("int32") * factor))


def test_32_bits():
    signed = _tiff((_GREY.astype("uint32") * 16843009).view("int32"))
    tag = b"\x53\x01\x03\x00\x01\x00\x00\x00"
    assert tag + b"\x02" in signed.getvalue()  # Pillow writes signed numbers.
    contents = signed.getvalue().replace(tag + b"\x02", tag + b"\x01")
    _assert_grey(io.BytesIO(contents))


@pytest.mark.parametrize("top", [1.0, 255.0])
@pytest.mark.parametrize("overshoot", [1.0, 1.05])
def test_floats_and_a_little_beyond(top, overshoot):
    pixels = (_GREY / 255 * top).astype("float32")
    pixels[0, 0], pixels[-1, -1] = top - overshoot * top, overshoot * top
    _assert_grey(_tiff(pixels))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_values_that_are_not_finite_are_refused(value):
    pixels = (_GREY / 255).astype("float32")
    pixels[3, 4] = value
    with pytest.raises(UnreadableImageError, match="finite") as caught:
        _read(_tiff(pixels))
    assert caught.value.kind == "values"


@pytest.mark.parametrize(
    "pixels",
    [_GREY.astype("int32") * 4 - 5, _GREY.astype("float32") / 127.5 - 1],
    ids=["integers", "floats"],
)
def test_negative_values_are_refused_where_black_is_not_stated(pixels):
    rule = f"values from {pixels.min():g} to .*the file does not say"
    with pytest.raises(UnreadableImageError, match=rule) as caught:
        _read(_tiff(pixels))
    assert caught.value.kind == "values"
    low, high = pixels.min().item(), pixels.max().item()
    _assert_grey(_tiff(pixels, lowest=low, highest=high))


def test_12_bits_in_16_that_the_file_states():
    _assert_grey(_tiff_of_12_bits(_DEEP))
    _assert_grey(_tiff(_DEEP, highest=4095))
    _assert_grey(_tiff(_DEEP, maximum=4095))
    _assert_grey(_png(_DEEP, significant=12))
    # Scaled to 16 bits, as the format asks for: a dark one stays so.
    _assert_grey(_png(_DEEP << 4 | _DEEP >> 8, significant=12))
    pixels, complaint = _read(_png(_DEEP // 16 << 4, significant=12))
    assert pixels.max() == 16
    assert not complaint


@pytest.mark.parametrize(
    "file",
    [
        _png(_DEEP),
        _tiff(_DEEP),
        _tiff(_DEEP, maximum=4000),  # The largest value, or no one knows what.
        _tiff(_DEEP, highest=4000),  # Wrong.
    ],
    ids=["png", "tiff", "maximum", "wrong"],
)
def test_12_bits_in_16_that_no_one_states_are_named(file):
    pixels, complaint = _read(file)
    assert pixels.max() == 16
    assert complaint == ("brightest value 4095 of 65535, which the file does not state")


def test_colours_of_12_bits_in_16_are_named():
    rows = np.repeat(_DEEP.astype(">u2"), 3, axis=1)
    scanlines = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(scanlines))
    contents = b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")
    _, complaint = _read(io.BytesIO(contents))
    assert "brightest value 15 of 255" in complaint


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_black_and_white_exchanged(dtype):
    # Pillow does so for 8 bits.
    factor = 257 if dtype == "uint16" else 1
    file = _tiff((255 - _GREY).astype(dtype) * factor)
    tag = b"\x06\x01\x03\x00\x01\x00\x00\x00"
    assert tag + b"\x01" in file.getvalue()
    _assert_grey(io.BytesIO(file.getvalue().replace(tag + b"\x01", tag + b"\x00")))
