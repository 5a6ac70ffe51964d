"""Mapping network from latents to styles."""

import keras
from keras import ops

from inr_keras.layers import EqualizedDense
from inr_keras.layers import PixelNorm
from inr_keras.layers.label_projection import one_hot
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class MappingNetwork(keras.layers.Layer):
    """Layer that normalizes latents, maps them to styles and tracks the mean style.

    Args:
        latent_dim: int. Length of a latent vector.
        style_dim: int. Length of a style and width of all layers.
        layers: int. Number of dense layers. Defaults to `8`.
        lr_multiplier: float. Learning rate relative to the rest of the
            generator. Defaults to `0.01`.
        classes: int. Number of classes. If it is not 0, a normalized embedding of the
            label, of length `style_dim`, is concatenated to the latent. All classes
            share one mean style, so that truncation makes them more alike. Defaults
            to `0`.
        residual_weight: float. Initial value of a learned w, with which all layers
            but the first return x + w f(x); 0: they return f(x). Defaults to
            `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`, standard normal.
        truncation: float. psi of the truncation trick: 1 leaves styles as they
            are, 0 replaces them by the mean style. Defaults to `1`.
        labels: With `classes`, int tensor of shape `(batch,)` in [0, `classes`).

    Returns:
        Styles of shape `(batch, style_dim)`, float32.

    Raises:
        ValueError: `layers` is not positive, `classes` is negative, `labels` are
            missing with classes or given without, or a label is no class.

    Example:
        >>> mapping = MappingNetwork(latent_dim=8, style_dim=16, layers=2)
        >>> latents = keras.random.normal((4, 8))
        >>> tuple(mapping(latents, truncation=0.7).shape)
        (4, 16)

    References:
        - [Karras et al., 2019](https://arxiv.org/abs/1812.04948), section 2 and
          appendix B.
        - [Karras et al., 2020](https://arxiv.org/abs/2006.06676), appendix C,
          for labels.
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026): the
          authors' first code, of the slides "Meta Generation", for residual
          weights; they begin at 0.1 there.
    """

    def __init__(
        self,
        latent_dim,
        style_dim,
        layers=8,
        lr_multiplier=0.01,
        classes=0,
        residual_weight=0.0,
        **kwargs,
    ):
        kwargs.pop("dtype", None)  # One vector for each image: float32 costs little.
        super().__init__(dtype="float32", **kwargs)
        check_positive(layers=layers)
        if classes < 0:
            raise ValueError(f"`classes` must be zero or more. Received: {classes=}")
        self.input_spec = keras.InputSpec(ndim=2, axes={-1: latent_dim})
        self.latent_dim = latent_dim
        self.style_dim = style_dim
        self.num_layers = layers  # `layers` is a list to Keras, as in `summary`.
        self.lr_multiplier = lr_multiplier
        self.classes = classes
        self.residual_weight = residual_weight
        self.pixel_norm = PixelNorm(dtype="float32")
        self.dense = [
            EqualizedDense(
                style_dim,
                lr_multiplier=lr_multiplier,
                activation="leaky_relu",
                dtype="float32",
                name=f"dense_{i}",
            )
            for i in range(layers)
        ]
        if classes:
            self.embedding = EqualizedDense(
                style_dim, dtype="float32", name="embedding"
            )

    def build(self, latents_shape, labels_shape=None):
        self.pixel_norm.build((None, self.latent_dim))
        size = self.latent_dim
        if self.classes:
            self.embedding.build((None, self.classes))
            size += self.style_dim
        for layer in self.dense:
            layer.build((None, size))
            size = self.style_dim
        self.shares = [None] * self.num_layers
        if self.residual_weight:
            self.shares[1:] = [
                self.add_weight(
                    name=f"share_{i}",
                    shape=(),
                    initializer=keras.initializers.Constant(self.residual_weight),
                )
                for i in range(1, self.num_layers)
            ]
        self.mean_style = self.add_weight(
            name="mean_style",
            shape=(self.style_dim,),
            initializer="zeros",
            trainable=False,
            aggregation="mean",  # Over replicas.
        )

    def call(self, latents, truncation=1.0, labels=None):
        if (labels is not None) != bool(self.classes):
            raise ValueError(
                "`labels` must be given where there are `classes`, and only "
                f"there. Received: labels={labels}, classes={self.classes}"
            )
        styles = self.pixel_norm(latents)
        if self.classes:
            labels = one_hot(labels, self.classes, "float32")
            labels = self.pixel_norm(self.embedding(labels))
            styles = ops.concatenate([styles, labels], axis=-1)
        for layer, share in zip(self.dense, self.shares):
            out = layer(styles)
            styles = out if share is None else styles + share * out
        return self.truncate(styles, truncation)

    def truncate(self, styles, truncation):
        """Moves styles towards the mean style: w' = m + psi (w - m)."""
        if isinstance(truncation, (int, float)) and truncation == 1:
            return styles
        return self.mean_style + truncation * (styles - self.mean_style)

    def track(self, styles, decay=0.995):
        """Moves the mean style towards a training batch's mean."""
        mean = ops.mean(ops.cast(styles, "float32"), axis=0)
        self.mean_style.assign(
            self.mean_style * decay + ops.stop_gradient(mean) * (1.0 - decay)
        )

    def compute_output_shape(self, latents_shape, labels_shape=None):
        return (latents_shape[0], self.style_dim)

    def get_config(self):
        config = {
            "latent_dim": self.latent_dim,
            "style_dim": self.style_dim,
            "layers": self.num_layers,
            "lr_multiplier": self.lr_multiplier,
            "classes": self.classes,
            "residual_weight": self.residual_weight,
        }
        return {**super().get_config(), **config}
