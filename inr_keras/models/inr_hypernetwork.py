"""A network that writes the weights of implicit neural representations."""

import functools

import keras
from keras import ops

from inr_keras.layers import EqualizedDense
from inr_keras.models.external_inr import ExternalINR
from inr_keras.models.inr_generator import INRGenerator


@keras.saving.register_keras_serializable(package="inr_keras")
class INRHyperNetwork(INRGenerator):
    """A generator whose styles become the weights of an `ExternalINR`.

    The slides' and INR-GAN's original form: a mapping network, and for each
    layer of the INR a linear map from styles to the layer's external numbers.
    It stands wherever a `CIPSGenerator` does.

    Args:
        latent_dim: int. Length of a latent vector. Defaults to `512`.
        style_dim: int. Length of a style vector. Defaults to `512`.
        mapping_layers: int. Defaults to `8`.
        mapping_lr_multiplier: float. Defaults to `0.01`.
        parametrization: str. See `ExternalINR`, as for the next ones.
            Defaults to `"factorized_se"`.
        rank: int. Defaults to `10`.
        width: int. Defaults to `128`.
        layers: int. Defaults to `4`.
        basis: str. Defaults to `"fourier"`.
        coords_layer: str. Defaults to `"shared"`.
        fourier_features: int. Defaults to `width`.
        fourier_scale: float. Defaults to `10`.
        omega: float. Defaults to `30`.
        initialization: str. Of a SIREN; the written weights have its
            deviations, and not its uniform distribution. Defaults to
            `"original"`.
        weight_clip: float. Written numbers are clipped to +-`weight_clip`, in
            units of the deviation that they start with; 0 leaves them.
            Defaults to `0`.
        remat: bool. In training calls keep only what stands between layers,
            and compute a layer's activations anew in the backward pass.
            Defaults to `False`.
        channels: int. Colour channels. Defaults to `3`.
        coord_dim: int. Axes of the coordinates. Defaults to `2`.
        resolution: int. Side of the images it was trained on, for renderers.
            Defaults to `256`.
        alignment: str. Alignment of the trained grids, for renderers. Defaults
            to `"corner"`.
        class_names: Sequence of str. Classes that images are drawn of, in
            the order of their labels. Defaults to `()`: no classes.
        residual_weight: float. See `MappingNetwork`. Defaults to `0`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch or 1, points, coord_dim)`, in
            the frame [-1, 1] or beyond.
        truncation: float. Defaults to `1`.
        training: bool. Matters to `remat`.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].

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
        omega=30.0,
        initialization="original",
        weight_clip=0.0,
        remat=False,
        channels=3,
        coord_dim=2,
        resolution=256,
        alignment="corner",
        class_names=(),
        residual_weight=0.0,
        **kwargs,
    ):
        if weight_clip < 0:
            raise ValueError(
                f"`weight_clip` must be zero or more. Received: {weight_clip=}"
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
        # A vector an image: float32 costs nothing.
        self.heads = [
            EqualizedDense(size, dtype="float32", name=f"head_{i}") if size else None
            for i, size in enumerate(self.inr.external_sizes)
        ]
        self.build()

    @property
    def num_layers(self):
        """Number of layers that take a style, the one of colours included."""
        return self.num_hidden + 1

    def build(self, latents_shape=None, coords_shape=None):
        if self.built:
            return
        self.mapping.build((None, self.latent_dim))
        for head in self.heads:
            if head is not None:
                head.build((None, self.style_dim))
        self.built = True

    def layer_params(self, index, styles):
        """External numbers of layer `index`, `(batch, count)`."""
        head = self.heads[index]
        if head is None:
            return styles[:, :0]
        params = head(styles)
        if self.weight_clip:
            limit = self.weight_clip
            params = ops.clip(params, -limit, limit)
        return params * self.inr.dense[index].external_std

    def synthesis(self, styles, coords, noise=None, training=False):
        """Colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.
            noise: Of no effect.
            training: bool. Matters to `remat`.

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
        # A model's `layers` are those that it consists of.
        return {**super().get_config(), "layers": self.num_hidden}
