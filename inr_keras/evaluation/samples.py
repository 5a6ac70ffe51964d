"""Samples: images of a generator by their seeds, a batch at a time."""

import numpy as np

from inr_keras import rendering


class Samples:
    """Images of the seeds from `seed` on, rounded to uint8 as in image files.

    Args:
        generator: Generator that `runs.load_generator` returns.
        count: int. Number of images.
        seed: int. Seed of the first image.
        truncation: float. 1: none.
        batch: int. Images in memory at once.
        labels: int array of classes, which samples take in turn. Defaults to `None`:
            all classes of the generator in turn.
        extents: int array `(N, 2)` of shapes, which samples take in turn, see
            `rendering.letterboxed`. Defaults to `None`: square.
        part: range. Numbers of the images that `batches` draws. Defaults to `None`:
            all.
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
        part=None,
    ):
        self.renderer = rendering.Renderer(generator)
        self.resolution = generator.resolution
        self.count = count
        self.seed = seed
        self.truncation = truncation
        self.batch = batch
        self.extents = extents
        self.part = range(count) if part is None else part
        self.classes = "none"
        if generator.class_names:
            self.classes = "in turn" if labels is None else "as the reals"
            if labels is None:
                labels = np.arange(len(generator.class_names), dtype="int32")
            self._labels = labels

    def batches(self):
        """Yields the number of the first image, and uint8 images `(N, R, R, 3)`."""
        for numbers in in_batches(self.part, self.batch):
            yield numbers.start, self.images(numbers)

    def images(self, numbers):
        """Draws some images by their numbers from 0, in that order."""
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
        """Styles of two latents for each number, the ends of a path."""
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


def in_batches(numbers, size):
    """Cuts a range into ranges of `size` numbers, and a rest.

    Example:
        >>> in_batches(range(4, 9), 2)
        [range(4, 6), range(6, 8), range(8, 9)]
    """
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]


def to_rgb(images):
    """Converts images of levels in [0, 255] to RGB, as real images are decoded.

    Grey images get three channels; images with transparency are laid on white.
    """
    if images.shape[-1] == 1:
        return images.repeat(3, axis=-1)
    if images.shape[-1] == 4:
        alpha = images[..., 3:] / np.float32(255.0)
        opaque = images[..., :3] * alpha + 255.0 * (1.0 - alpha)
        is_rounded = images.dtype == np.uint8
        return np.rint(opaque).astype("uint8") if is_rounded else opaque
    return images


def in_blocks(batches, size):
    """Joins the images of `batches` to blocks of `size`, and a rest."""
    pending = []
    for _, images in batches:
        pending.append(images)
        while sum(map(len, pending)) >= size:
            joined = np.concatenate(pending)
            yield joined[:size]
            pending = [joined[size:]]
    rest = np.concatenate(pending) if pending else ()
    if len(rest):
        yield rest
