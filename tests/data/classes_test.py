import json
import pathlib

import numpy as np
import pytest

from inr_keras import config as config_lib
from inr_keras.data import classes
from inr_keras.data import sources
from inr_keras.data.openmoji import groups
from tests.data import fixtures


def _data(source, **settings):
    settings = {"labels": True, **settings}
    return config_lib.Data(source=str(source), **settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images of two classes, one of them in two folders."""
    folder = tmp_path_factory.mktemp("classes")
    fixtures.write_folder(folder / "wolves", 2)
    fixtures.write_folder(folder / "bears" / "brown", 2)
    fixtures.write_folder(folder / "bears" / "white", 1)
    (folder / "empty").mkdir()
    return folder


def test_sub_folders(folder):
    assert classes.class_names(_data(folder)) == ("bears", "wolves")
    given = _data(folder, classes=("bears", "wolves"))
    assert classes.class_names(given) == ("bears", "wolves")


def test_groups_of_openmoji():
    data = _data("openmoji", groups=("animals", "faces"))
    assert classes.class_names(data) == ("faces", "animals")
    assert classes.class_names(_data("openmoji")) == groups.GROUPS


def test_settings_get_the_names(folder):
    config = config_lib.Experiment(data=_data(folder))
    found = classes.with_classes(config)
    assert found.data.classes == ("bears", "wolves")
    assert config.data.classes == ()
    assert classes.with_classes(found) == found
    config.data.labels = False
    assert classes.with_classes(config) == config


def test_the_class_of_an_image(folder):
    paths = [folder / "bears" / "brown" / "0.png", folder / "wolves" / "1.png"]
    found = classes.folder_classes(folder, paths)
    assert [found.names[label] for label in found.labels] == ["bears", "wolves"]


def test_numbers_of_a_dataset_json(tmp_path):
    fixtures.write_folder(tmp_path / "00000", 3)
    names = [f"00000/{number:04d}.png" for number in range(3)]
    text = json.dumps({"labels": [*zip(names, (10, 2, 10))]})
    (tmp_path / "dataset.json").write_text(text)
    data = _data(tmp_path)
    assert classes.class_names(data) == ("2", "10")
    source = sources.open_source(data, 16)
    assert source.labels.tolist() == [1, 0, 1]
    (tmp_path / "dataset.json").write_text(text.replace("0001", "0009"))
    rule = "config.data.source must all have labels in dataset.json"
    with pytest.raises(ValueError, match=rule):
        classes.class_names(data)


def test_a_class_file(folder, tmp_path):
    path = tmp_path / "classes.json"
    path.write_text(
        '{"dark": ["wolves/0000.png", "bears/brown/0001.png"],'
        ' "pale": ["bears/white/0000.png"]}'
    )
    data = _data(folder, class_file=str(path))
    assert classes.class_names(data) == ("dark", "pale")
    source = sources.open_source(data, 16)
    assert source.labels.tolist() == [0, 1, 0]
    assert source.names == [
        "bears/brown/0001.png",
        "bears/white/0000.png",
        "wolves/0000.png",
    ]
    # Each image comes as often as others, whatever lies between them.
    assert source.count == 3 and not source.skipped
    labels = [label for _, label in source.stream(0).take(300).as_numpy_iterator()]
    assert np.bincount(labels).tolist() == [200, 100]
    path.write_text('{"dark": ["wolves/0000.png"], "pale": ["bear", "cat"]}')
    with pytest.raises(ValueError, match="alone, such as .*: 'bear' and 1 more"):
        sources.open_source(data, 16)


def test_a_class_file_of_openmoji(tmp_path):
    path = tmp_path / "classes.json"
    path.write_text('{"snow": ["2603", "2744"], "storms": ["1F300"]}')
    data = _data("openmoji", groups=("nature",), class_file=str(path))
    source = sources.open_source(data, 16)
    assert source.labels.tolist() == [1, 0, 0]
    assert source.count == 3
    assert source.names == ["1F300", "2603", "2744"]
    labels = [label for _, label in source.stream(0).take(30).as_numpy_iterator()]
    assert np.bincount(labels).tolist() == [20, 10]
    whole = sources.open_source(_data("openmoji", groups=("nature",), labels=False), 16)
    assert (source.images[0] == whole.images[0]).all()  # 1F300 is the first.


def test_the_packages_class_file_of_any_groups():
    for kept, count, first, last in (
        (("faces", "people", "animals"), 20, "happy_smileys", "portraits"),
        (("food",), 4, "fruit", "dishes"),
        (("flags", "faces"), 7, "happy_smileys", "flags"),
        ((), 28, "happy_smileys", "sky"),
    ):
        data = _data("openmoji", groups=kept, class_file="openmoji_kinds")
        names, label_of = classes.read_classes(data)
        assert (len(names), names[0], names[-1]) == (count, first, last)
        assert sorted(set(label_of.values())) == list(range(count))
    source = sources.open_source(
        _data("openmoji", groups=("food",), class_file="openmoji_kinds"), 16
    )
    assert names[label_of["1F34E"]] == "fruit"
    assert source.labels[source.names.index("1F34E")] == 0


@pytest.mark.parametrize(
    "source,settings,rule",
    [
        ("{}", {"classes": ("bears", "cats")}, r"source \(bears, wolves\)"),
        ("{}/bears/brown", {}, "sub-folder .* with 0000.png beside them"),
        ("{}/none", {}, "openmoji, tfds:NAME or an existing folder"),
        ("openmoji", {"class_file": "none.json"}, "class_file must be a JSON file"),
        ("tfds:mnist", {"class_file": "a.json"}, "source must be openmoji or a folder"),
        ("{}", {"class_file": "openmoji_kinds"}, "source must be openmoji, whose"),
        ("openmoji", {"groups": ("faces",)}, "two classes .* has faces"),
        ("openmoji", {"groups": ("faces",)}, "data.groups must have two classes"),
        (
            "openmoji",
            {"groups": ("objects",), "class_file": "openmoji_kinds"},
            "class_file must have two classes .* has none",
        ),
        ("openmoji", {"groups": ("beasts",)}, "groups must be among"),
    ],
)
def test_errors(folder, source, settings, rule):
    with pytest.raises(ValueError, match=rule) as error:
        classes.class_names(_data(source.format(folder), **settings))
    assert str(error.value).startswith("config.data.")
    assert "Received: " in str(error.value)
    assert "\n" not in str(error.value)


def test_images_beside_sub_folders(tmp_path):
    fixtures.write_folder(tmp_path, 1)
    fixtures.write_folder(pathlib.Path(tmp_path, "a"), 1)
    with pytest.raises(ValueError, match="with 0000.png beside them"):
        classes.class_names(_data(tmp_path))
