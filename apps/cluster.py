r"""Divides images without classes into classes of similar ones.

The classes are clusters of a pretrained network's features. OUT is a JSON file with the
images of each class, for training with --config.data.class_file. A sheet beside it (OUT
with the ending .png) shows each class as a row, so that people can name the classes and
move images.

Example:
  python -m apps.cluster --config=configs/drawings64.py --clusters=24 \
      --out=kinds.json
  python -m apps.train --config=configs/drawings64.py --workdir=runs/kinds \
      --config.data.labels=true --config.data.class_file=kinds.json
"""

import json
import os
import pathlib

from absl import flags
from ml_collections import config_flags

from apps import arguments
from apps import cli

_CONFIG = config_flags.DEFINE_config_file("config", None, "Experiment file.")
_CLUSTERS = flags.DEFINE_integer("clusters", 24, "Number of classes.", lower_bound=2)
_FEATURES = flags.DEFINE_string(
    "features",
    "efficientnet_lite0",
    "Feature extractor, as in apps.evaluate; pixels: colours of the image at 8x8.",
)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the clusters.", lower_bound=0)
_OUT = flags.DEFINE_string("out", None, "JSON file to write.")
cli.require("config", "out")

_COLUMNS = 16  # Largest number of images of a class on the sheet.
_BATCH = 64


def main():
    config = cli.checked_config(_CONFIG)
    arguments.check_out(_OUT.value)
    if not _OUT.value.lower().endswith(".json"):
        raise ValueError(f"--out must end in .json. Received: {_OUT.value!r}")
    picture = pathlib.Path(_OUT.value).with_suffix(".png")
    for path in (_OUT.value, picture):  # People edit the file.
        if os.path.exists(path):
            raise ValueError(f"--out must be new. Received: {str(path)!r} is there")
    if config.data.kind != "image" or config.data.video_length:
        raise ValueError(
            "--config must be of images, not of videos, panoramas, sounds or solids. "
            f"Received: {config.name}"
        )

    import numpy as np

    from inr_keras import config as config_lib
    from inr_keras.data import classes
    from inr_keras.data import sources
    from inr_keras.evaluation import clusters
    from inr_keras.evaluation import extractors

    classes.check_named(config.data)
    extractor = extractors.open_extractor(_FEATURES.value)
    plain = {
        "data.labels": False,
        "data.classes": (),
        "data.class_file": "",
        "data.channels": 3,  # On white.
    }
    config = config_lib.changed(config, plain)
    source = sources.open_source(config.data, config.resolution)
    images = source.images
    if _CLUSTERS.value > len(images):
        raise ValueError(
            f"--clusters must be at most the number of images ({len(images)}). "
            f"Received: {_CLUSTERS.value}"
        )
    features = []
    with cli.counting_bar("Features") as progress:
        for start in range(0, len(images), _BATCH):
            features.append(extractor(images[start : start + _BATCH])["features"])
            progress(min(start + _BATCH, len(images)), 0, len(images))
    labels = clusters.cluster(np.concatenate(features), _CLUSTERS.value, _SEED.value)

    members = [np.flatnonzero(labels == label) for label in range(_CLUSTERS.value)]
    digits = len(str(_CLUSTERS.value))
    names = source.names
    found = {
        f"class_{number:0{digits}}": [names[i] for i in numbers]
        for number, numbers in enumerate(members, 1)
    }
    _save(found, [images[numbers[:_COLUMNS]] for numbers in members], picture)
    sizes = ", ".join(str(len(numbers)) for numbers in members)
    print(f"{_OUT.value}  {len(images)} images in classes of {sizes}")
    print(f"{picture}  a row for each class")


def _save(found, shown, picture):
    """Writes the images of each class, and the sheet of those that are shown."""
    import numpy as np

    from inr_keras.files import write_beside
    from inr_keras.rendering import save_image
    from inr_keras.rendering import sheet

    def write(path):
        text = json.dumps(found, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    cells = np.full((len(shown), _COLUMNS, *shown[0].shape[1:]), 255, "uint8")
    for row, images in zip(cells, shown):
        row[: len(images)] = images
    save_image(picture, sheet(np.concatenate(cells), columns=_COLUMNS))
    write_beside(_OUT.value, write)


if __name__ == "__main__":
    cli.run(main, flag_of={"count": "clusters", "name": "features"})
