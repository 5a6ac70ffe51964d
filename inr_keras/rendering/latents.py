"""Latents and labels that follow from seeds alone."""

import numpy as np
import tensorflow as tf


def latents_from_seeds(seeds, latent_dim):
    """Draws a standard normal latent for each seed, the same everywhere.

    The latent of a seed does not depend on the seeds beside it, and follows from
    TensorFlow's stateless generator, so that an exported model can draw it.

    Args:
        seeds: Sequence of ints from 0.
        latent_dim: int.

    Returns:
        float32 array `(len(seeds), latent_dim)`.

    Example:
        >>> latents_from_seeds([0, 1, 2], latent_dim=8).shape
        (3, 8)
    """
    latents = [
        tf.random.stateless_normal((latent_dim,), seed=(seed, 0)) for seed in seeds
    ]
    return np.stack([latent.numpy() for latent in latents])


def labels_in_turn(seeds, generator, label=None):
    """Assigns classes to seeds: all in turn, one for all seeds, or one for each seed.

    Args:
        seeds: Sequence of ints from 0.
        generator: Generator whose `class_names` are the classes.
        label: int or str. The class of all, or its name; or a sequence of these, one
            for each seed. Defaults to `None`: the classes in turn.

    Returns:
        int32 array `(len(seeds),)`, or `None` where there are no classes.

    Raises:
        ValueError: There is no such class, or not one class for each seed.
    """
    names = generator.class_names
    if label is None:
        return (np.asarray(seeds) % len(names)).astype("int32") if names else None
    if np.ndim(label) == 0:
        return np.full(len(seeds), class_number(label, names), "int32")
    numbers = [class_number(one, names) for one in label]
    if len(numbers) != len(seeds) or None in numbers:
        raise ValueError(
            f"`label` must be one class, or one for each of {len(seeds)} seeds. "
            f"Received: {label!r}"
        )
    return np.array(numbers, "int32")


def class_number(label, names):
    """Finds the number of a class.

    Args:
        label: str or int. The class's name, or its number from 0, which may be a text;
            or `None`.
        names: Sequence of str. All classes of a generator, by number.

    Returns:
        int, or `None` for `None`.

    Raises:
        ValueError: There is no such class.

    Example:
        >>> class_number("dogs", ("cats", "dogs"))
        1
    """
    if label is None:
        return None
    if not names:
        raise ValueError(
            "`label` must not be given for a generator without classes. "
            f"Received: {label!r}"
        )
    if label in names:
        return list(names).index(label)
    number = label
    if isinstance(label, str) and label.isdecimal() and len(label) < 10:
        number = int(label)
    if not isinstance(number, str) and number in range(len(names)):
        return int(number)
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    raise ValueError(
        f"`label` must be one of {shown} or a number from 0 to {len(names) - 1}. "
        f"Received: {label!r}"
    )
