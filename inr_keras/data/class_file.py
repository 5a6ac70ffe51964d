"""Classes of images by a file: which images each class has."""

import json


def read(path):
    """Reads the classes of images from a JSON file.

    Args:
        path: str or path of a file with the names of the images of each class, such as
            `{"cats": ["a.png"], "dogs": ["b.png", "more/c.png"]}`.

    Returns:
        Names of the classes in the order of the file, and a dict from names of images
        to labels.

    Raises:
        ValueError: `path` cannot be read, holds something else, or has an image in two
            classes.
    """
    try:
        with open(path, encoding="utf-8") as file:
            images = json.load(file)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"`path` must be a JSON file that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error
    if not isinstance(images, dict) or not all(map(_are_names, images.values())):
        raise ValueError(
            "`path` must map names of classes to lists of names of images. "
            f"Received: {str(path)!r}"
        )
    label_of = {}
    for label, (name, members) in enumerate(images.items()):
        for image in members:
            if label_of.setdefault(image, label) != label:
                raise ValueError(
                    f"`path` must have each image in one class. Received: {image!r} "
                    f"in {name!r} and another of {str(path)!r}"
                )
    return tuple(images), label_of


def _are_names(values):
    return isinstance(values, list) and all(isinstance(v, str) for v in values)
