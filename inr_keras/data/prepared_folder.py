"""Folders that `apps.prepare_data` has written, opened as TFDS builders."""

from inr_keras import remote_paths

FEATURE = "image"
_FRAMED_PARTS = {
    "center": "the central square",
    "random": "a random square",
    "letterbox": "the whole image, letterboxed",
    "keep": "the whole image",
}


def is_prepared(folder) -> bool:
    """Tells whether a folder holds a TFDS dataset."""
    with remote_paths.one_error(folder, "config.data.source"):
        path = remote_paths.opened(folder)
        return all(
            (path / name).is_file() for name in ("dataset_info.json", "features.json")
        )


def level_name(side, resolution):
    """Name of the feature with images of `side` in a set of `resolution`."""
    return FEATURE if side == resolution else f"{FEATURE}_{side}"


def open_prepared(folder):
    """Opens a prepared folder as a TFDS builder.

    Raises:
        ValueError: It cannot be read, or holds no images.
    """
    from inr_keras.data import tfds_builders

    tfds = tfds_builders.tfds
    folder = remote_paths.opened(folder)
    received = f"Received: {str(folder)!r}"
    try:
        with tfds_builders.quiet():
            builder = tfds.builder_from_directory(folder)
    except Exception as error:  # TFDS raises many kinds.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            "config.data.source must be a prepared folder that TFDS can read "
            f"({reason[:160]}). {received}"
        ) from error
    if tfds_builders.image_feature(builder) is None:
        raise ValueError(
            "config.data.source must be a prepared folder with images, not "
            f"just {', '.join(builder.info.features)}. {received}"
        )
    if remote_paths.is_remote(folder) and in_any_order(builder):
        raise ValueError(
            "config.data.source must hold files of the format tfrecord where it is "
            f"remote. {received}"
        )
    return builder


def check_form(builder, data):
    """Refuses settings that need what a preparation has left out.

    Args:
        builder: See `open_prepared`.
        data: config.Data.
    """
    form = (builder.info.metadata or {}).get("form")
    if not form:
        return
    if data.keeps_aspect and form["framing"] != "keep":
        raise ValueError(
            "config.data.aspect must be crop for images that were prepared with the "
            f"framing {form['framing']}. Received: {data.aspect!r}"
        )
    if data.channels == 4 and form["color"] != "rgba":
        raise ValueError(
            "config.data.channels must be 1 or 3 for images that were prepared with "
            f"the colours {form['color']}. Received: 4"
        )


def stored_sides(builder) -> set[int]:
    """Sides of the images that `apps.prepare_data` has stored."""
    sides = set(_level_sides(builder))
    form = (builder.info.metadata or {}).get("form")
    return sides | {form["resolution"]} if form else sides


def best_feature(builder, resolution: int) -> str:
    """Name of the feature with the smallest images not below `resolution`.

    Where no level is large enough, it is the feature of the originals.
    """
    from inr_keras.data import tfds_builders

    enough = [side for side in _level_sides(builder) if side >= resolution]
    if not enough:
        return tfds_builders.image_feature(builder)
    return f"{FEATURE}_{min(enough)}"


def _level_sides(builder):
    return [
        int(name.removeprefix(f"{FEATURE}_"))
        for name in builder.info.features
        if name.removeprefix(f"{FEATURE}_").isdecimal()
    ]


def resize_filter(builder, resolution: int, decoding: str) -> str:
    """Describes how images were resized from their originals to `resolution`.

    It is `decoding`, the description of how stored images are decoded, where the
    preparation did the same or is unknown.
    """
    form = (builder.info.metadata or {}).get("form")
    if not form:  # `apps.prepare_data` has not written it.
        return decoding
    part = _FRAMED_PARTS[form["framing"]]
    text = f"{form['filter'].capitalize()}, antialiased, of {part} (Pillow)"
    if form["encoding"] == "jpeg":
        text += f", JPEG of quality {form['quality']}"
    side = best_feature(builder, resolution).removeprefix(f"{FEATURE}_")
    stored = int(side) if side.isdecimal() else form["resolution"]
    if stored != resolution or form["framing"] == "keep":
        text += f" at {stored}, then {decoding}"
    return text


def in_any_order(builder) -> bool:
    """Tells whether single images can be read, and not only one after another."""
    return builder.info.file_format.value == "array_record"


def attribution(builder) -> str:
    """Credits that the licence of a prepared folder asks for."""
    from inr_keras.data import tfds_builders

    metadata = builder.info.metadata or {}
    terms = tfds_builders.license_terms(builder) or "not stated"
    parts = [
        metadata.get("attribution"),
        metadata.get("homepage"),
        f"Licence: {terms}",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)
