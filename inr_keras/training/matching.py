"""Real images matched with latents, whose fakes are pulled towards them (IMLE)."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize

from inr_keras.data.pipeline import is_kept
from inr_keras.training.callbacks import Every
from inr_keras.training.patches.frame import Frame
from inr_keras.training.step.adversarial_loss import clip_to_range

_SIDE = 16  # Samples on a side of the images that are compared, at most.
_AT_ONCE = 64  # Images that a search renders at a time.
MOST_IMAGES = 2**12  # The time of a search grows with the cube of their number.


class Matches(keras.layers.Layer):
    """Real images, each with a latent whose generated image is near to it.

    An adversarial loss lets a generator leave out real images, and a discriminator of
    patches does not know how patches belong together. Here, the first samples of a
    batch are real images with their matched latents, so that each fake patch should
    equal its real patch: `StageLosses` adds their distance to the generator's loss,
    with the weight `loss.match_weight`. The discriminator judges these fakes like all
    others.

    `search` finds the latents: it draws new latents, renders them and the present ones
    on a coarse grid, and assigns a latent of its own to each real image, such that the
    sum of the squared distances is smallest. A match lasts until a better one is found.

    This is IMLE (implicit maximum likelihood estimation) beside an adversarial loss, as
    in Inclusive GAN, with differences: the search compares colours, and the loss
    compares patches, not whole images, and features only with `loss.match_features`;
    each image has a latent of its own, which need not be the nearest; and latents stay
    between searches, so that a part of the fakes that the discriminator judges come
    from a fixed set of latents.

    Matched samples replace the first images of the batch, which may be whole
    micro-batches. They do not mix styles, and are compared only on the stage's own
    patches. `images` stay in memory, in addition to the images of the dataset.

    Args:
        images: uint8 array `(count, R, R, channels)`. All real images.
        latent_dim: int. Length of a latent.
        labels: int array `(count,)`. Their classes. Defaults to `None`: none.
        mirrored: bool. Match mirrored images too. Defaults to `True`.
        share: float above 0 and at most 1. Share of the batch, or of each replica's
            part of it, that is matched. Defaults to `0.5`.
        candidates: int. New latents in a search, distributed over the classes in
            proportion to their images. Defaults to `4096`.
        **kwargs: Base layer arguments, such as `name`.

    Raises:
        ValueError: `images` has another type or shape, is empty, or has more than
            `MOST_IMAGES` images, mirrored ones included.

    Example:
        >>> images = np.zeros((4, 16, 16, 3), "uint8")
        >>> matches = Matches(images, latent_dim=8)
        >>> tuple(matches.latents.shape)  # With those of the mirrored images.
        (8, 8)

    References:
        - [Li & Malik, 2018](https://arxiv.org/abs/1809.09087), algorithm 1.
        - [Yu et al., 2020](https://arxiv.org/abs/2004.03355), section 3.
    """

    def __init__(
        self,
        images,
        latent_dim,
        labels=None,
        mirrored=True,
        share=0.5,
        candidates=4096,
        **kwargs,
    ):
        super().__init__(**kwargs)
        images = np.asarray(images)
        if images.dtype != np.uint8 or images.ndim != 4:
            raise ValueError(
                "`images` must be a uint8 array (count, R, R, channels). "
                f"Received: {images.dtype.name} of shape {images.shape}"
            )
        self.count = len(images) * (1 + mirrored)
        if not 0 < self.count <= MOST_IMAGES:
            raise ValueError(
                f"`images` must be 1 to {MOST_IMAGES}, mirrored ones included. "
                f"Received: {self.count}"
            )
        self.share = share
        self.candidates = candidates
        self._images = tf.constant(images)
        self._labels = None if labels is None else np.tile(labels, 1 + mirrored)
        self._rendered, self._render = None, None  # A generator, and its function.
        self.latents = self.add_weight(
            name="latents",
            shape=(self.count, latent_dim),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            autocast=False,
        )
        self.searches = self.add_weight(
            name="searches",
            shape=(),
            initializer="zeros",
            dtype="int32",
            trainable=False,
        )
        self.built = True

    def take(self, images, draws):
        """Puts matched images and latents into the first samples of a batch.

        Args:
            images: uint8 tensor `(batch, R, R, channels)`.
            draws: Draws. Its `matches` choose the images.

        Returns:
            Images and draws. The `matched` of the latter is 0 for a sample that is not
            matched; its mean is 1.
        """
        batch = images.shape[0]
        taken = max(round(self.share * batch), 1)
        chosen = tf.cast(draws.matches[:taken] * self.count, tf.int32)
        chosen = tf.minimum(chosen, self.count - 1)  # A product may be rounded up.

        def joined(values, others):
            return tf.concat([tf.cast(values, others.dtype), others[taken:]], axis=0)

        first, *others = draws.latents
        latents = tf.gather(self.latents.value, chosen)
        weights = tf.where(tf.range(batch) < taken, batch / taken, 0.0)
        changes = {"latents": (joined(latents, first), *others), "matched": weights}
        if draws.labels is not None:
            changes["labels"] = joined(tf.gather(self._labels, chosen), draws.labels)
        if draws.crossover is not None:  # Matched samples do not mix styles.
            one_style = tf.fill((taken,), tf.int32.max)
            changes["crossover"] = joined(one_style, draws.crossover)
        return joined(self._reals(chosen), images), draws._replace(**changes)

    @property
    def is_searched(self):
        """True from the first search on: before it, latents are random."""
        return bool(keras.ops.convert_to_numpy(self.searches))

    def search(self, gan):
        """Looks for better latents, among new ones and the present ones.

        Args:
            gan: INRGAN. Its generator renders the latents, not its average.

        Raises:
            FloatingPointError: An image is not finite.
        """
        side = math.gcd(_SIDE, gan.patch_size)
        stride = gan.resolution // side
        frame = Frame(gan.resolution, side, gan.alignment, (stride,), gan.reduction)
        if self._rendered is not gan.generator:  # Compiled once.
            self._rendered = gan.generator
            self._render = tf.function(functools.partial(_render, gan.generator, frame))
        latents = np.array(self.latents)
        rng = np.random.default_rng((gan.seed, gan.count("step")))
        labels = [None] if self._labels is None else np.unique(self._labels)
        for label in labels:
            members = np.arange(self.count)
            if label is not None:
                members = np.flatnonzero(self._labels == label)
            # At least one, also for a class of few images.
            size = -(-self.candidates * len(members) // self.count)
            drawn = rng.normal(size=(size, latents.shape[1])).astype("float32")
            pool = np.concatenate([drawn, latents[members]])
            fakes = self._fakes(pool, label)
            if not np.isfinite(fakes).all():
                raise FloatingPointError("A search has images that are not finite.")
            reals = self._coarse(frame, members)
            latents[members] = pool[_assigned(reals, fakes)]
        self.latents.assign(latents)
        self.searches.assign_add(1)

    def _reals(self, numbers):
        """Returns real images by number; those beyond the last are mirrored ones."""
        images = tf.gather(self._images, numbers % len(self._images))
        is_mirrored = (numbers >= len(self._images))[:, None, None, None]
        return tf.where(is_mirrored, tf.reverse(images, (2,)), images)

    def _fakes(self, latents, label):
        """Renders latents on the coarse grid: float32 `(count, values)`."""
        fakes = []
        for part in _parts(latents):
            padded = np.pad(part, ((0, _AT_ONCE - len(part)), (0, 0)))
            classes = None if label is None else tf.fill((_AT_ONCE,), int(label))
            fakes.append(self._render(tf.constant(padded), classes)[: len(part)])
        return np.concatenate(fakes)

    def _coarse(self, frame, numbers):
        """Reduces real images to the coarse grid: float32 `(count, values)`."""
        reals = []
        for part in _parts(numbers):
            offsets = tf.zeros((len(part), 2), tf.int32)
            patches = frame.real_patches(self._reals(part), offsets)
            reals.append(tf.reshape(patches, (len(part), -1)))
        return np.concatenate(reals)


def matches_of(config, source):
    """Makes the matches of a run's real images.

    Args:
        config: Experiment, whose `loss` says how images are matched.
        source: Source of the images.

    Returns:
        Matches that have not been searched.
    """
    data = config.data
    return Matches(
        source.images,
        config.generator.latent_dim,
        source.labels if data.labels else None,
        data.flip,
        config.loss.match_share,
        config.loss.match_candidates,
        name="matches",
    )


def check(config, source):
    """Refuses to match too many images, or more than stay in memory.

    Args:
        config: Experiment.
        source: Source of its images.

    Raises:
        ValueError: They are too many, or take too much memory.
    """
    if not config.loss.match_weight:
        return
    data = config.data
    count = source.count * (1 + data.flip)
    if count > MOST_IMAGES or not is_kept(source.bytes, data.cache_mib):
        raise ValueError(
            "`config.loss.match_weight` must be 0 where there are more than "
            f"{MOST_IMAGES} images, mirrored ones included, or more than "
            f"data.cache_mib ({data.cache_mib}) MiB of them. Received: "
            f"{config.loss.match_weight} with {count} images, "
            f"{source.bytes / 2**20:.0f} MiB"
        )


class MatchSearch(keras.callbacks.Callback):
    """Searches the latents of `gan.matches` during `fit`.

    The first search is at the start of training, unless there was one before; another
    one follows in each interval.

    Args:
        kimg: float. Thousands of images between two searches.

    Example:
        >>> gan = INRGAN(generator, discriminator, 16, 8, loss=Loss(match_weight=1.0))
        >>> images = np.zeros((4, 16, 16, 3), "uint8")
        >>> gan.matches = Matches(images, generator.latent_dim, candidates=64)
        >>> gan.compile("adam", "adam")
        >>> search = MatchSearch(kimg=4.0)
        >>> history = gan.fit(dataset, callbacks=[search], verbose=0)
        >>> gan.matches.is_searched
        True
    """

    def __init__(self, kimg):
        super().__init__()
        self.due = Every(kimg)

    def on_train_begin(self, logs=None):
        self.due(self.model.count("images_seen"))
        if not self.model.matches.is_searched:
            self.model.matches.search(self.model)

    def on_train_batch_end(self, batch, logs=None):
        if self.due(self.model.count("images_seen")):
            self.model.matches.search(self.model)


def _parts(values):
    return [values[i : i + _AT_ONCE] for i in range(0, len(values), _AT_ONCE)]


def _render(generator, frame, latents, labels):
    """Renders whole images on a coarse grid: `(batch, values)`."""
    styles = generator.mapping(latents, labels=labels)
    styles = tf.repeat(styles[:, None], generator.num_layers, axis=1)
    offsets = tf.zeros((len(latents), 2), tf.int32)
    fakes = clip_to_range(frame.fake_patches(generator, styles, offsets))
    return tf.reshape(fakes, (len(latents), -1))


def _assigned(rows, others):
    """Finds for each row another of its own, with the least sum of squared distances.

    Args:
        rows: Array `(count, values)`.
        others: Array of as many rows or more.

    Returns:
        int array `(count,)`: numbers of `others`, each once at most.
    """
    costs = np.concatenate([part @ others.T for part in _parts(rows)])
    costs *= -2.0
    costs += np.sum(others**2, axis=1)  # The squares of `rows` change no choice.
    return optimize.linear_sum_assignment(costs)[1]
