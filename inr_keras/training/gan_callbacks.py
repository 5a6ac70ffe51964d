"""Callbacks of `INRGAN.fit` that write images and the generator to files."""

import pathlib

import keras

from inr_keras import rendering
from inr_keras.training import checkpoints
from inr_keras.training import strategies
from inr_keras.training.callbacks import Every
from inr_keras.training.callbacks import Samples


class SampleSheets(Samples):
    """Writes sheets of the averaged generator's images, always of the same seeds.

    The files are named after the thousands of images seen, such as `kimg_000050.0.png`.
    With several workers, only the chief writes.

    Args:
        folder: str or path of a folder, which is created if it does not exist.
        kimg: float. Thousands of images between two sheets; the first is written at the
            start.
        seeds: Sequence of ints. Defaults to `range(24)`.
        **kwargs: Arguments of `rendering.seed_sheet`, such as `size` and `truncation`.

    Example:
        >>> gan.compile("adam", "adam")
        >>> sheets = SampleSheets(folder / "sheets", kimg=0.1, seeds=range(6))
        >>> history = gan.fit(dataset, callbacks=[sheets], verbose=0)
        >>> [path.name for path in (folder / "sheets").iterdir()]
        ['kimg_000000.0.png']
    """

    def __init__(self, folder, kimg, seeds=range(24), **kwargs):
        super().__init__(self._write, kimg)
        self.folder = pathlib.Path(folder)
        self.seeds = seeds
        self.kwargs = kwargs

    def _write(self, images_seen):
        generator = self.model.settled_average()
        if not strategies.is_chief(self.model.distribute_strategy):
            return
        sheet = rendering.seed_sheet(generator, self.seeds, **self.kwargs)
        path = self.folder / f"kimg_{images_seen / 1000:08.1f}.png"
        rendering.save_image(path, sheet)


class GeneratorExport(keras.callbacks.Callback):
    """Writes the averaged generator in intervals of images, and at the end of `fit`.

    With several workers, only the chief writes.

    Args:
        path: str or path of a `.keras` file, which is overwritten.
        kimg: float. Thousands of images between two writes. Defaults to `None`: only at
            the end.

    Raises:
        ValueError: `path` does not end in `.keras`.

    Example:
        >>> gan.compile("adam", "adam")
        >>> export = GeneratorExport(folder / "generator.keras")
        >>> history = gan.fit(dataset, callbacks=[export], verbose=0)
        >>> CIPSGenerator.from_preset(folder).generate(seeds=3).shape
        (1, 16, 16, 3)
    """

    def __init__(self, path, kimg=None):
        super().__init__()
        self.path = pathlib.Path(path)
        if self.path.suffix != ".keras":
            raise ValueError(f"`path` must end in .keras. Received: {str(path)!r}")
        self.due = Every(kimg) if kimg else lambda images_seen: False

    def on_train_begin(self, logs=None):
        self.due(self.model.count("images_seen"))

    def on_train_batch_end(self, batch, logs=None):
        if self.due(self.model.count("images_seen")):
            self._write()

    def on_train_end(self, logs=None):
        self._write()

    def _write(self):
        checkpoints.save_generator(self.model, self.path)
