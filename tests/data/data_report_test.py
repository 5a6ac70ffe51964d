import html.parser
import json
import re

import numpy as np
import pytest

from inr_keras.data import data_report
from inr_keras.data import examination
from inr_keras.data import image_inputs
from tests.data import fixtures
from tests.data import messy


def _summary(images, leave_out=()):
    summary = data_report.Summary(leave_out)
    contents = images.contents(range(len(images)))
    for name, item in zip(images.names, contents):
        finding, _ = examination.examine(name, item)
        summary.add(finding)
    return summary


@pytest.fixture(scope="module")
def messy_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    images = image_inputs.FolderInput(messy.write(folder / "in"))
    summary = _summary(images, ("near_uniform",))
    written = data_report.write(summary, images, folder, "<Mine & yours>")
    return folder, written


def test_counts(messy_report):
    folder, written = messy_report
    assert json.loads((folder / "report.json").read_text()) == written
    assert written["counts"]["tiny"] == 1
    assert written["counts"]["mode"] == 5  # The animated GIF has a palette.
    assert written["pictures"] == len(messy.GOOD) + len(messy.PROBLEMS)
    # One of one colour is left out by choice.
    assert written["usable"] == messy.USABLE - 1
    assert written["other_files"] == ["notes.txt"]
    left_out = {p["name"] for p in written["problems"] if p["left_out"]}
    unusable = {n for n, (_, usable) in messy.PROBLEMS.items() if not usable}
    assert left_out == {*unusable, "plain.png"}
    assert written["modes"]["CMYK"] == 1
    assert written["formats"]["GIF"] == 1


def test_the_page_names_all_and_shows_some(messy_report):
    folder, written = messy_report
    page = (folder / "report.html").read_text(encoding="utf-8")
    html.parser.HTMLParser().feed(page)
    for problem in written["problems"]:
        assert problem["name"] in page
    assert "&lt;Mine &amp; yours&gt;" in page
    assert "<Mine" not in page
    # Nothing is fetched from anywhere.
    assert set(re.findall(r"src='(data:image/\w+)", page)) == {
        "data:image/jpeg",
        "data:image/png",
    }
    assert page.count("src=") == page.count("src='data:image/")
    unreadable = sum(not usable for _, usable in messy.PROBLEMS.values())
    # An image of one pixel is too small to be shown.
    assert page.count("unreadable</div>") == unreadable


def test_statistics(tmp_path):
    written = fixtures.write_folder(tmp_path / "in", 5, size=64)
    images = image_inputs.FolderInput(tmp_path / "in")
    report = _summary(images).to_dict(images)
    values = written.reshape(-1, 3)
    np.testing.assert_allclose(report["color"]["mean"], values.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(
        report["color"]["deviation"], values.std(axis=0), atol=0.02
    )
    assert report["shorter_side"]["median"] == 64
    assert sum(report["aspect"]["counts"]) == 5
    brightness = values.reshape(5, -1).mean(axis=1)
    assert abs(report["brightness"]["max"] - brightness.max()) < 0.02


def test_classes_are_counted(tmp_path):
    for name, count in (("a", 2), ("b", 3)):
        fixtures.write_folder(tmp_path / name, count)
    images = image_inputs.FolderInput(tmp_path)
    report = _summary(images).to_dict(images)
    assert report["classes"] == {"a": 2, "b": 3}


def test_long_lists_are_cut_on_the_page_alone(tmp_path):
    for i in range(250):
        (tmp_path / f"{i:03d}.png").touch()
    (tmp_path / "999.png").write_bytes(b"")
    images = image_inputs.FolderInput(tmp_path)
    report = data_report.write(_summary(images), images, tmp_path / "out", "Empty")
    assert len(report["problems"]) == 251
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<figure>") == 24
    assert "199.png and 51 more" in page
    assert "200.png" not in page
