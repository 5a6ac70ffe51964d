import json

import pytest

from inr_keras.data import complaints
from inr_keras.data import path_classes
from tests.data import fixtures


@pytest.fixture(autouse=True)
def warnings_anew():
    complaints.warn_once.cache_clear()


def _classify(names, **files):
    contents = {name.replace("_", "/") + ".json": text for name, text in files.items()}
    with fixtures.captured_logs() as lines:
        found = path_classes.classify(names, contents.get)
    labels = [found.names[label] for label in found.labels]
    return found.names, labels, lines


@pytest.mark.parametrize(
    "names,classes",
    [
        ([], ()),
        (["1.png", "2.png"], ()),
        (["a/1.png", "a/2.png"], ()),
        (["a/1.png", "b/2.png", "3.png"], ()),
        (["x/y/b/1.png", "x/y/a/2.png"], ("a", "b")),
        (["a/x/1.png", "a/y/1.png", "b/1.png"], ("a", "b")),
        (["猫/1.png", "кот/2.png"], ("кот", "猫")),
        (["00012/1.png", "00345/2.png"], ("00012", "00345")),
    ],
)
def test_sub_folders(names, classes):
    assert _classify(names)[0] == classes
    assert not _classify(names)[2]


def test_images_beside_folders_are_named():
    found = path_classes.classify(["a/1.png", "b/2.png", "3.png"], {}.get)
    assert found == path_classes.Classes(beside="3.png")
    assert path_classes.classify(["a/1.png"], {}.get).beside == ""


def test_splits_are_no_classes():
    names = ["x/train/cat/1.png", "x/train/dog/2.png", "x/Val/cat/1.png"]
    classes, labels, lines = _classify(names)
    assert classes == ("cat", "dog")
    assert labels == ["cat", "dog", "cat"]
    [line] = lines
    assert "The folders Val, train are taken for splits, not for classes" in line
    classes, _, lines = _classify(["train/1.png", "test/2.png"])
    assert classes == ()
    assert "train are taken for splits" in lines[0]
    assert _classify(["train/1.png", "cat/2.png"])[0] == ("cat", "train")


@pytest.mark.parametrize(
    "names",
    [
        ["00000/img00000007.png", "00001/img00001999.png"],
        ["00000/00123.png", "69000/69999.png"],  # As the faces of FFHQ are.
    ],
)
def test_folders_of_thousands_are_no_classes(names):
    classes, _, lines = _classify(names)
    assert classes == ()
    assert f"The folders {names[0][:5]} to {names[1][:5]} hold a thousand" in lines[0]


_NAMES = ["00000/img00000000.png", "00000/img00000001.png", "00001/img00001000.png"]


def _dataset(*labels):
    return json.dumps({"labels": [*map(list, zip(_NAMES, labels))]})


def test_numbers_of_a_dataset_json():
    classes, labels, lines = _classify(_NAMES, dataset=_dataset(10, 2, 10))
    assert classes == ("2", "10")
    assert labels == ["10", "2", "10"]
    assert not lines
    inside = [f"faces/{name}" for name in _NAMES]
    assert _classify(inside, faces_dataset=_dataset(10, 2, 10))[:2] == (classes, labels)


@pytest.mark.parametrize("labels", [None, []])
def test_a_dataset_json_without_labels(labels):
    text = json.dumps({"labels": labels})
    assert _classify(_NAMES, dataset=text) == ((), [], [])


def test_labels_that_are_no_numbers():
    classes, _, lines = _classify(_NAMES, dataset=_dataset([0.5, 1], [1, 0], [0, 0]))
    assert classes == ()
    assert lines == [
        "The labels of dataset.json are no numbers of classes, and are not used."
    ]


@pytest.mark.parametrize("text", ["{", "[1]", '{"name": "mine"}', '{"labels": 3}'])
def test_other_files_of_that_name(text):
    classes, _, lines = _classify(["a/1.png", "b/2.png"], dataset=text)
    assert classes == ("a", "b")
    assert lines == ["dataset.json is none of StyleGAN's tool, and is not used."]


def test_an_image_without_a_label():
    rule = "`images` must all have labels in dataset.json.*: none of '00001/img0"
    with pytest.raises(ValueError, match=rule):
        _classify(_NAMES, dataset=_dataset(1, 2))
