"""Sources of panoramas, sounds and solids: folders of files, or made here."""

import pathlib

import numpy as np

from inr_keras.data import image_folder
from inr_keras.data import instruments
from inr_keras.data import panoramas
from inr_keras.data import solids
from inr_keras.data import sound_files
from inr_keras.data.base_source import NumberedSource
from inr_keras.data.complaints import UnreadableImageError

_LOUDEST = 1.1  # Peak of a sound, of which what exceeds 1 is cut off.
_PICTURE_SIDE = 96  # Pixels of an OpenMoji picture before it is painted on a sphere.


class SignalSource(NumberedSource):
    """Base class of sources of samples that are not flat images.

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
            folder = pathlib.Path(self.name)
            return item.relative_to(folder).as_posix(), item
        return f"{self.name}[{number}]", item

    def _image(self, item, note):
        return self.sample(item), (self.resolution, self.resolution)


class PanoramaFolder(SignalSource):
    """Source of the equirectangular images below a folder."""

    def __init__(self, data, resolution):
        super().__init__(data, resolution, image_folder.image_paths(data.source))
        self.filter = panoramas.FILTER

    def _image(self, item, note):
        size = self.resolution
        image = panoramas.read_panorama(item, size, self.channels, note)
        return image, (size, size)


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


class SoundFolder(SignalSource):
    """Source of the WAV files below a folder: their first `resolution` samples."""

    def __init__(self, data, resolution):
        paths = _paths(data.source, (".wav",), "sounds")
        super().__init__(data, resolution, paths)

    def sample(self, item):
        try:
            samples, rate = sound_files.read_sound(item)
        except sound_files.UnreadableSoundError as error:
            raise UnreadableImageError(str(error)) from error
        if rate != self.data.sample_rate:
            raise UnreadableImageError(
                f"{rate} samples a second, not {self.data.sample_rate}"
            )
        samples = samples.mean(axis=1, keepdims=True)[: self.resolution]
        peak = np.abs(samples).max(initial=0.0)
        if peak > _LOUDEST:
            raise UnreadableImageError(
                f"samples up to {peak:.4g}, which must be at most 1", "values"
            )
        missing = self.resolution - len(samples)
        samples = np.pad(np.clip(samples, -1.0, 1.0), ((0, missing), (0, 0)))
        return np.rint(samples * 32767.0).astype("int16")


class MadeSounds(SignalSource):
    """Source of sounds that are made; see `instruments`."""

    def __init__(self, data, resolution):
        super().__init__(data, resolution, range(data.count))

    def sample(self, item):
        return instruments.make_sound(item, self.resolution, self.data.sample_rate)


class SolidFolder(SignalSource):
    """Source of the .npy files below a folder; see `solids.read_solid`."""

    def __init__(self, data, resolution):
        paths = _paths(data.source, (".npy",), "openmoji")
        super().__init__(data, resolution, paths)

    def sample(self, item):
        return solids.read_solid(item, self.resolution)


class MadeSolids(SignalSource):
    """Source of inflated silhouettes of OpenMoji pictures."""

    def __init__(self, data, resolution):
        from inr_keras.data.openmoji import openmoji_dataset_builder
        from inr_keras.data.openmoji import svg_images

        paths = svg_images.find_svgs(data.groups)
        attribution = openmoji_dataset_builder.ATTRIBUTION
        super().__init__(data, resolution, paths, attribution)

    def _open(self, number):
        return self.items[number].stem, self.items[number]

    def sample(self, item):
        return solids.inflate(solids.silhouette(item, self.resolution), self.resolution)


def _paths(source, endings, made):
    """Paths of the files of a folder by their endings."""
    folder = pathlib.Path(source)
    paths = []
    if source and folder.is_dir():
        files = image_folder.find_files(folder)
        paths = [path for path in files if path.suffix.lower() in endings]
    if not paths:
        raise ValueError(
            f"config.data.source must be {made} or a folder with at least one "
            f"{' or '.join(endings)} file. Received: {str(source)!r}"
        )
    return paths


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
    "sound": (MadeSounds, SoundFolder),
    "solid": (MadeSolids, SolidFolder),
}
