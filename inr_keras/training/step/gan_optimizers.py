"""Optimizers of a GAN's networks, and their learning rates as one."""

import keras


def take(generator, discriminator, dense=None):
    """Takes optimizers as `keras.Model.compile` does.

    Args:
        generator, discriminator, dense: keras.optimizers.Optimizer, name or config of
            each. `dense` may be `None`.

    Returns:
        List of the three.

    Raises:
        ValueError: Two optimizers are the same object, or a required one is `None`.
    """
    given = [generator, discriminator, dense]
    taken = [None if each is None else keras.optimizers.get(each) for each in given]
    names = ("generator_optimizer", "discriminator_optimizer", "dense_optimizer")
    seen = {}
    for name, optimizer in zip(names, taken):
        if optimizer is None and name != "dense_optimizer":
            raise ValueError(f"`{name}` must be an optimizer. Received: None")
        if id(optimizer) in seen:
            raise ValueError(
                f"`{name}` must be another object than `{seen[id(optimizer)]}`, for "
                f"each network has its own. Received: {optimizer.name} for both"
            )
        if optimizer is not None:
            seen[id(optimizer)] = name
    return taken


class JointOptimizer:
    """All optimizers of a GAN, as callbacks of Keras read and set `model.optimizer`.

    `learning_rate` is the generator's. Setting it sets those of the others, too, in the
    ratio that they had at first, so that `LearningRateScheduler` and
    `ReduceLROnPlateau` work on all. Where the generator's is 0 at first, there is no
    ratio, and the others keep theirs.

    Args:
        optimizers: List of keras.optimizers.Optimizer that are built, the generator's
            first.
    """

    name = "joint_optimizer"
    built = True

    def __init__(self, optimizers):
        # In a function: Keras takes attributes for the model's own.
        self._optimizers = lambda: optimizers
        rates = [keras.ops.convert_to_numpy(o.learning_rate) for o in optimizers]
        first = float(rates[0])
        self._ratios = [float(rate) / first for rate in rates] if first else [1.0]

    @property
    def learning_rate(self):
        return self._optimizers()[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        for optimizer, ratio in zip(self._optimizers(), self._ratios):
            optimizer.learning_rate = rate * ratio

    @property
    def iterations(self):
        return self._optimizers()[0].iterations

    @property
    def variables(self):
        return [v for optimizer in self._optimizers() for v in optimizer.variables]
