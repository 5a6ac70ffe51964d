"""File that lists the images of each class."""

import json
import pathlib

# Files that are part of the package, by name.
NAMED = {"openmoji_kinds": pathlib.Path(__file__).parent / "openmoji" / "kinds.json"}


def read(path):
    """Reads the classes of images from a JSON file.

    Args:
        path: str or path of a file with the names of the images of each class, such as
            `{"cats": ["a.png"], "dogs": ["b.png", "more/c.png"]}`; or a name of
            `NAMED`.

    Returns:
        Names of the classes in the order of the file, and a dict from names of images
        to labels.

    Raises:
        ValueError: `path` cannot be read or has other contents, a class occurs twice or
            is empty, or an image is in two classes.
    """
    try:
        with open(NAMED.get(path, path), encoding="utf-8") as file:
            pairs = json.load(file, object_pairs_hook=_Pairs)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"`path` must be a JSON file that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error
    if not isinstance(pairs, _Pairs) or not all(_are_names(v) for _, v in pairs):
        raise ValueError(
            "`path` must map names of classes to lists of names of images, one or "
            f"more. Received: {str(path)!r}"
        )
    names = tuple(name for name, _ in pairs)
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"`path` must have each class once. Received: {name!r} twice in "
                f"{str(path)!r}"
            )
    label_of = {}
    for label, (name, members) in enumerate(pairs):
        for image in members:
            if label_of.setdefault(image, label) != label:
                raise ValueError(
                    f"`path` must have each image in one class. Received: {image!r} "
                    f"in {name!r} and another of {str(path)!r}"
                )
    return names, label_of


def of_images(names, label_of, images):
    """Restricts what `read` returns to some images; classes without any are dropped.

    Example:
        >>> label_of = {"1F431": 0, "1F34E": 1, "1F436": 2}
        >>> of_images(("cats", "fruit", "dogs"), label_of, ["1F34E", "1F436"])
        (('fruit', 'dogs'), {'1F34E': 0, '1F436': 1})
    """
    kept = {image: label_of[image] for image in images if image in label_of}
    labels = sorted(set(kept.values()))
    return (
        tuple(names[label] for label in labels),
        {image: labels.index(label) for image, label in kept.items()},
    )


class _Pairs(list):
    """Names and values of a JSON object, in which a name may come twice."""


def _are_names(values):
    is_list = isinstance(values, list) and not isinstance(values, _Pairs)
    return is_list and bool(values) and all(isinstance(v, str) for v in values)
