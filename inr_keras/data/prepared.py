"""Folders that `apps.prepare_data` has written, as TFDS builders."""

import pathlib

FEATURE = "image"


def is_prepared(folder) -> bool:
    """Whether a folder is a TFDS data set as it lies on the disk."""
    folder = pathlib.Path(folder).expanduser()
    return all(
        (folder / name).is_file()
        for name in ("dataset_info.json", "features.json")
    )


def level_name(side, resolution):
    """The feature that holds pictures of `side` of a set of `resolution`."""
    return FEATURE if side == resolution else f"{FEATURE}_{side}"


def open_prepared(folder):
    """The TFDS builder of such a folder.

    Raises:
        ValueError: It cannot be read, or holds no pictures.
    """
    import tensorflow_datasets as tfds

    from inr_keras.data import tfds_builders

    folder = pathlib.Path(folder).expanduser()
    received = f"Received: {str(folder)!r}"
    try:
        builder = tfds.builder_from_directory(folder)
    except Exception as error:  # TFDS raises many kinds.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            "config.data.source must be a prepared folder that TFDS can read "
            f"({reason[:160]}). {received}"
        ) from error
    if tfds_builders.image_feature(builder) is None:
        raise ValueError(
            "config.data.source must be a prepared folder with pictures, not "
            f"just {', '.join(builder.info.features)}. {received}"
        )
    return builder


def best_feature(builder, resolution: int) -> str:
    """The smallest level that is not below `resolution`, or the original."""
    from inr_keras.data import tfds_builders

    sides = [
        int(name.removeprefix(f"{FEATURE}_"))
        for name in builder.info.features
        if name.removeprefix(f"{FEATURE}_").isdecimal()
    ]
    enough = [side for side in sides if side >= resolution]
    if not enough:
        return tfds_builders.image_feature(builder)
    return f"{FEATURE}_{min(enough)}"


def in_any_order(builder) -> bool:
    """Whether single pictures can be read, and not only one after another."""
    return builder.info.file_format.value == "array_record"


def attribution(builder) -> str:
    """What the licence of a prepared folder asks to be said."""
    from inr_keras.data import tfds_builders

    metadata = builder.info.metadata or {}
    terms = tfds_builders.license_terms(builder) or "not stated"
    parts = [
        metadata.get("attribution"),
        metadata.get("homepage"),
        f"Licence: {terms}",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)
