"""Exponential moving average (EMA) of a generator's weights."""

import tensorflow as tf


def decay_for(batch_size, half_life_kimg):
    """Computes the decay of one step from a half-life in thousands of images."""
    return 0.5 ** (batch_size / (half_life_kimg * 1000.0))


def update(averages, weights, decay):
    """Moves `averages` towards `weights`, each by 1 - `decay`.

    Works inside a replica of a distribution strategy too: all replicas hold the same
    weights, and so the same averages.

    Args:
        averages: List of Keras variables.
        weights: List of Keras variables of the same shapes.
        decay: float in [0, 1].
    """
    pairs = [(a.value, w.value) for a, w in zip(averages, weights, strict=True)]

    def assign(strategy=None):
        for average, weight in pairs:
            if strategy is None:
                _move(average, weight, decay)
            else:
                strategy.extended.update(
                    average, _move, args=(weight, decay), group=True
                )

    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        assign()
    else:
        replica.merge_call(assign)


def _move(average, weight, decay):
    average.assign(average * decay + tf.cast(weight, average.dtype) * (1 - decay))


def copy(target, source):
    """Copies the weights of a network to another of the same kind."""
    for t, s in zip(target.weights, source.weights, strict=True):
        t.assign(s)


def clone(network, name=None):
    """Creates an untrainable network of the same kind with the same weights.

    Args:
        network: Model.
        name: str. Name of the new one. Defaults to `None`: the same.
    """
    config = network.get_config()
    result = type(network).from_config({**config, "name": name or network.name})
    result.trainable = False
    copy(result, network)
    return result
