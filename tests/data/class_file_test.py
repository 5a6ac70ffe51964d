import json

import pytest

from inr_keras.data import class_file


def _written(folder, text):
    path = folder / "classes.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_and_labels(tmp_path):
    text = json.dumps({"кот": ["b.png", "a/c.png"], "dogs": ["d.png"]})
    names, label_of = class_file.read(_written(tmp_path, text))
    assert names == ("кот", "dogs")
    assert label_of == {"b.png": 0, "a/c.png": 0, "d.png": 1}


def test_a_file_of_the_package():
    names, label_of = class_file.read("openmoji_kinds")
    assert names[label_of["1F600"]] == "happy_smileys"


@pytest.mark.parametrize(
    "text,rule",
    [
        ("{", "a JSON file that can be read"),
        ('["a.png"]', "map names of classes to lists"),
        ('{"a": "a.png"}', "map names of classes to lists"),
        ('{"a": ["a.png", 3]}', "map names of classes to lists"),
        ('{"a": []}', "lists of names of images, one or more"),
        ('{"a": {"b": "c"}}', "map names of classes to lists"),
        ('{"a": ["1.png"], "a": ["2.png"]}', "class once. Received: 'a' twice"),
        ('{"a": ["1.png"], "b": ["1.png"]}', "one class. Received: '1.png' in 'b'"),
    ],
)
def test_errors(tmp_path, text, rule):
    with pytest.raises(ValueError, match=rule) as error:
        class_file.read(_written(tmp_path, text))
    assert str(error.value).startswith("`path` must")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="can be read .*No such file"):
        class_file.read(tmp_path / "none.json")
