"""Layers, models and losses in small, for any backend of Keras.

As a program it runs in an environment without TensorFlow and without pytest:

  KERAS_BACKEND=jax python -m tests.backends.cases WEIGHTS.npz OUTPUTS.npz

It gives every layer and model the weights of the first file, and writes its outputs and
the losses of a few steps of training.
"""

import pathlib
import sys

import keras
import numpy as np

from inr_keras import coordinates
from inr_keras import layers
from inr_keras import losses
from inr_keras import models
from inr_keras.layers.external_dense import external_dense
from tests.models import reference

STEPS = 2
# Cases that are trained, too; gradients take JAX long to compile.
TRAINED = {
    *("coordinate_embedding", "equalized_conv", "equalized_dense", "fourier_features"),
    *("factorized_modulated_dense", "modulated_dense", "stylegan2_discriminator"),
    "cips_remat",
}
_POINTS = 6
_SMALL = {"latent_dim": 6, "style_dim": 5, "mapping_layers": 2, "width": 8}
_CIPS = {
    **_SMALL,
    "blocks": 2,
    "fourier_features": 7,
    "embedding_channels": 4,
    "embedding_size": 8,
}


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _coords(count=2, axes=2):
    points = np.random.default_rng(1).uniform(-1.0, 1.0, (count, _POINTS, axes))
    return points.astype("float32")


def cases():
    """Maps names to a function that makes a layer or model, and to its inputs."""
    rows, styles, labels = (
        _normal(2, 6, 4),
        _normal(2, 3, seed=1),
        np.array([2, 0], "int32"),
    )
    images, coords = _normal(4, 8, 8, 3), _coords()
    points = {"coords": coords}
    drawn = {"latents": _normal(2, 6), **points}
    found = {
        "blur": (lambda: layers.Blur(2), images),
        "coordinate_embedding": (lambda: layers.CoordinateEmbedding((8, 8), 5), coords),
        "equalized_conv": (lambda: layers.EqualizedConv(4, 3, strides=2), images),
        "equalized_dense": (
            lambda: layers.EqualizedDense(5, activation="leaky_relu"),
            rows,
        ),
        "factorized_modulated_dense": (
            lambda: layers.FactorizedModulatedDense(5, rank=2),
            {"inputs": rows, "styles": styles},
        ),
        "fourier_basis": (lambda: layers.FourierBasis(5, learned=True), coords),
        "fourier_features": (lambda: layers.FourierFeatures(5), coords),
        "label_projection": (
            lambda: layers.LabelProjection(3),
            {"features": _normal(2, 8), "labels": labels},
        ),
        "lattice_features": (
            lambda: layers.LatticeFeatures(8, random=4, predicted=3, constants=2),
            {**points, "styles": styles},
        ),
        "minibatch_stddev": (lambda: layers.MinibatchStddev(2), images),
        "modulated_conv2d": (
            lambda: layers.ModulatedConv2D(5),
            {"inputs": images[:2], "styles": styles},
        ),
        "modulated_dense": (
            lambda: layers.ModulatedDense(5),
            {"inputs": rows, "styles": styles},
        ),
        "multi_resolution_embedding": (
            lambda: layers.MultiResolutionEmbedding((2, 8), 5),
            coords,
        ),
        "pixel_norm": (lambda: layers.PixelNorm(), rows),
        "inr": (lambda: models.INR(width=8, depth=2, scale=3.0), coords),
        "mapping_network": (lambda: models.MappingNetwork(6, 5, 2), _normal(2, 6)),
        "cips": (lambda: models.CIPSGenerator(**_CIPS), drawn),
        "cips_remat": (lambda: models.CIPSGenerator(**_CIPS, remat=True), drawn),
        "inr_gan": (
            lambda: models.INRGANGenerator(
                **_SMALL,
                resolution=16,
                input_resolution=8,
                channel_base=128,
                fine_blocks=1,
                rank=2,
                fourier_features=4,
                embedding_channels=4,
            ),
            drawn,
        ),
        "inr_hypernetwork": (lambda: models.INRHyperNetwork(**_SMALL, rank=2), drawn),
        "sphere": (
            lambda: models.SphereGenerator(models.CIPSGenerator(**_CIPS, coord_dim=3)),
            drawn,
        ),
        "stylegan2_discriminator": (
            lambda: models.StyleGAN2Discriminator(8, channels=(4, 6)),
            images,
        ),
    }
    for kind in ("factorized_se", "adain"):
        dense = external_dense(kind, 5, rank=2)
        params = _normal(2, dense.num_external(channels=4), seed=2)
        found[f"external_dense_{kind}"] = (
            lambda kind=kind: external_dense(kind, 5, rank=2),
            {"inputs": rows, "params": params},
        )
    return found


def values_of_losses():
    """Maps names to the value of each loss on fixed numbers."""
    real, fake = _normal(8, 1), _normal(8, 1, seed=1)
    patches, coarse = _normal(2, 8, 8, 3), _normal(2, 4, 4, 3, seed=1)
    return {
        "generator_nonsaturating": losses.generator_nonsaturating_loss(fake),
        "discriminator_logistic": losses.discriminator_logistic_loss(real, fake),
        "relativistic_generator": losses.relativistic_generator_loss(real, fake),
        "relativistic": losses.relativistic_discriminator_loss(real, fake),
        "wasserstein": losses.wasserstein_discriminator_loss(real, fake),
        "r1_penalty": losses.r1_penalty(patches),
        "slope_penalty": losses.slope_penalty(patches),
        "patch_regularization": losses.patch_regularization(patches, coarse),
    }


def golden():
    """Maps names to pairs of what models draw and of the reference's numbers."""
    arrays = _fixture("cips_generator")
    coords = np.reshape(coordinates.grid(16, 16), (1, -1, 2))
    generator = reference.cips_generator(arrays)
    styles = generator.mapping(arrays["z"])
    found = {
        "cips/styles": (styles, arrays["w"]),
        "cips/image": (
            generator.synthesis(styles, coords),
            _points(arrays["image_no_noise"]),
        ),
    }
    arrays = _fixture("cips_discriminator")
    discriminator = reference.cips_discriminator(arrays)
    images = arrays["x"].transpose(0, 2, 3, 1)
    found["discriminator"] = (discriminator(images), arrays["logits"])
    return found


def _fixture(name):
    with np.load(pathlib.Path(__file__).parents[1] / f"fixtures/{name}.npz") as file:
        return dict(file)


def _points(images):
    count, channels = images.shape[:2]
    return images.transpose(0, 2, 3, 1).reshape(count, -1, channels)


def run(make, inputs, weights=None, trains=False):
    """Builds a model around a layer, and calls it.

    Args:
        make: Function that makes a layer or model.
        inputs: Array, or dict of arrays by the names of `call`'s arguments.
        weights: List of arrays. Defaults to `None`: those that it has.
        trains: bool. Whether to train it as well.

    Returns:
        The weights, the outputs, and the losses of `STEPS` steps of training.
    """
    keras.utils.set_random_seed(0)
    layer = make()
    if isinstance(inputs, dict):
        symbols = {
            name: keras.Input(array.shape[1:], dtype=array.dtype, name=name)
            for name, array in inputs.items()
        }
        model = keras.Model(symbols, layer(**symbols))
    else:
        symbols = keras.Input(inputs.shape[1:], dtype=inputs.dtype)
        model = keras.Model(symbols, layer(symbols))
    if weights is not None:
        model.set_weights(weights)
    weights = model.get_weights()
    outputs = keras.ops.convert_to_numpy(model(inputs))
    trained = []
    if trains:
        # JAX compiles each operation by itself where a step is not compiled whole.
        is_eager = keras.config.backend() != "jax"
        model.compile(keras.optimizers.SGD(0.01), "mse", run_eagerly=is_eager)
        target = np.ones_like(outputs)
        trained = [float(model.train_on_batch(inputs, target)) for _ in range(STEPS)]
    return weights, outputs, trained


def results(given=None):
    """Runs all cases.

    Args:
        given: Dict of arrays, `NAME/weights/NUMBER` of each case. Defaults to `None`.

    Returns:
        Dict of arrays: `NAME/weights/NUMBER`, `NAME/outputs`, `NAME/losses`.
    """
    found = {f"loss/{name}": value for name, value in values_of_losses().items()}
    for name, (value, expected) in golden().items():
        found |= {f"golden/{name}": value, f"expected/{name}": expected}
    for name, (make, inputs) in cases().items():
        weights = None
        if given is not None:
            count = sum(key.startswith(f"{name}/weights/") for key in given)
            weights = [given[f"{name}/weights/{i}"] for i in range(count)]
        trains = name in TRAINED
        weights, outputs, trained = run(make, inputs, weights, trains)
        found |= {f"{name}/weights/{i}": array for i, array in enumerate(weights)}
        found[f"{name}/outputs"] = outputs
        found[f"{name}/losses"] = trained
    return {name: keras.ops.convert_to_numpy(value) for name, value in found.items()}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as arrays:
        np.savez(sys.argv[2], **results(dict(arrays)))
    if "tensorflow" in sys.modules and keras.config.backend() != "tensorflow":
        sys.exit("TensorFlow was imported.")
    print(keras.config.backend())
