"""Inversion: finds the style of an image by gradient descent."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf

from inr_keras.coordinates import axis_coordinates
from inr_keras.whole_numbers import check_positive

SPACES = ("z", "w", "wplus")
LOSSES = ("pixel", "multiscale", "features")
CANDIDATES = 64  # Random styles among which a search begins at the best.
_STATISTICS = 512  # Random styles whose mean and deviation scale the search.
_SIDES = (2, 4, 8, 16)  # Sides in pixels of the cells of the multi-scale loss.
_FIXED_PIXELS = 4096  # Most pixels by which progress is measured.
_IMPROVEMENT = 0.05  # Smallest gain in dB that counts as an improvement.


@dataclasses.dataclass
class Snapshot:
    """State of a search after some of its steps.

    Attributes:
        step: int. Steps done.
        loss: float. Loss on fixed points.
        psnr: float. In dB, over the known pixels.
        styles: float32 array `(1, style_dim)` or `(1, layers, style_dim)`.
        latents: float32 array `(1, latent_dim)` or `None`.
    """

    step: int
    loss: float
    psnr: float
    styles: np.ndarray
    latents: np.ndarray | None


class Inversion:
    """Search for the latent, style or layers' styles that draw an image.

    Each step draws a fixed number of random points of the target image and descends
    with Adam, at a rate that rises over a twentieth of the steps and then falls to 0
    along a cosine. Styles are searched for in units of their deviation. The search
    starts at the best of the mean style and some random styles.

    Args:
        generator: Generator of images, with `mapping` and `synthesis`.
        target: `TargetImage`.
        space: str. `"z"`: a latent, `"w"`: a style, or `"wplus"`: a style for each
            layer. Defaults to `"wplus"`.
        losses: dict of str to float, the weights of losses. `"pixel"`: of pixels;
            `"multiscale"`: of means over cells of 2, 4, 8 and 16 pixels a side;
            `"features"`: of an extractor's features of the image at a small size,
            relative to the squared features of the target. Defaults to `None`: the
            first two, with weight 1.
        extractor: `evaluation.extractors.Extractor`, or an object with its `tensors`,
            for features.
        features_side: int. Side, in pixels, of the image that the extractor sees; each
            step draws four points of each pixel. Defaults to `32`.
        label: int. Class of the random latents; `None`: each class in turn, and then
            the class of the best latent.
        points: int. Points per step, over all losses but features. Defaults to `2048`.
        error: str. `"l2"` or `"l1"`. Defaults to `"l2"`.
        prior: float. Weight of the mean squared deviation from the mean style, which
            makes unknown pixels similar to what the generator often draws. No effect
            with `"z"`. Defaults to `0.001`.
        rate: float. Adam's highest rate. Defaults to `0.05`.
        seed: int. Defaults to `0`.
    """

    def __init__(
        self,
        generator,
        target,
        space="wplus",
        losses=None,
        extractor=None,
        features_side=32,
        label=None,
        points=2048,
        error="l2",
        prior=0.001,
        rate=0.05,
        seed=0,
    ):
        losses = losses or {"pixel": 1.0, "multiscale": 1.0}
        _check(generator, space, losses, extractor, points, error)
        self.generator = generator
        self.target = target
        self.space = space
        self.losses = losses
        self.error = error
        self.prior = prior
        self.rate = rate
        self.random = tf.random.Generator.from_seed(seed)
        self.levels = self._levels(points)
        self.extractor = extractor
        self.features_side = features_side
        if "features" in losses:
            self._prepare_features()
        self.fixed = self._draw(self._fixed_levels())
        self._measure = tf.function(self._measured, autograph=False)
        self._choose_start(label)
        self.adam = keras.optimizers.Adam(rate, beta_2=0.99)
        self.adam.build([self.variable])
        self._descend_compiled = tf.function(self._descend, autograph=False)

    def search(self, steps, snapshots=50, patience=0, goal=math.inf):
        """Descends, and yields snapshots of the search at intervals.

        Args:
            steps: int. Most steps to do.
            snapshots: int. Number of snapshots, the beginning not counted.
            patience: int. Number of steps without an improvement by 0.05 dB after which
                the search ends; 0: never.
            goal: float. PSNR in dB at which the search ends.

        Yields:
            A `Snapshot`, the first before any step.
        """
        snapshot, best, since = self._snapshot(0), -math.inf, 0
        yield snapshot
        every = max(1, steps // snapshots)
        for step in range(1, steps + 1):
            share = (step - 1) / steps
            rise = min(1.0, (share + 1.0 / steps) * 20.0)
            fall = 0.5 * (1.0 + math.cos(math.pi * share))
            self.adam.learning_rate = self.rate * rise * fall
            self._descend_compiled()
            if step % every and step != steps:
                continue
            snapshot = self._snapshot(step)
            yield snapshot
            if snapshot.psnr > best + _IMPROVEMENT:
                best, since = snapshot.psnr, step
            if snapshot.psnr >= goal or (patience and step - since >= patience):
                return

    def styles(self):
        """Present styles of the search, a tensor."""
        return self._styles(self.variable.value)

    def _styles(self, variable):
        if self.space == "z":
            return _map(self.generator, variable, self.labels)
        return self.mean + self.deviation * variable

    def _choose_start(self, label):
        """Begins at the best of the mean style and random ones."""
        generator = self.generator
        shape = (_STATISTICS, generator.latent_dim)
        latents = self.random.normal(shape)
        labels = None
        if classes := len(generator.class_names):
            labels = tf.range(_STATISTICS) % classes
            if label is not None:
                labels = tf.fill((_STATISTICS,), label)
        styles = _map(generator, latents, labels)
        self.mean = tf.reduce_mean(styles, 0, keepdims=True)
        deviation = tf.math.reduce_std(styles, 0, keepdims=True)
        # A component that never varies may still matter.
        floor = 0.1 * tf.reduce_mean(deviation) + 1e-6
        self.deviation = tf.maximum(deviation, floor)
        candidates = styles[:CANDIDATES]
        if self.space != "z":
            candidates = tf.concat([self.mean, candidates], axis=0)
        losses = [
            float(self._measure(candidates[i : i + 1])[0])
            for i in range(len(candidates))
        ]
        best = int(np.argmin(losses))
        self.labels = None if labels is None else labels[best : best + 1]
        if self.space == "z":
            start = latents[best : best + 1]
        else:
            start = (candidates[best : best + 1] - self.mean) / self.deviation
        if self.space == "wplus":
            # All layers begin alike.
            self.mean = self.mean[:, None]
            self.deviation = self.deviation[:, None]
            start = tf.repeat(start[:, None], generator.num_layers, axis=1)
        self.variable = keras.Variable(start)

    def _levels(self, points):
        """Cells of each loss, their number in a step, and their weight.

        Returns:
            list of (side, cells, count, weight).
        """
        names = [name for name in LOSSES[:2] if name in self.losses]
        levels = []
        for name in names:
            sides = (1,) if name == "pixel" else _SIDES
            cells = {side: self.target.cells(side) for side in sides}
            cells = {side: part for side, part in cells.items() if len(part)}
            for side, part in cells.items():
                share = points / len(names) / len(cells)
                count = int(share / self.target.points_of_cell(side) ** 2)
                weight = self.losses[name] / len(cells)
                levels.append((side, part, max(1, count), weight))
        if not levels and "features" not in self.losses:
            raise ValueError(
                "`losses` must fit the image, which has no whole cell of "
                f"{_SIDES[0]} pixels a side. "
                f"Received: losses={sorted(self.losses)}"
            )
        return levels

    def _fixed_levels(self):
        """Levels for measuring progress: pixels first, whatever the losses."""
        weight = self.losses.get("pixel", 0.0)
        levels = [(1, self.target.cells(1), _FIXED_PIXELS, weight)]
        for side, cells, _, weight in self.levels:
            if side > 1:
                count = _FIXED_PIXELS // self.target.points_of_cell(side) ** 2
                levels.append((side, cells, count, weight))
        return levels

    def _draw(self, levels):
        """Draws random cells of each level: coordinates, colours, weight."""
        batch = []
        for side, cells, count, weight in levels:
            total = len(cells)
            if count < total:
                chosen = self.random.uniform((count,), 0, total, tf.int32)
                cells = tf.gather(cells, chosen)
            n = self.target.points_of_cell(side)
            uniform = self.random.uniform((cells.shape[0], n, n, 4))
            batch.append((*self.target.sample(cells, side, uniform), weight))
        return batch

    def _loss(self, styles, batch):
        """Sum of the weighted losses, and the mean squared error of each level."""
        total, squares = 0.0, []
        if batch:
            flat = [tf.reshape(coords, (1, -1, 2)) for coords, _, _ in batch]
            rgb = self.generator.synthesis(styles, tf.concat(flat, axis=1))
            parts = tf.split(rgb[0], [part.shape[1] for part in flat])
            for part, (_, colours, weight) in zip(parts, batch):
                cells = tf.reshape(part, (colours.shape[0], -1, part.shape[-1]))
                error = tf.reduce_mean(cells, axis=1) - colours
                squares.append(tf.reduce_mean(tf.square(error)))
                loss = squares[-1]
                if self.error == "l1":
                    loss = tf.reduce_mean(tf.abs(error))
                total += weight * loss
        if "features" in self.losses:
            total += self.losses["features"] * self._features_loss(styles)
        return total, squares

    def _descend(self):
        batch = self._draw(self.levels)
        variable = tf.convert_to_tensor(self.variable)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            loss, _ = self._loss(self._styles(variable), batch)
        try:
            gradient = tape.gradient(loss, variable)
        except LookupError as error:
            reason = str(error).split(". ")[0]
            raise ValueError(
                "`generator` and `extractor` must let gradients through. Received: "
                f"one that does not ({reason})"
            ) from error
        if gradient is None:
            raise ValueError(
                "`generator` must let gradients through to its styles. Received: "
                "one that does not"
            )
        if self.space != "z":  # The prior's own gradient.
            size = tf.size(variable, tf.float32)
            gradient += 2.0 * self.prior / size * variable
        self.adam.apply([gradient])

    def _prepare_features(self):
        side = self.features_side
        target = self.target
        pixels = tf.image.resize(target.pixels, (side, side), "area")
        mask = target.mask[..., None].astype("float32")
        known = tf.image.resize(mask, (side, side), "area")
        self._seen = tf.cast(known > 1.0 - 1e-4, "float32")  # Means of ones round.
        y, x = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
        corners = np.stack([y, x], axis=-1).reshape(-1, 2)
        x0, y0, x1, y1 = target.box
        # Four points of each pixel, at their places between the target's pixels.
        fine = (
            corners[:, None] + [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
        ) / side
        height, width = target.pixels.shape[:2]
        fine = fine.reshape(1, -1, 2) * [height, width] - 0.5
        self._grid = tf.stack(
            [
                axis_coordinates(fine[..., 1], width, target.alignment, x0, x1),
                axis_coordinates(fine[..., 0], height, target.alignment, y0, y1),
            ],
            axis=-1,
        )
        self._target_features = self._features(pixels[None])
        self._scale = tf.reduce_mean(tf.square(self._target_features)) + 1e-12

    def _features(self, images):
        """Features of `(1, side, side, channels)`, with unknown pixels in grey."""
        images = images * self._seen
        images = (images[..., :3] + 1.0) * 127.5
        return self.extractor.tensors(images)["features"]

    def _features_loss(self, styles):
        rgb = self.generator.synthesis(styles, self._grid)
        side = self.features_side
        images = tf.reshape(rgb, (1, side, side, 4, rgb.shape[-1]))
        features = self._features(tf.reduce_mean(images, axis=3))
        error = tf.reduce_mean(tf.square(features - self._target_features))
        return error / self._scale

    def _measured(self, styles):
        return self._loss(styles, self.fixed)

    def _snapshot(self, step):
        styles = self.styles()
        loss, squares = self._measure(styles)
        latents = self.variable.numpy() if self.space == "z" else None
        psnr = 10.0 * math.log10(4.0 / max(float(squares[0]), 1e-10))
        return Snapshot(step, float(loss), psnr, np.asarray(styles), latents)


def _map(generator, latents, labels):
    kwargs = {} if labels is None else {"labels": tf.cast(labels, tf.int32)}
    return generator.mapping(latents, **kwargs)


def check_generator(generator):
    """Raises `ValueError` unless a generator draws images."""
    if generator.video_length or generator.coord_dim != 2:
        raise ValueError(
            "`generator` must be a generator of images. Received: one of "
            "videos, lines or volumes"
        )


def _check(generator, space, losses, extractor, points, error):
    if space not in SPACES:
        raise ValueError(
            f"`space` must be one of {', '.join(SPACES)}. Received: {space!r}"
        )
    check_generator(generator)
    unknown = sorted(set(losses) - set(LOSSES))
    if unknown:
        raise ValueError(
            f"`losses` must be one of {', '.join(LOSSES)}. Received: {unknown[0]!r}"
        )
    if ("features" in losses) != (extractor is not None):
        raise ValueError(
            "`extractor` must be given where `losses` names features, and only "
            f"there. Received: losses={','.join(losses)}"
        )
    check_positive(points=points)
    if error not in ("l1", "l2"):
        raise ValueError(f"`error` must be l1 or l2. Received: {error!r}")
