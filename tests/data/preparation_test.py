import io
import json
import os
import pathlib
import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from inr_keras import locks
from inr_keras.data import data_report
from inr_keras.data import examination
from inr_keras.data import framing
from inr_keras.data import image_folder
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from inr_keras.data import prepared_folder
from inr_keras.data import tfds_builders
from tests.apps import running
from tests.data import fixtures
from tests.data import messy


def _open(folder):
    return image_inputs.open_input(str(folder))


def _job(resolution=16, **settings):
    form = framing.Form(
        resolution=resolution,
        levels=settings.pop("levels", ()),
        color=settings.pop("color", "rgb"),
        framing=settings.pop("framing", "center"),
    )
    return preparation.Job(form=form, **settings)


def _examples(folder):
    builder = tfds.builder_from_directory(folder)
    examples = list(builder.as_dataset(split="train").as_numpy_iterator())
    assert examples
    return examples


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return messy.write(tmp_path_factory.mktemp("images"))


def test_a_messy_folder(folder, tmp_path):
    before = running.files(folder)
    out = tmp_path / "out"
    report = preparation.prepare(_open(folder), out, _job(), title="Messy")
    named = {}
    for problem in report["problems"]:
        named.setdefault(problem["name"], {})[problem["kind"]] = problem
    for name, (kind, usable) in messy.PROBLEMS.items():
        assert named[name][kind]["left_out"] == (not usable)
    for name in messy.GOOD:
        assert name not in named
    assert report["other_files"] == list(messy.OTHERS)
    assert report["usable"] == messy.USABLE
    assert report["pictures"] == len(messy.GOOD) + len(messy.PROBLEMS)
    examples = _examples(out)
    names = [example["name"].decode() for example in examples]
    expected = {n for n, (_, usable) in messy.PROBLEMS.items() if usable}
    assert set(names) == expected | set(messy.GOOD)
    assert len(names) == messy.USABLE
    assert "label" not in examples[0]
    for example in examples:  # As training on the folder itself sees them.
        path = folder / example["name"].decode()
        direct = image_folder.decode_image(path, 16)
        np.testing.assert_array_equal(example["image"], direct, path.name)
    assert running.files(folder) == before
    assert not list(tmp_path.glob(".*"))
    assert not (out / "findings").exists()


def test_images_are_those_of_the_source(tmp_path):
    written = fixtures.write_folder(tmp_path / "in", 5)
    out = tmp_path / "out"
    preparation.prepare(_open(tmp_path / "in"), out, _job(shard_size=2))
    images = np.stack([example["image"] for example in _examples(out)])
    np.testing.assert_array_equal(images, written)
    assert len(list(out.glob("pictures-train.tfrecord-*-of-00003"))) == 3


def test_checking_alone_writes_reports_alone(folder, tmp_path):
    job = preparation.Job()
    report = preparation.check(_open(folder), tmp_path / "out", job)
    written = running.files(tmp_path / "out")
    assert set(written) == {"report.json", "report.html"}
    assert json.loads(written["report.json"]) == report
    assert report["counts"]["truncated"] == 1


def test_kinds_can_be_left_out(folder, tmp_path):
    job = _job(leave_out=("duplicate", "near_duplicate", "mode"))
    report = preparation.prepare(_open(folder), tmp_path / "out", job)
    names = {e["name"].decode() for e in _examples(tmp_path / "out")}
    assert report["usable"] == len(names)
    kinds = {kind for kind, _ in messy.PROBLEMS.values()}
    for name, (kind, usable) in messy.PROBLEMS.items():
        if kind in job.leave_out:
            assert name not in names
    assert "plain.png" in names and "good.png" in names
    assert set(job.leave_out) <= kinds


def test_levels_and_labels(tmp_path):
    for name in ("b", "a"):
        fixtures.write_folder(tmp_path / "in" / name, 2, size=32)
    out = tmp_path / "out"
    job = _job(32, levels=(8, 16), license="CC0", attribution="By us.")
    preparation.prepare(_open(tmp_path / "in"), out, job)
    builder = tfds.builder_from_directory(out)
    assert builder.info.features["label"].names == ["a", "b"]
    assert tfds_builders.license_terms(builder) == "CC0"
    assert builder.info.metadata["attribution"] == "By us."
    assert builder.info.metadata["form"]["filter"] == "lanczos"
    for example in _examples(out):
        name = builder.info.features["label"].names[example["label"]]
        assert example["name"].decode().startswith(f"{name}/")
        image = Image.fromarray(example["image"])
        for side in (8, 16):
            level = image.resize((side, side), Image.Resampling.LANCZOS)
            np.testing.assert_array_equal(example[f"image_{side}"], np.asarray(level))


@pytest.mark.parametrize("name", ["b\nc", "b ", " b", "b\r", "b\u2028c"])
def test_classes_whose_names_would_change_are_refused(tmp_path, name):
    for folder in ("a", name, "z"):
        (tmp_path / "images" / folder).mkdir(parents=True)
        image = Image.new("RGB", (16, 16), (200, len(folder), 0))
        image.save(tmp_path / "images" / folder / "1.png")
    images = _open(tmp_path / "images")
    with pytest.raises(ValueError, match="line ends.*spaces.*Received"):
        preparation.prepare(images, tmp_path / "out", _job())
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_classes_keep_their_names_and_images(tmp_path):
    names = ["a b", "c;d", "e'f", "g\\nh", "ß", "-1"]
    for number, name in enumerate(names):
        (tmp_path / "images" / name).mkdir(parents=True)
        for level in range(number + 1):
            image = Image.new("RGB", (16, 16), (40 * number, 10 * level, 0))
            image.save(tmp_path / "images" / name / f"{level}.png")
    preparation.prepare(_open(tmp_path / "images"), tmp_path / "out", _job())
    read = tfds.builder_from_directory(tmp_path / "out").info.features["label"].names
    for example in _examples(tmp_path / "out"):
        red = int(example["image"][0, 0, 0])
        assert read[example["label"]] == names[red // 40]


@pytest.mark.parametrize("color,channels", [("rgb", 3), ("grayscale", 1), ("rgba", 4)])
def test_colours(folder, tmp_path, color, channels):
    job = _job(color=color)
    preparation.prepare(_open(folder), tmp_path / "out", job)
    for example in _examples(tmp_path / "out"):
        assert example["image"].shape == (16, 16, channels)


def test_the_aspect_can_be_kept(folder, tmp_path):
    job = _job(framing="keep")
    preparation.prepare(_open(folder), tmp_path / "out", job)
    shapes = {e["name"]: e["image"].shape for e in _examples(tmp_path / "out")}
    assert shapes[b"wide.png"] == (16, 3333, 3)
    assert shapes[b"good.png"] == (16, 16, 3)


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [0, 3, 4, 9, 20])
def test_a_kill_and_a_restart_lose_nothing(folder, tmp_path, after, monkeypatch):
    job = _job(shard_size=4, leave_out=("duplicate",))
    whole = tmp_path / "whole"
    preparation.prepare(_open(folder), whole, job)
    looked_at = []
    examine = examination.examine

    def count(name, *args, **options):
        if len(looked_at) == after:
            raise _Killed
        looked_at.append(name)
        return examine(name, *args, **options)

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(examination, "examine", count)
        with pytest.raises(_Killed):
            preparation.prepare(_open(folder), out, job)
    assert os.listdir(out) == [".preparing"]
    assert not prepared_folder.is_prepared(out)
    again = []
    with monkeypatch.context() as patch:
        patch.setattr(
            examination,
            "examine",
            lambda name, *a, **o: again.append(name) or examine(name, *a, **o),
        )
        preparation.prepare(_open(folder), out, job)
    # Finished shards are not made again.
    assert len(again) == len(_open(folder)) - after // 4 * 4
    assert running.files(out) == running.files(whole)


def test_a_check_replaces_no_report_of_a_preparation(folder, tmp_path):
    for name in (".preparing", "preparation.json"):
        out = tmp_path / f"out{name}"
        (out / name).mkdir(parents=True)
        with pytest.raises(ValueError, match="`out` must be another folder"):
            preparation.check(_open(folder), out, preparation.Job())
        assert os.listdir(out) == [name]


def test_prepared_already(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    report = preparation.prepare(_open(folder), out, _job())
    before = running.files(out)
    monkeypatch.setattr(examination, "examine", None)
    assert preparation.prepare(_open(folder), out, _job()) == report
    assert running.files(out) == before


def _expect_a_preparation(folder, out):
    preparation.prepare(_open(folder), out, _job())
    assert len(_examples(out)) == 1


def test_an_empty_folder_will_do(tmp_path, monkeypatch):
    fixtures.write_folder(tmp_path / "in", 1)
    out = tmp_path / "out"
    (out / "lost+found").mkdir(parents=True)
    rename = os.replace

    def inside(old, new):  # As on a mount point.
        assert pathlib.Path(old).is_relative_to(out), old
        rename(old, new)

    monkeypatch.setattr(os, "replace", inside)
    _expect_a_preparation(tmp_path / "in", out)
    assert not list(out.glob(".*"))


def test_a_link_to_an_empty_folder_will_do(tmp_path):
    fixtures.write_folder(tmp_path / "in", 1)
    (tmp_path / "there").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "there")
    _expect_a_preparation(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out").is_symlink()


def test_a_long_name_will_do(tmp_path):
    fixtures.write_folder(tmp_path / "in", 1)
    _expect_a_preparation(tmp_path / "in", tmp_path / ("a" * 255))


@pytest.mark.parametrize("after", [0, 3, 6, 7])
def test_a_kill_while_files_move_loses_nothing(tmp_path, monkeypatch, after):
    fixtures.write_folder(tmp_path / "in", 3)
    job = _job(shard_size=2)
    whole, out = tmp_path / "whole", tmp_path / "out"
    preparation.prepare(_open(tmp_path / "in"), whole, job)
    moved = []
    rename = os.replace

    def fail(old, new):
        if pathlib.Path(new).parent == out:
            if len(moved) == after:
                raise _Killed
            moved.append(new)
        rename(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        if after < len(running.files(whole)):
            with pytest.raises(_Killed):
                preparation.prepare(_open(tmp_path / "in"), out, job)
        else:
            preparation.prepare(_open(tmp_path / "in"), out, job)
    monkeypatch.setattr(examination, "examine", None)  # All are known.
    preparation.prepare(_open(tmp_path / "in"), out, job)
    assert running.files(out) == running.files(whole)


def test_one_preparation_at_a_time(folder, tmp_path):
    with locks.locked(tmp_path / "out"):
        with pytest.raises(ValueError, match="`out` must be .* in use by process"):
            preparation.prepare(_open(folder), tmp_path / "out", _job())


def test_unfinished_ones_of_earlier_versions_go_on(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(data_report, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            preparation.prepare(_open(folder), out, _job())
    (out / ".preparing").rename(tmp_path / ".out.preparing")
    monkeypatch.setattr(examination, "examine", None)
    preparation.prepare(_open(folder), out, _job())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_folders_are_refused(folder, tmp_path):
    out = tmp_path / "out"
    preparation.prepare(_open(folder), out, _job())
    with pytest.raises(ValueError, match="other images or settings"):
        preparation.prepare(_open(folder), out, _job(resolution=8))
    with pytest.raises(ValueError, match="`out` must be a new .* other files"):
        preparation.prepare(_open(folder), folder, _job())


def test_unfinished_with_other_settings(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    images = _open(folder)

    def fail(*args, **kwargs):
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(examination, "examine", fail)
        with pytest.raises(_Killed):
            preparation.prepare(images, out, _job())
    with pytest.raises(ValueError, match="the same form.*delete .*preparing"):
        preparation.prepare(images, out, _job(resolution=8))
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "new.png").write_bytes((folder / "good.png").read_bytes())
    with pytest.raises(ValueError, match="the same images"):
        preparation.prepare(_open(other), out, _job())


def test_no_usable_image(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    rule = r"`images` must hold .* Received: 1 .* such as a.png \(empty file"
    with pytest.raises(ValueError, match=rule):
        preparation.prepare(_open(tmp_path / "in"), tmp_path / "out", _job())
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]


@pytest.mark.parametrize(
    "settings,rule",
    [
        (
            {"leave_out": ("ugly",)},
            "`leave_out` must be one of dup.*: 'ugly'",
        ),
        ({"min_side": 7}, "`min_side` must be at least 8. Received: 7"),
        ({"file_format": "zip"}, "`file_format` must be one of .*'zip'"),
        ({"shard_size": 0}, "`shard_size` must be at least 1. Received: 0"),
    ],
)
def test_wrong_settings(settings, rule):
    with pytest.raises(ValueError, match=rule):
        preparation.Job(**settings)


def test_prepared_images_are_whole_files(tmp_path):
    # Another reader than TFDS's decodes them too.
    fixtures.write_folder(tmp_path / "in", 1)
    preparation.prepare(_open(tmp_path / "in"), tmp_path / "out", _job())
    builder = tfds.builder_from_directory(tmp_path / "out")
    (example,) = builder.as_dataset(
        split="train", decoders={"image": tfds.decode.SkipDecoding()}
    ).as_numpy_iterator()
    with Image.open(io.BytesIO(example["image"])) as image:
        assert image.format == "PNG"
        np.testing.assert_array_equal(np.asarray(image), fixtures.random_image(0))
