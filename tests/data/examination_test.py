import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import examination
from inr_keras.data import framing
from inr_keras.data import image_formats
from inr_keras.data.complaints import UnreadableImageError
from tests.data import fixtures
from tests.data import messy


def _contents(image, **options):
    file = io.BytesIO()
    image.save(file, **{"format": "PNG", **options})
    return file.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return messy.write(tmp_path_factory.mktemp("messy"))


# What is found by comparing images is not seen in one.
_ALONE = {
    name: expected
    for name, expected in messy.PROBLEMS.items()
    if "duplicate" not in expected[0]
}


@pytest.mark.parametrize("name", _ALONE)
def test_each_problem_is_named(folder, name):
    kind, usable = messy.PROBLEMS[name]
    contents = (folder / name).read_bytes()
    form = framing.Form(resolution=16)
    finding, forms = examination.examine(name, contents, form)
    kinds = [kind for kind, _ in finding["problems"]]
    assert kind in kinds
    assert examination.usable(finding) == usable
    assert len(forms) == usable


@pytest.mark.parametrize("name", messy.GOOD)
def test_good_images_have_no_problem(folder, name):
    contents = (folder / name).read_bytes()
    finding, _ = examination.examine(name, contents)
    assert finding["problems"] == []
    assert (finding["width"], finding["height"]) == (48, 48)


def test_statistics():
    pixels = fixtures.random_image(0, 64)
    finding, _ = examination.examine("a", _contents(Image.fromarray(pixels)))
    values = pixels.reshape(-1, 3)
    np.testing.assert_allclose(finding["mean"], values.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(finding["deviation"], values.std(axis=0), atol=0.01)
    assert (finding["mode"], finding["format"]) == ("RGB", "PNG")
    assert len(finding["sha256"]) == 64
    assert len(finding["phash"]) == 16


def test_forms_hold_the_image():
    image = messy.smooth_image(3)
    form = framing.Form(resolution=48, levels=(24,))
    _, (whole, level) = examination.examine("a", _contents(image), form)
    with Image.open(io.BytesIO(whole)) as decoded:
        np.testing.assert_array_equal(np.asarray(decoded), np.asarray(image))
    with Image.open(io.BytesIO(level)) as decoded:
        assert decoded.size == (24, 24)


@pytest.mark.parametrize("options", [{}, {"format": "JPEG"}])
def test_files_in_the_form_stay_as_they_are(options):
    contents = _contents(messy.smooth_image(3), **options)
    form = framing.Form(resolution=48, levels=(24,))
    _, (whole, level) = examination.examine("a", contents, form)
    assert whole == contents
    assert level.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "options",
    [
        {"format": "WEBP"},
        {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"},
        {"icc_profile": messy.swapped_profile()},
    ],
)
def test_other_files_are_written_anew(options):
    contents = _contents(messy.smooth_image(3), **options)
    form = framing.Form(resolution=48)
    _, (whole,) = examination.examine("a", contents, form)
    assert whole.startswith(b"\x89PNG")
    with Image.open(io.BytesIO(whole)) as decoded:
        assert not {"exif", "icc_profile"} & set(decoded.info)


@pytest.mark.parametrize(
    "color,mode", [("rgb", "RGB"), ("grayscale", "L"), ("rgba", "RGBA")]
)
def test_colours(color, mode):
    image = Image.new("RGBA", (16, 16), (255, 0, 0, 51))
    form = framing.Form(resolution=16, color=color)
    _, (contents,) = examination.examine("a", _contents(image), form)
    with Image.open(io.BytesIO(contents)) as decoded:
        assert decoded.mode == mode
        pixel = decoded.getpixel((0, 0))
    expected = {"RGB": (255, 204, 204), "L": 219, "RGBA": (255, 0, 0, 51)}
    assert np.abs(np.subtract(pixel, expected[mode])).max() <= 1


def test_random_squares_depend_on_seed_and_contents_alone():
    image = messy.smooth_image(0).resize((200, 32))
    form = framing.Form(resolution=32, framing="random")

    def square(name, seed, image=image):
        _, forms = examination.examine(name, _contents(image), form, seed=seed)
        return forms

    assert square("a", 0) == square("b", 0)
    assert len({square("a", seed)[0] for seed in range(8)}) > 4


def test_small_images_are_named(tmp_path):
    contents = _contents(messy.smooth_image(0))
    form = framing.Form(resolution=64)
    finding, _ = examination.examine("a", contents, form)
    assert finding["problems"] == [("enlarged", "48x48")]
    finding, forms = examination.examine("a", contents, form, min_side=49)
    assert finding["problems"] == [("tiny", "too small (48x48)")]
    assert not forms


@pytest.mark.parametrize("limit", [1000, 2000])
def test_too_many_pixels(monkeypatch, limit):
    # Pillow warns above its limit and raises above twice the limit.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    contents = _contents(messy.smooth_image(0))
    finding, _ = examination.examine("a", contents)
    ((kind, _),) = finding["problems"]
    assert kind == "too_large"


def test_what_could_not_be_read():
    error = UnreadableImageError("a link", "unsafe")
    finding, forms = examination.examine("a", error)
    assert finding == {"name": "a", "problems": [("unsafe", "a link")]}
    assert not forms


def test_values_that_may_be_dark_are_named():
    pixels = np.linspace(0, 4095, 256).astype("uint16").reshape(16, 16)
    finding, _ = examination.examine("a", _contents(Image.fromarray(pixels)))
    kinds = dict(map(tuple, finding["problems"]))
    assert "4095 of 65535" in kinds["value_range"]
    assert examination.usable(finding)
    assert not examination.usable(finding, ("value_range",))


@pytest.mark.parametrize("turn", [0, 1, 2, 8, 9, 99])
def test_turns_are_named_where_they_are_made(turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    contents = _contents(messy.smooth_image(0), format="JPEG", exif=exif)
    finding, _ = examination.examine("a", contents)
    kinds = [kind for kind, _ in finding["problems"]]
    assert kinds == (["rotated"] if turn in (2, 8) else [])


def test_every_cut_is_named_or_usable():
    contents = _contents(messy.smooth_image(0, 16), format="JPEG")
    for length in range(0, len(contents), 13):
        finding, _ = examination.examine("a", contents[:length])
        assert examination.usable(finding) == ("width" in finding)


@pytest.mark.parametrize("known", [False, True])
def test_what_no_program_is_there_for(monkeypatch, known):
    monkeypatch.setattr(image_formats, "use_heif", lambda: known)
    contents = b"\0\0\0\x20ftypheic" + bytes(40)
    finding, _ = examination.examine("a.heic", contents)
    [(kind, text)] = finding["problems"]
    assert kind == ("corrupt" if known else "unsupported")
    assert ("pillow-heif" in text) != known
    assert not examination.usable(finding)


def test_left_out_by_choice():
    contents = _contents(Image.new("RGB", (16, 16)))
    finding, _ = examination.examine("a", contents)
    assert examination.usable(finding)
    assert not examination.usable(finding, ("near_uniform",))


def test_workers_do_not_wait_for_tensorflow():
    code = (
        "import sys, inr_keras.data.parallel_examination; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
