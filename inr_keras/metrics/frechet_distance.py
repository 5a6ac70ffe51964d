"""Fréchet distance as a metric of Keras."""

import os

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from inr_keras.evaluation import extractors
from inr_keras.evaluation import moments


@keras.saving.register_keras_serializable(package="inr_keras")
class FrechetDistance(keras.metrics.Metric):
    """Fréchet distance of the features of real and of generated images.

    The result does not depend on the division into batches; it equals
    `moments.frechet` of all features. `result` decomposes two `dim x dim` matrices on
    the CPU, so call it once at the end, as `INRGAN.evaluate` does.

    Args:
        features: Feature extractor: a callable from images with levels in [0, 255] to
            a tensor `(batch, dim)`, such as a Keras model, or a name or path for
            `open_extractor`, such as `"efficientnet_lite0"`. Defaults to `None`: the
            metric is given features instead of images.
        name: str. Defaults to `"frechet_distance"`.
        **kwargs: Base metric arguments.

    Call arguments:
        y_true: Tensor `(batch, height, width, 1 or 3)` of real images, or `(batch,
            dim)` of their features.
        y_pred: Tensor of generated images or their features; their number may differ.

    Returns:
        float: 0 for equal means and covariances, NaN for fewer than two real or two
        generated images.

    Raises:
        ValueError: `features` cannot be opened or returns another shape than `(batch,
            dim)`, or `sample_weight` is given.

    Example:
        >>> distance = FrechetDistance()
        >>> rows = np.random.default_rng(0).normal(size=(100, 4))
        >>> distance.update_state(rows, rows + 1.0)
        >>> round(float(distance.result()), 4)
        4.0
        >>> gan.compile("adam", "adam", metrics=[FrechetDistance("pixels")])
        >>> scores = gan.evaluate(dataset, return_dict=True, verbose=0)
        >>> scores["frechet_distance"] > 0.0
        True

    References:
        - [Heusel et al., 2017](https://arxiv.org/abs/1706.08500), equation 6.
    """

    def __init__(self, features=None, name="frechet_distance", **kwargs):
        super().__init__(name=name, **kwargs)
        self._direction = "down"
        is_path = isinstance(features, os.PathLike)
        self.features = os.fspath(features) if is_path else features
        # In a function: Keras would track a model as a part of the metric.
        self._extract = _extraction(self.features)
        self._sums = {}

    def update_state(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            raise ValueError(
                "`sample_weight` must be None, as all images count alike. "
                f"Received: {sample_weight}"
            )
        for kind, images in (("real", y_true), ("fake", y_pred)):
            rows = ops.cast(self._extract(images), "float64")
            if len(rows.shape) != 2 or rows.shape[1] is None:
                raise ValueError(
                    "Features must be of shape (batch, dim). "
                    f"Received: {tuple(rows.shape)}"
                )
            count, total, products = self._sums_of(kind, rows.shape[1])
            count.assign_add(ops.cast(ops.shape(rows)[0], "float64"))
            total.assign_add(ops.sum(rows, axis=0))
            products.assign_add(ops.matmul(ops.transpose(rows), rows))

    def _sums_of(self, kind, dim):
        """Returns the sums of some features, which replicas add up."""
        if kind not in self._sums:
            self._sums[kind] = [
                self.add_variable(
                    shape, keras.initializers.Zeros(), "float64", name=f"{kind}_{name}"
                )
                for name, shape in (
                    ("count", ()),
                    ("total", (dim,)),
                    ("products", (dim, dim)),
                )
            ]
        return self._sums[kind]

    def result(self):
        if len(self._sums) < 2:
            return ops.convert_to_tensor(np.nan, "float32")
        sums = [ops.convert_to_tensor(v) for kind in self._sums.values() for v in kind]
        return tf.numpy_function(_distance, sums, tf.float32)

    def get_config(self):
        features = self.features
        if not isinstance(features, str | None):
            features = keras.saving.serialize_keras_object(features)
        return {**super().get_config(), "features": features}

    @classmethod
    def from_config(cls, config):
        features = config["features"]
        if not isinstance(features, str | None):
            features = keras.saving.deserialize_keras_object(features)
        return cls(**{**config, "features": features})


def _extraction(features):
    """Returns a function of images, or of features, to features."""
    if features is None:
        return ops.convert_to_tensor
    if callable(features):
        return lambda images: features(images)
    extractor = extractors.open_extractor(features)
    return lambda images: extractor.tensors(images)["features"]


def _distance(*sums):
    """Computes the distance from the sums of both kinds, as float32."""
    real, fake = (moments.Moments.of_sums(*part) for part in (sums[:3], sums[3:]))
    if min(real.count, fake.count) < 2:
        return np.float32(np.nan)
    return np.float32(moments.frechet(real, fake))
