"""Class names of image sources, and the class of each image of a folder."""

import pathlib

from inr_keras import config as config_lib
from inr_keras.data import class_file
from inr_keras.data import image_folder
from inr_keras.data import path_classes
from inr_keras.data import prepared_folder
from inr_keras.naming import renaming

TFDS_PREFIX = "tfds:"


def with_classes(config):
    """Returns settings with the names of their source's classes.

    Settings without `data.labels` are returned unchanged.
    """
    if not config.data.labels:
        return config
    names = class_names(config.data)
    return config_lib.changed(config, {"data.classes": names})


def class_names(data: config_lib.Data) -> tuple[str, ...]:
    """Names of a source's classes, in the order of their labels.

    They come from `data.class_file` if it is set. Otherwise they are the groups of
    OpenMoji, the label names of a TFDS dataset or a prepared folder, and for any other
    folder its sub-folders or the numbers in its `dataset.json`, see `path_classes`.

    Raises:
        ValueError: The source has fewer than two classes, or classes other than
            `data.classes`; or `data.class_file` does not fit the source.
    """
    return read_classes(data)[0]


def read_classes(data: config_lib.Data):
    """Reads the classes of a source.

    Returns:
        What `class_names` returns, and a dict from names of images to labels, or `None`
        without `data.class_file`.

    Raises:
        ValueError: See `class_names`.
    """
    label_of = None
    if data.class_file:
        check_named(data)
        with renaming({"path": "config.data.class_file"}):
            names, label_of = class_file.read(data.class_file)
        if data.class_file in class_file.NAMED:
            from inr_keras.data.openmoji import svg_images

            # The file lists images of more groups, and maybe of a later release.
            images = [path.stem for path in svg_images.find_svgs(data.groups)]
            names, label_of = class_file.of_images(names, label_of, images)
    elif data.source == "openmoji":
        from inr_keras.data.openmoji import groups

        names = groups.check_groups(data.groups)
    elif data.source.startswith(TFDS_PREFIX):
        from inr_keras.data import tfds_builders

        builder = tfds_builders.find_tfds(data.source[len(TFDS_PREFIX) :])
        names = tfds_builders.label_names(builder, data.source)
    elif prepared_folder.is_prepared(data.source):
        from inr_keras.data import tfds_builders

        builder = prepared_folder.open_prepared(data.source)
        names = tfds_builders.label_names(builder, data.source)
    else:
        paths = image_folder.image_paths(data.source)
        names = folder_classes(data.source, paths).names
    if len(names) < 2:
        at_hand = "groups" if data.source == "openmoji" else "source"
        field = "class_file" if data.class_file else at_hand
        raise ValueError(
            f"config.data.{field} must have two classes or more of the images where "
            f"config.data.labels is set. Received: {getattr(data, field)!r}, which has "
            f"{', '.join(names) or 'none'}"
        )
    if data.classes and tuple(data.classes) != names:
        raise ValueError(
            "config.data.classes must be empty or the classes of the source "
            f"({', '.join(names)}). Received: {tuple(data.classes)!r}"
        )
    return names, label_of


def check_named(data):
    """Raises `ValueError` where the images of a source have no names."""
    is_tfds = data.source.startswith(TFDS_PREFIX)
    if is_tfds or prepared_folder.is_prepared(data.source):
        raise ValueError(
            "config.data.source must be openmoji or a folder of image files: images of "
            "others have no names, by which a file lists classes. "
            f"Received: {data.source!r}"
        )
    if data.class_file in class_file.NAMED and data.source != "openmoji":
        raise ValueError(
            "config.data.source must be openmoji, whose images the class file "
            f"{data.class_file} lists. Received: {data.source!r}"
        )


def folder_classes(folder, paths) -> path_classes.Classes:
    """Classes of the images of a folder.

    Args:
        folder: str or path.
        paths: Sequence of paths of the images below it.

    Raises:
        ValueError: An image is in no sub-folder.
    """
    folder = pathlib.Path(folder)
    names = [path.relative_to(folder).as_posix() for path in paths]
    with renaming({"images": "config.data.source"}):
        found = path_classes.classify(
            names, lambda name: image_folder.contents(folder / name)
        )
    if found.beside:
        raise ValueError(
            "config.data.source must have each image in a sub-folder "
            "named after its class where config.data.labels is set. "
            f"Received: {str(folder)!r}, with {found.beside} beside them"
        )
    return found
