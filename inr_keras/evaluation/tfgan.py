"""TF-GAN on current TensorFlow, an optional backend for distances.

`root_trace`, `squared_mmd` and `sliced_levels` compute with TF-GAN what the functions
of the same names in `distances.py` compute.

TF-GAN 2.1 imports `tf.estimator`, which TensorFlow dropped in 2.16, for parts that this
project does not use. Stand-ins replace them for the time of the import alone. Use
TF-GAN's losses and metrics on plain tensors, never its Keras layers, which are written
against Keras 2.
"""

import contextlib
import functools
import sys
import types

import numpy as np
import tensorflow as tf

from inr_keras import extras

_ESTIMATOR = "tensorflow_gan.python.estimator"


@functools.cache
def load():
    """Imports TF-GAN, on the first call, and returns the module.

    Raises:
        UnfitEnvironment: TF-GAN or a package that it imports is missing.
    """
    package = types.ModuleType(_ESTIMATOR)
    package.__path__ = []
    estimator = types.SimpleNamespace(SessionRunHook=object)
    missing = not hasattr(tf, "estimator")
    sys.modules[_ESTIMATOR] = package
    if missing:
        tf.estimator = estimator
    try:
        return extras.load("tensorflow_gan", "tfgan")
    finally:
        sys.modules.pop(_ESTIMATOR, None)
        if missing:
            del tf.estimator


def root_trace(a, b):
    """Computes `distances.root_trace` with TF-GAN."""
    load()  # Makes the next import possible.
    from tensorflow_gan.python.eval import classifier_metrics

    root = classifier_metrics.trace_sqrt_product(tf.constant(a), tf.constant(b))
    return float(root)


def squared_mmd(real, fake):
    """Computes `distances.squared_mmd` with TF-GAN."""
    distance = load().eval.kernel_classifier_distance_from_activations
    largest = max(len(real), len(fake))
    with _quiet():
        return float(
            distance(tf.constant(real), tf.constant(fake), max_block_size=largest)
        )


def sliced_levels(real, fake, seed, projections):
    """Computes `distances.sliced_levels` with TF-GAN."""
    distance = load().eval.sliced_wasserstein_distance
    state = np.random.get_state()  # TF-GAN draws patches from NumPy's global state.
    try:
        # Eager, so that all draws come in the same order each time.
        np.random.seed(seed)
        tf.random.set_seed(seed)
        with _quiet():
            levels = distance(
                tf.constant(real),
                tf.constant(fake),
                resolution_min=min(16, real.shape[1]),
                random_sampling_count=projections,
            )
    finally:
        np.random.set_state(state)
    return [float(distance) for _, distance in levels]


@contextlib.contextmanager
def _quiet():
    """Silences TensorFlow in the context.

    It warns that functions which TF-GAN calls are deprecated.
    """
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
