"""Dtypes that networks may compute in."""

import keras

from inr_keras.config import choices


def check(network, names=choices.POLICIES):
    """Raises `ValueError` where a network computes in another dtype.

    Numbers without a dtype of their own take Keras's `floatx`, which must be float32.

    Args:
        network: Layer or model.
        names: Sequence of str. Dtypes that are allowed. Defaults to all of
            `choices.POLICIES`.
    """
    name, floatx = network.dtype_policy.name, keras.config.floatx()
    if name not in names or floatx != "float32":
        raise ValueError(
            f"`dtype` must be one of {', '.join(names)}, and keras.config.floatx() "
            f"float32. Received: dtype={name!r} and {floatx!r}"
        )


def check_training(*networks):
    """Raises `ValueError` where a network's dtype is not for training."""
    for network in filter(None, networks):
        check(network, choices.DTYPES)
