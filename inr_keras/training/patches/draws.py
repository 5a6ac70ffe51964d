"""Random numbers of a training step."""

import typing

import tensorflow as tf

from inr_keras.training.patches import augmentation as augmentation_lib

# Streams of random numbers in a step.
_CROPS, _LATENTS, _AUGMENT, _MIXING, _NOISE = range(5)
_GRID, _MIXTURE, _DENSE, _MATCHES = range(8, 12)


class Draws(typing.NamedTuple):
    """Random numbers of a step, with the labels and extents of the real images.

    The first axis of each tensor is that of the samples of a replica or micro-batch.
    """

    crops: tf.Tensor  # (batch, axes) in [0, 1): where patches lie, see `Frame.offsets`.
    grid: tf.Tensor  # (batch,) in [0, 1), all equal: the stride, see `PixelFrame`.
    latents: tuple  # One or two tensors (batch, latent_dim).
    crossover: tf.Tensor | None  # (batch,): first layer of the second latent.
    augmentation: tf.Tensor  # (batch, augmentation.NUM_UNIFORMS) in [0, 1).
    noise: list | None  # For each layer (batch, points, 1).
    mixture: tf.Tensor  # (batch,) in [0, 1): places of WGAN-GP's interpolates.
    dense_crops: tf.Tensor  # (batch, axes) in [0, 1): where dense patches lie.
    matches: tf.Tensor  # (batch,) in [0, 1): see `Matches`.
    labels: tf.Tensor | None = None  # (batch,): classes.
    extents: tf.Tensor | None = None  # (batch, 2): rows and columns of the images.
    matched: tf.Tensor | None = None  # (batch,): weights, see `Matches.take`.


def draw(
    seed,
    step,
    batch,
    points,
    latent_dim,
    layers,
    style_mixing=0.0,
    noise=False,
    labels=None,
    extents=None,
    fresh=False,
    axes=2,
):
    """Draws the random numbers of a step, the same for any number of replicas.

    All numbers follow from `seed`, `step` and a sample's index in the global batch; a
    replica takes those of its own samples.

    Args:
        seed: int.
        step: int tensor. Steps before this one.
        batch: int. Samples of this replica.
        points: int. Points of a patch, for noise.
        latent_dim: int.
        layers: int. Number of the generator's layers, for style mixing and noise.
        style_mixing: float. Share of samples with a second latent. Defaults to `0`.
        noise: bool. Whether to draw noise for each layer. Defaults to `False`.
        labels: int tensor `(batch,)`. Classes of the real images, which the fakes
            share. Defaults to `None`: no classes.
        extents: int tensor `(batch, 2)`. Rows and columns of the real images, which
            the fakes share, so that shapes are as frequent among fakes. Defaults to
            `None`: images are square.
        fresh: bool. Draw different numbers, for a separate step of the generator.
            Defaults to `False`.
        axes: int. Axes of the images. Defaults to `2`.

    Returns:
        Draws.
    """
    step = tf.cast(step, tf.int32)
    # Seeds of runs are not negative.
    seed = -1 - seed if fresh else seed

    def key(stream):
        return tf.stack([seed, step * 16 + stream])

    def sample(function, stream, shape):
        return _replica_samples(function, key(stream), (batch, *shape))

    uniform = tf.random.stateless_uniform
    normal = tf.random.stateless_normal
    if style_mixing:
        pair = sample(normal, _LATENTS, (2, latent_dim))
        latents = (pair[:, 0], pair[:, 1])
        u = sample(uniform, _MIXING, (2,))
        crossover = 1 + tf.cast(u[:, 0] * (layers - 1), tf.int32)
        crossover = tf.where(u[:, 1] < style_mixing, crossover, layers)
    else:
        latents = (sample(normal, _LATENTS, (latent_dim,)),)
        crossover = None
    return Draws(
        crops=sample(uniform, _CROPS, (axes,)),
        grid=tf.fill((batch,), uniform((), key(_GRID))),
        latents=latents,
        crossover=crossover,
        augmentation=sample(uniform, _AUGMENT, (augmentation_lib.NUM_UNIFORMS,)),
        noise=tf.unstack(sample(normal, _NOISE, (layers, points, 1)), axis=1)
        if noise
        else None,
        mixture=sample(uniform, _MIXTURE, ()),
        dense_crops=sample(uniform, _DENSE, (axes,)),
        matches=sample(uniform, _MATCHES, ()),
        labels=labels,
        extents=extents,
    )


def _replica_samples(function, key, shape):
    """Draws the numbers of the global batch and takes those of this replica."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    values = function((shape[0] * replicas, *shape[1:]), key)
    if replicas == 1:
        return values
    context = tf.distribute.get_replica_context()
    start = context.replica_id_in_sync_group * shape[0]
    return tf.ensure_shape(values[start : start + shape[0]], shape)


def layer_styles(generator, draws):
    """Maps latents to styles of each layer, `(batch, layers, style_dim)`."""
    styles = first_styles(generator, draws)[:, None]
    layers = tf.range(generator.num_layers)
    if draws.crossover is None:
        return tf.repeat(styles, generator.num_layers, axis=1)
    before = layers[None, :, None] < draws.crossover[:, None, None]
    second = generator.mapping(draws.latents[1], labels=draws.labels)
    return tf.where(before, styles, second[:, None])


def first_styles(generator, draws):
    """Maps the first latents to styles, `(batch, style_dim)`."""
    return generator.mapping(draws.latents[0], labels=draws.labels)
