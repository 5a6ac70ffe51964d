"""Films of a folder as a source of videos."""

import numpy as np
from PIL import Image

from inr_keras.data import film_files
from inr_keras.data import image_folder
from inr_keras.data.base_source import NumberedSource
from inr_keras.data.complaints import UnreadableImageError


class FilmFolder(NumberedSource):
    """Source of the films below a folder: animated GIF, PNG and WebP, and MP4.

    Each film is divided into `video_length` equal parts; the middle image of each part
    is taken and cut to its central square. Shorter films show some images several
    times; still images are left out.

    Args:
        folder: path.
        resolution: int. Height and width of the images.
        **kwargs: Further arguments of `Source`; `video_length` is not 0.

    Raises:
        ValueError: There is no film in the folder.
    """

    def __init__(self, folder, resolution, **kwargs):
        self.folder = image_folder.existing_folder(folder)
        files = image_folder.find_files(self.folder)
        self._paths = [p for p in files if p.suffix.lower() in film_files.ENDINGS]
        if not self._paths:
            raise ValueError(
                "config.data.source must be a folder with at least one film "
                f"({', '.join(film_files.ENDINGS)}) where config.data.motion is film. "
                f"Received: {str(folder)!r}"
            )
        super().__init__(str(self.folder), len(self._paths), resolution, **kwargs)

    def _open(self, number):
        path = self._paths[number]
        return path.relative_to(self.folder).as_posix(), path

    def _video(self, file, note):
        images, _ = film_files.read_film(file, self.channels)
        if len(images) < 2:
            raise UnreadableImageError("a still image, no film")
        parts = (np.arange(self.video_length) + 0.5) / self.video_length
        numbers = (parts * len(images)).astype(int)
        squares = {n: self._square(images[n]) for n in set(numbers.tolist())}
        return np.concatenate([squares[n] for n in numbers.tolist()], axis=-1)

    def _square(self, image):
        grey = image[..., 0] if self.channels == 1 else image
        square = image_folder.central_square(Image.fromarray(grey), self.resolution)
        return square.reshape(self.resolution, self.resolution, self.channels)
