"""Sources of panoramas, sounds and solids: folders of files, or made here."""

import pathlib

import numpy as np

from inr_keras.data import image_folder
from inr_keras.data import panoramas
from inr_keras.data.base_source import NumberedSource

_PICTURE_SIDE = 96  # Pixels of an OpenMoji picture before it is painted on a sphere.


class SignalSource(NumberedSource):
    """Base class of sources of samples that are no flat images.

    Args:
        data: config.Data.
        resolution: int. Samples on each axis.
        items: Sequence of file paths, or of numbers from which samples are made.
        attribution: str. Credits that the licence asks for. Defaults to `""`.
    """

    def __init__(self, data, resolution, items, attribution=""):
        super().__init__(
            data.source,
            len(items),
            resolution,
            attribution,
            channels=data.channels,
        )
        self.data = data
        self.items = items
        self.filter = "none"
        self.dtype = data.dtype

    @property
    def shape(self):
        return (*(self.resolution,) * self.data.axes, self.channels)

    def sample(self, item):
        """Reads or makes a sample, an array of `shape`.

        Raises:
            UnreadableImageError: The file holds no usable sample.
        """
        raise NotImplementedError

    def _open(self, number):
        item = self.items[number]
        if isinstance(item, pathlib.Path):
            folder = pathlib.Path(self.name).expanduser()
            return item.relative_to(folder).as_posix(), item
        return f"{self.name}[{number}]", item

    def _image(self, item):
        return self.sample(item), (self.resolution, self.resolution)


class PanoramaFolder(SignalSource):
    """Source of the equirectangular images below a folder."""

    def __init__(self, data, resolution):
        super().__init__(data, resolution, image_folder.image_paths(data.source))
        self.filter = panoramas.FILTER

    def sample(self, item):
        return panoramas.read_panorama(item, self.resolution, self.channels)


class MadePanoramas(SignalSource):
    """Source of panoramas of OpenMoji pictures around a horizon."""

    def __init__(self, data, resolution):
        from inr_keras.data.openmoji import openmoji_dataset_builder
        from inr_keras.data.openmoji import svg_images

        attribution = openmoji_dataset_builder.ATTRIBUTION
        super().__init__(data, resolution, range(data.count), attribution)
        self.filter = panoramas.MADE
        self._pictures = np.stack(
            [
                svg_images.rasterize(path, _PICTURE_SIDE, transparent=True)
                for path in svg_images.find_svgs(data.groups)
            ]
        )

    def sample(self, item):
        panorama = panoramas.make_panorama(self._pictures, item, self.resolution)
        if self.channels == 1:
            return np.rint(panorama.mean(axis=-1, keepdims=True)).astype("uint8")
        return panorama


def open_signals(data, resolution):
    """Opens the source of a `data.kind` other than images.

    Raises:
        ValueError: The source cannot be opened.
    """
    made, folder = _SOURCES[data.kind]
    is_made = data.source in ("openmoji", "sounds")
    return (made if is_made else folder)(data, resolution)


_SOURCES = {
    "panorama": (MadePanoramas, PanoramaFolder),
}
