"""What the tests of `inr_keras.data` share."""

import contextlib
import logging as standard_logging

import numpy as np
from absl import logging
from PIL import Image


@contextlib.contextmanager
def captured_logs():
    """The lines that absl logs inside, at level INFO."""
    lines = []

    class Handler(standard_logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())

    logger = logging.get_absl_logger()
    handler = Handler()
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.INFO)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logging.set_verbosity(verbosity)


def random_image(seed, size=16):
    """Uniform noise: no two seeds agree, and no image is its own mirror."""
    shape = (size, size, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def write_folder(folder, count, size=16):
    """Writes `count` images and returns them, in the order of the names."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.stack([random_image(i, size) for i in range(count)])
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i:04d}.png")
    return images
