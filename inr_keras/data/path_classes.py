"""Classes of images by their paths: sub-folders, or labels of StyleGAN's tool."""

import dataclasses
import json
import pathlib

from inr_keras.data import complaints

LABELS_FILE = "dataset.json"
_SPLITS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}


@dataclasses.dataclass(frozen=True)
class Classes:
    """Classes of images.

    Args:
        names: tuple of str, in the order of the labels; `()` where there are none.
        labels: list of int, for each image the index of its class.
        beside: str. Name of an image that lies outside of the class folders, in which
            case there are no classes; `""` if there is none.
    """

    names: tuple = ()
    labels: list = dataclasses.field(default_factory=list)
    beside: str = ""


def classify(names, read):
    """Finds the classes of images.

    The classes are the numbers in a `dataset.json`, or else the sub-folders of the
    deepest folder that all images share. Folders of splits, such as `train` and `val`,
    are not classes, but the folders below them are. Folders that each hold a thousand
    numbered images are not classes either.

    Args:
        names: Sequence of str. Paths of the images, with `/`.
        read: Function of such a path that returns the contents of a file, `None` where
            there is none.

    Raises:
        ValueError: `dataset.json` lacks an image.
    """
    paths = [pathlib.PurePosixPath(name) for name in names]
    folders = [path.parts[:-1] for path in paths]
    for depth in range(_shared(folders), -1, -1):
        top = pathlib.PurePosixPath(*folders[0][:depth])
        contents = read(str(top / LABELS_FILE))
        if contents is not None and (labels := _labels(contents)) is not None:
            return _numbered([str(path.relative_to(top)) for path in paths], labels)
    return _of_folders(paths, folders)


def _shared(folders):
    """Number of the parts that all folders begin with."""
    if not folders:
        return -1
    low, high = min(folders), max(folders)
    same = [a == b for a, b in zip(low, high)]
    return same.index(False) if False in same else len(same)


def _of_folders(paths, folders):
    depth = _shared(folders)
    beside = [path for path, parts in zip(paths, folders) if len(parts) == depth]
    if beside or not folders:
        is_reason = beside and (not depth or len(beside) < len(paths))
        return Classes(beside=str(beside[0]) if is_reason else "")
    found = [parts[depth] for parts in folders]
    names = sorted(set(found))
    if _SPLITS.issuperset(map(str.lower, names)):
        complaints.warn_once(
            f"The folders {', '.join(names)} are taken for splits, not for classes, "
            "and all their images are taken. Name one of them as the source to take "
            "its images alone."
        )
        below = [parts[:depth] + parts[depth + 1 :] for parts in folders]
        return _of_folders(paths, below)
    if all(map(_is_of_thousand, found, paths)):
        complaints.warn_once(
            f"The folders {names[0]} to {names[-1]} hold a thousand numbered images "
            "each, and are not taken for classes."
        )
        return Classes()
    return _named(found, names)


def _is_of_thousand(folder, path):
    """Tells whether a folder is named by the thousands of its image's number."""
    digits = "".join(filter(str.isdecimal, path.stem))
    if not (digits and folder.isdecimal() and len(folder) == 5):
        return False
    thousands = int(digits) // 1000
    return int(folder) in (thousands, 1000 * thousands)


def _labels(contents):
    """Labels by file of a `dataset.json`: `{}` without labels, `None` if unreadable."""
    try:
        labels = json.loads(contents)["labels"]
        labels = dict(labels or {})
    except (ValueError, TypeError, KeyError):
        complaints.warn_once(
            f"{LABELS_FILE} is none of StyleGAN's tool, and is not used."
        )
        return None
    if all(type(label) is int for label in labels.values()):
        return labels
    complaints.warn_once(
        f"The labels of {LABELS_FILE} are no numbers of classes, and are not used."
    )
    return {}


def _numbered(names, labels):
    if not labels:
        return Classes()
    for name in names:
        if name not in labels:
            raise ValueError(
                f"`images` must all have labels in {LABELS_FILE} where it has any. "
                f"Received: none of {name!r}"
            )
    found = [labels[name] for name in names]
    return _named(found, sorted(set(found)))


def _named(found, names):
    indices = {name: index for index, name in enumerate(names)}
    return Classes(tuple(map(str, names)), [indices[name] for name in found])
