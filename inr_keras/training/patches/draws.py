"""The random numbers of a training step."""

import typing

import tensorflow as tf

from inr_keras.training.patches import augmentation

_CROPS, _LATENTS, _AUGMENT, _MIXING, _NOISE = range(5)  # Streams of a step.
_GRID, _MIXTURE, _DENSE = range(8, 11)


class Draws(typing.NamedTuple):
    """What chance decides in a step, a row for each sample of a replica."""

    offsets: tf.Tensor  # (batch, 2): row, column of the crop on its grid;
    # (batch, 3) where the grid is random, see `random_grid`.
    latents: tuple  # One or two tensors (batch, latent_dim).
    crossover: tf.Tensor | None  # (batch,): layer of the second latent.
    augmentation: tf.Tensor  # (batch, augment.NUM_UNIFORMS) in [0, 1).
    noise: list | None  # For each layer (batch, points, 1).
    labels: tf.Tensor | None = None  # (batch,): classes of both sides.
    mixture: tf.Tensor | None = None  # (batch,) in [0, 1): see `Discriminator`.
    dense: tf.Tensor | None = None  # (batch, 2) in [0, 1): the dense crop,
    dense_real: tf.Tensor | None = None  # and the real images there.
    extents: tf.Tensor | None = None  # (batch, 2): of both sides' images.


def draw(
    seed,
    step,
    batch,
    frame,
    views,
    latent_dim,
    layers,
    style_mixing=0.0,
    noise=False,
    mixture=False,
    dense=False,
    extents=None,
):
    """Draws for one step, the same however many replicas share the batch.

    All numbers follow from `seed`, `step` and a sample's index in the global
    batch; a replica takes its own rows.

    Args:
        seed: int.
        step: int tensor.
        batch: int. Samples of this replica.
        frame: views.Frame.
        views: List of `View`: which samples look at which grid.
        latent_dim: int.
        layers: int. Of the generator, for style mixing and noise.
        style_mixing: float. Share of samples with a second latent.
        noise: bool. Whether to draw noise for each layer.
        mixture: bool. Whether to draw the places of interpolates.
        dense: bool. Whether to draw a dense crop too.
        extents: Of the real images, see `views.Frame`. Fakes get the same,
            so that shapes are as frequent on both sides.
    """
    step = tf.cast(step, tf.int32)

    def key(stream):
        return tf.stack([seed, step * 16 + stream])

    def rows(function, stream, shape):
        return _replica_rows(function, key(stream), (batch, *shape))

    uniform = tf.random.stateless_uniform
    normal = tf.random.stateless_normal
    offsets = frame.offsets(
        rows(uniform, _CROPS, (2,)), views, uniform((), key(_GRID)), extents
    )
    if style_mixing:
        pair = rows(normal, _LATENTS, (2, latent_dim))
        latents = (pair[:, 0], pair[:, 1])
        u = rows(uniform, _MIXING, (2,))
        crossover = 1 + tf.cast(u[:, 0] * (layers - 1), tf.int32)
        crossover = tf.where(u[:, 1] < style_mixing, crossover, layers)
    else:
        latents = (rows(normal, _LATENTS, (latent_dim,)),)
        crossover = None
    points = frame.patch_size**2
    return Draws(
        offsets=offsets,
        latents=latents,
        crossover=crossover,
        augmentation=rows(uniform, _AUGMENT, (augmentation.NUM_UNIFORMS,)),
        noise=tf.unstack(rows(normal, _NOISE, (layers, points, 1)), axis=1)
        if noise
        else None,
        mixture=rows(uniform, _MIXTURE, ()) if mixture else None,
        dense=rows(uniform, _DENSE, (2,)) if dense else None,
        extents=extents,
    )


def _replica_rows(function, key, shape):
    """This replica's rows of the global batch's random numbers."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    values = function((shape[0] * replicas, *shape[1:]), key)
    if replicas == 1:
        return values
    context = tf.distribute.get_replica_context()
    start = context.replica_id_in_sync_group * shape[0]
    return tf.ensure_shape(values[start : start + shape[0]], shape)


def layer_styles(generator, draws):
    """Styles of each layer, `(batch, layers, style_dim)`."""
    styles = _styles(generator, draws, 0)[:, None]
    layers = tf.range(generator.num_layers)
    if draws.crossover is None:
        return tf.repeat(styles, generator.num_layers, axis=1)
    before = layers[None, :, None] < draws.crossover[:, None, None]
    return tf.where(before, styles, _styles(generator, draws, 1)[:, None])


def first_styles(generator, draws):
    """Styles of the first latents, `(batch, style_dim)`."""
    return _styles(generator, draws, 0)


def _styles(generator, draws, index):
    latents = draws.latents[index]
    if draws.labels is None:
        return generator.mapping(latents)
    return generator.mapping(latents, labels=draws.labels)
