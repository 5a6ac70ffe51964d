"""Capacity of a generator: real images fitted by free styles, without a critic."""

import numpy as np

from inr_keras.studies import fitting


class StyleDecoder:
    """A generator's synthesis as an INR whose parameters are styles.

    `fitting.fit` trains a style for each image, and the synthesis network, on the
    images themselves: an auto-decoder (Park et al. 2019, DeepSDF, section 4.2). Images
    that the network cannot draw here cannot be drawn after adversarial training either.

    Args:
        generator: Generator of images with `synthesis`; it is trained in place.
    """

    def __init__(self, generator):
        self.generator = generator
        mapping = {id(v) for v in generator.mapping.trainable_variables}
        self.trainable_variables = [
            v for v in generator.trainable_variables if id(v) not in mapping
        ]

    def initial_params(self, count, seed, scaled=True):
        """Draws random styles `(count, style_dim)` of unit variance."""
        rng = np.random.default_rng(seed)
        styles = rng.normal(size=(count, self.generator.style_dim))
        return styles.astype("float32")

    def __call__(self, styles, coords):
        return self.generator.synthesis(styles, coords, training=True)


def reconstruct(generator, images, steps, seed=0, tell=lambda share, mae: None):
    """Fits images by free styles.

    Args:
        generator: Generator; it is trained in place.
        images: uint8 array `(N, R, R, C)` of the generator's resolution.
        steps: int. Steps of Adam, each on 16 random pixels of every image.
        seed: int. Seed of the styles and pixels. Defaults to `0`.
        tell: See `fitting.fit`.

    Returns:
        `fitting.Fit`; its `images` are the reconstructions.
    """
    return fitting.fit(
        StyleDecoder(generator),
        images,
        steps,
        seed,
        generator.alignment,
        rate=0.005,
        points=16,
        tell=tell,
    )
