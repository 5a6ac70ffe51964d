"""Import of TF-GAN on present TensorFlow.

TF-GAN 2.1 imports `tf.estimator`, which TensorFlow dropped in 2.16, for parts that this
project does not use. Stand-ins replace them for the time of the import alone. Use
TF-GAN's losses and metrics on plain tensors, never its Keras layers, which are written
against Keras 2.
"""

import contextlib
import functools
import sys
import types

import tensorflow as tf

from inr_keras.quiet_imports import UnfitEnvironment

_ESTIMATOR = "tensorflow_gan.python.estimator"


@functools.cache
def load():
    """Imports TF-GAN, on the first call, and returns the module.

    Raises:
        UnfitEnvironment: It, or what it imports, is not there.
    """
    package = types.ModuleType(_ESTIMATOR)
    package.__path__ = []
    estimator = types.SimpleNamespace(SessionRunHook=object)
    missing = not hasattr(tf, "estimator")
    sys.modules[_ESTIMATOR] = package
    if missing:
        tf.estimator = estimator
    try:
        import tensorflow_gan
    except ImportError as error:
        # TensorFlow Hub imports pkg_resources, which setuptools has dropped.
        missing = {"pkg_resources": "setuptools<81"}
        package = missing.get(error.name, "tensorflow-gan>=2.1")
        raise UnfitEnvironment(
            f"TF-GAN cannot be imported ({error}): pip install '{package}'. Without it "
            "there are all `metrics` but swd, kid and fid, and `features` but inception"
        ) from error
    finally:
        sys.modules.pop(_ESTIMATOR, None)
        if missing:
            del tf.estimator
    return tensorflow_gan


@contextlib.contextmanager
def quiet():
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
