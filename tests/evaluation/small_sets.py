"""Sets of small images, and an extractor, for the tests of scores."""

import keras
import numpy as np
import tensorflow as tf


def drawings(count, seed, size=16):
    """Striped rectangles of random colours on grounds of random colours."""
    rng = np.random.default_rng(seed)
    images = np.empty((count, size, size, 3), "uint8")
    for image in images:
        image[:] = rng.integers(0, 256, 3)
        y, x = rng.integers(0, size // 2, 2)
        height, width = rng.integers(size // 4, size // 2, 2)
        image[y : y + height, x : x + width] = rng.integers(0, 256, 3)
        image[y : y + height : 2, x : x + width] = rng.integers(0, 256, 3)
    return images


def blurred(images, times):
    """Means with the pixels beside, `times` over."""
    images = images.astype("float64")
    for _ in range(times):
        for axis in (1, 2):
            images = (
                np.roll(images, 1, axis) + 2 * images + np.roll(images, -1, axis)
            ) / 4
    return np.rint(images).astype("uint8")


def save_extractor(path, logits=5):
    """A `.keras` file of a random network, always the same."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(inputs)
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(x)
    x = keras.layers.Conv2D(12, 3, strides=2, activation="relu")(x)
    features = keras.layers.GlobalAveragePooling2D()(x)
    outputs = {"features": features}
    if logits:
        outputs["logits"] = keras.layers.Dense(logits)(features)
    keras.Model(inputs, outputs).save(path)
    return path


class Source:
    """Images in memory as `data.base_source.Source` gives them."""

    def __init__(self, images, labels=None, classes=(), extents=None):
        self.images = images
        self.labels = labels
        self.classes = classes
        self.extents = extents
        self.keeps_aspect = extents is not None
        self.name = "drawings"
        self.attribution = "Nobody's."
        self.filter = "none"

    def dataset(self, seed=None):
        told = [self.labels] * bool(self.classes)
        told += [self.extents] * self.keeps_aspect
        items = (self.images, *told) if told else self.images
        return tf.data.Dataset.from_tensor_slices(items)


class Images:
    """Images in memory as `samples.Samples` gives them."""

    def __init__(self, images, batch=32):
        self._images = images
        self.count = len(images)
        self.part = range(self.count)
        self.batch = batch
        self.seed = 0
        self.truncation = 1.0
        self.classes = "none"
        self.resolution = images.shape[1]

    def batches(self):
        for i in range(0, self.count, self.batch):
            yield i, self._images[i : i + self.batch]

    def images(self, numbers):
        return self._images[list(numbers)]
