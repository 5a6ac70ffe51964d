"""Images of a generator, by their seeds and a batch at a time."""

import numpy as np

from inr_keras import rendering


class Samples:
    """The images of the seeds from `seed` on, as a file would hold them.

    Args:
        generator: As of `serving.load_generator`.
        count: int. Images.
        seed: int. Of the first one.
        truncation: float. 1: none.
        batch: int. Images in memory at once.
        labels: int array of the classes that samples take, again and again.
            Defaults to `None`: of a generator with classes, those in turn.
        extents: int array `(N, 2)` of the shapes that samples take, again and
            again, see `rendering.letterboxed`. Defaults to `None`: square.
    """

    def __init__(
        self,
        generator,
        count,
        seed,
        truncation=1.0,
        batch=64,
        labels=None,
        extents=None,
    ):
        self.renderer = rendering.Renderer(generator)
        self.resolution = generator.resolution
        self.count = count
        self.seed = seed
        self.truncation = truncation
        self.batch = batch
        self.extents = extents
        self.classes = "none"
        if getattr(generator, "class_names", ()):
            self.classes = "in turn" if labels is None else "as the reals"
            if labels is None:
                labels = np.arange(len(generator.class_names), dtype="int32")
            self._labels = labels

    def batches(self):
        """(number of the first, uint8 images `(N, R, R, 3)`) in turn."""
        for first in range(0, self.count, self.batch):
            last = min(first + self.batch, self.count)
            yield first, self.images(range(first, last))

    def images(self, numbers):
        """Some images by their numbers from 0, in that order."""
        images = self.renderer.render(self.styles(numbers))
        images = to_rgb(rendering.to_uint8(images))
        if self.extents is None:
            return images
        extents = self.extents[np.array(numbers) % len(self.extents)]
        generator = self.renderer.generator
        return rendering.letterboxed(
            images, extents, generator.resolution, generator.alignment
        )

    def styles(self, numbers):
        return self._styles(self.latents(numbers), numbers)

    def path_styles(self, numbers):
        """Styles of two latents for each number: the ends of a path."""
        numbers = np.repeat(np.array(numbers), 2)
        ends = 2 * numbers + np.arange(len(numbers)) % 2
        return self._styles(self.latents(ends), numbers)

    def _styles(self, latents, numbers):
        labels = None
        if self.classes != "none":
            labels = self._labels[np.array(numbers) % len(self._labels)]
        return self.renderer.styles(latents, self.truncation, labels)

    def latents(self, numbers):
        return rendering.latents_from_seeds(
            [self.seed + int(number) for number in numbers],
            self.renderer.generator.latent_dim,
        )


def to_rgb(images):
    """Images of levels in [0, 255] in colours, as real ones are decoded.

    Grey ones get three channels; those with transparency are laid on white.
    """
    if images.shape[-1] == 1:
        return images.repeat(3, axis=-1)
    if images.shape[-1] == 4:
        alpha = images[..., 3:] / np.float32(255.0)
        found = images[..., :3] * alpha + 255.0 * (1.0 - alpha)
        is_rounded = images.dtype == np.uint8
        return np.rint(found).astype("uint8") if is_rounded else found
    return images


def in_blocks(batches, size):
    """Joins the images of `batches` to blocks of `size`, and a rest."""
    held = []
    for _, images in batches:
        held.append(images)
        while sum(map(len, held)) >= size:
            joined = np.concatenate(held)
            yield joined[:size]
            held = [joined[size:]]
    rest = np.concatenate(held) if held else ()
    if len(rest):
        yield rest
