"""Quiet imports of TensorFlow and similar packages, and Keras as networks need it.

TensorFlow writes lines on import that ignore every setting, and old packages warn of
each other. After `install`, what is written to file descriptor 2 while such a package
is imported is held back. It is shown where the import fails.
"""

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
import tempfile

_LOUD = ("keras", "tensorflow", "tensorflow_datasets", "tensorflow_gan")
_LOUD += ("tensorflow_hub", "tensorflow_serving")


class UnfitEnvironment(ImportError):
    """Error of packages or settings outside of the library; its message is one line."""


def install():
    """Makes later imports quiet, and sets Keras right; for programs alone."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # C++ code reports abandoned graph passes and absent GPU drivers as errors.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


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
