"""Quiet imports of TensorFlow and similar packages, and Keras as networks need it.

On import, TensorFlow writes lines that no setting prevents, and old packages warn of
each other. After `install`, output to file descriptor 2 is held back while such a
package is imported, and shown only if the import fails.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import tempfile

_LOUD = ("keras", "tensorflow", "tensorflow_datasets", "tensorflow_gan")
_LOUD += ("tensorflow_hub", "tensorflow_serving")


# Backends of Keras, of which the first suits all programs, and the backend that was
# asked for before a program changed it.
BACKENDS = ("tensorflow", "jax")
_ASKED = os.environ.get("KERAS_BACKEND", "")


class UnfitEnvironment(ImportError):
    """Error of packages or settings outside of the library; its message is one line."""


def install(backends=BACKENDS[:1]):
    """Makes later imports quiet and sets Keras's backend; for programs only.

    Args:
        backends: Sequence of str. Backends that the program runs on. Of several,
            `KERAS_BACKEND` chooses one, or else the first that is installed is taken.

    Raises:
        UnfitEnvironment: `KERAS_BACKEND` is not among several `backends`.
    """
    os.environ["KERAS_BACKEND"] = _choose(backends)
    # C++ code reports abandoned graph passes and absent GPU drivers as errors.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _choose(backends):
    if len(backends) == 1:
        return backends[0]
    if _ASKED and _ASKED not in backends:
        raise UnfitEnvironment(
            f"KERAS_BACKEND must be {' or '.join(backends)}. Received: {_ASKED!r}"
        )
    installed = [name for name in backends if importlib.util.find_spec(name)]
    return _ASKED or (installed or backends)[0]


class _Finder(importlib.abc.MetaPathFinder):
    """Finder of the loud packages, whose loaders it makes quiet."""

    def find_spec(self, name, path, target=None):
        spec = None
        if name in _LOUD:
            spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def quietly(module):
                with _held_back():
                    execute(module)
                if name == "keras":  # In place of what a user's keras.json says.
                    module.config.set_floatx("float32")
                    module.config.set_image_data_format("channels_last")

            spec.loader.exec_module = quietly
        return spec


@contextlib.contextmanager
def _held_back():
    """Holds standard error back, and shows it where the block fails."""
    try:
        kept = os.dup(2)
    except OSError:  # There is no standard error.
        yield
        return
    with tempfile.TemporaryFile() as held:
        _flush()
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            _flush()
            os.dup2(kept, 2)
            os.close(kept)
            if failed:
                held.seek(0)
                os.write(2, held.read())


def _flush():
    if sys.stderr:
        sys.stderr.flush()
