"""Hypernetwork that predicts the weights of implicit neural representations."""

import functools

import keras
from keras import ops

from inr_keras.layers import EqualizedDense
from inr_keras.models.external_inr import ExternalINR
from inr_keras.models.inr_generator import INRGenerator
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class INRHyperNetwork(INRGenerator):
    """Generator that maps styles to the weights of an `ExternalINR`.

    It consists of a mapping network and, for each layer of the INR, a head: a linear
    map from styles to the weights of the layer, as in the slides and in INR-GAN's
    original form. With more `head_layers`, each head has hidden layers before its
    linear map (the slides' "backbone with heads").

    Args:
        latent_dim: int. Length of a latent vector. Defaults to `512`.
        style_dim: int. Length of a style vector. Defaults to `512`.
        mapping_layers: int. Layers of the mapping network. Defaults to `8`.
        mapping_lr_multiplier: float. See `MappingNetwork`. Defaults to `0.01`.
        parametrization: str. See `ExternalINR`. Defaults to `"factorized_se"`.
        rank: int. See `ExternalINR`. Defaults to `10`.
        width: int. See `ExternalINR`. Defaults to `128`.
        layers: int. See `ExternalINR`. Defaults to `4`.
        basis: str. See `ExternalINR`. Defaults to `"fourier"`.
        coords_layer: str. See `ExternalINR`. Defaults to `"shared"`.
        fourier_features: int. See `ExternalINR`. Defaults to `width`.
        fourier_scale: float. See `ExternalINR`. Defaults to `10`.
        omega: float. See `ExternalINR`. Defaults to `None`.
        initialization: str. See `ExternalINR`. Predicted weights have the same
            deviations, but not the uniform distribution. Defaults to `"original"`.
        weight_clip: float. Bound of predicted weights, in units of their initial
            deviation; 0: no bound. Defaults to `0`.
        remat: bool. Whether training calls keep only the values between layers
            and compute activations within a layer again in the backward pass.
            Defaults to `False`.
        channels: int. Colour channels. Defaults to `3`.
        coord_dim: int. Axes of the coordinates. Defaults to `2`.
        resolution: int. Side of the training images, for renderers. Defaults to
            `256`.
        alignment: str. Alignment of the training grids, for renderers. Defaults
            to `"corner"`.
        class_names: Sequence of str. Names of the classes, in the order of their
            labels. Defaults to `()`: no classes.
        residual_weight: float. See `MappingNetwork`. Defaults to `0`.
        head_layers: int. Layers of each head, all but the last with leaky ReLUs.
            Defaults to `1`.
        head_width: int. Channels between the layers of a head. Defaults to `0`:
            `style_dim`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch or 1, points, coord_dim)`, in
            the frame [-1, 1] or beyond.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Affects `remat` alone.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].

    Raises:
        ValueError: `weight_clip` or `head_width` is negative, `head_layers` is not
            positive, or `ExternalINR` refuses its arguments.

    Example:
        >>> generator = INRHyperNetwork(
        ...     latent_dim=8, style_dim=16, mapping_layers=2, rank=2, width=8, layers=2
        ... )
        >>> coords = np.zeros((1, 5, 2), "float32")
        >>> tuple(generator(keras.random.normal((2, 8)), coords).shape)
        (2, 5, 3)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), section
          3.1, and the authors' slides "Meta Generation".
    """

    def __init__(
        self,
        latent_dim=512,
        style_dim=512,
        mapping_layers=8,
        mapping_lr_multiplier=0.01,
        parametrization="factorized_se",
        rank=10,
        width=128,
        layers=4,
        basis="fourier",
        coords_layer="shared",
        fourier_features=None,
        fourier_scale=10.0,
        omega=None,
        initialization="original",
        weight_clip=0.0,
        remat=False,
        channels=3,
        coord_dim=2,
        resolution=256,
        alignment="corner",
        class_names=(),
        residual_weight=0.0,
        head_layers=1,
        head_width=0,
        **kwargs,
    ):
        if weight_clip < 0:
            raise ValueError(
                f"`weight_clip` must be zero or more. Received: {weight_clip=}"
            )
        check_positive(head_layers=head_layers)
        if head_width < 0:
            raise ValueError(
                f"`head_width` must be zero or more. Received: {head_width}"
            )
        super().__init__(
            latent_dim,
            style_dim,
            channels,
            resolution,
            alignment,
            class_names,
            **kwargs,
        )
        self.parametrization = parametrization
        self.rank = rank
        self.width = width
        self.num_hidden = layers
        self.basis = basis
        self.coords_layer = coords_layer
        self.fourier_features = fourier_features
        self.fourier_scale = fourier_scale
        self.omega = omega
        self.initialization = initialization
        self.weight_clip = weight_clip
        self.head_layers = head_layers
        self.head_width = head_width
        self.remat = remat
        self.coord_dim = coord_dim
        self.add_mapping(mapping_layers, mapping_lr_multiplier, residual_weight)
        self.inr = ExternalINR(
            parametrization,
            rank,
            width,
            layers,
            basis,
            coords_layer,
            fourier_features,
            fourier_scale,
            omega,
            initialization,
            channels,
            coord_dim,
            dtype=self.dtype_policy,
            name="inr",
        )
        # One vector for each image: float32 costs little.
        sizes = self.inr.external_sizes
        self.heads = [
            EqualizedDense(size, dtype="float32", name=f"head_{i}") if size else None
            for i, size in enumerate(sizes)
        ]
        self.trunks = [self._trunk(i) if size else None for i, size in enumerate(sizes)]
        self.build()

    @property
    def num_layers(self):
        """Number of layers that take a style, the layer of colours included."""
        return self.num_hidden + 1

    def build(self, latents_shape=None, coords_shape=None):
        if self.built:
            return
        self.mapping.build((None, self.latent_dim))
        for trunk, head in zip(self.trunks, self.heads):
            size = self.style_dim
            if trunk is not None:
                trunk.build((None, size))
                size = self.head_width or size
            if head is not None:
                head.build((None, size))
        self.built = True

    def _trunk(self, index):
        """Builds the layers of a head before its last; `None`: there are none."""
        if self.head_layers == 1:
            return None
        layers = [
            EqualizedDense(
                self.head_width or self.style_dim,
                activation="leaky_relu",
                dtype="float32",
                name=f"dense_{i}",
            )
            for i in range(self.head_layers - 1)
        ]
        trunk = keras.Sequential(layers, name=f"trunk_{index}")
        # It would cast styles to the global policy's type before its layers.
        trunk.dtype_policy = "float32"
        return trunk

    def layer_params(self, index, styles):
        """Predicts the weights of layer `index`, `(batch, count)`."""
        head = self.heads[index]
        if head is None:
            return styles[:, :0]
        trunk = self.trunks[index]
        params = head(styles if trunk is None else trunk(styles))
        if self.weight_clip:
            limit = self.weight_clip
            params = ops.clip(params, -limit, limit)
        return params * self.inr.dense[index].external_std

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.
            noise: Ignored.
            training: bool. Affects `remat` alone.

        Returns:
            float32 tensor of shape `(batch, points, channels)`.
        """

        def layer(index, x, style):
            params = self.layer_params(index, style)
            return self.inr.apply_layer(index, x, params)

        keep = self.rematerialization(training)
        x = coords
        for index in range(self.num_layers):
            part = functools.partial(layer, index)
            x = keep(part)(x, self.layer_style(styles, index))
        return x

    def get_config(self):
        # The attribute `layers` is Keras's list of a model's layers.
        return {**super().get_config(), "layers": self.num_hidden}
