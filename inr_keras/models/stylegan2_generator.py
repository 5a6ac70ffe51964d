"""StyleGAN2's convolutional generator, for comparison with INRs."""

import keras
from keras import ops

from inr_keras.layers.modulated_conv2d import ModulatedConv2D
from inr_keras.models.inr_generator import INRGenerator


@keras.saving.register_keras_serializable(package="inr_keras")
class StyleGAN2Generator(INRGenerator):
    """Generator of images by modulated convolutions, for the full training grid only.

    A learned constant of 4x4 is convolved and doubled in size up to `resolution`; RGB
    outputs of all sizes are summed. `synthesis` takes the points of the full training
    grid, row by row, and no others, because a pixel depends on its neighbours. The
    generator can thus be trained with `method="image"`, but draws no regions, no other
    sizes and no patches.

    Deviations from StyleGAN2: images are doubled by bilinear interpolation, its filter
    [1, 3, 3, 1], before the convolution and not within it; layers add no noise, so
    that the latents alone decide the image; RGB outputs take the style of the layer
    before them.

    Args:
        latent_dim: int. Length of a latent vector. Defaults to `512`.
        style_dim: int. Length of a style vector. Defaults to `512`.
        mapping_layers: int. Layers of the mapping network. Defaults to `8`.
        mapping_lr_multiplier: float. See `MappingNetwork`. Defaults to `0.01`.
        channel_base: int. A size has `min(channel_base / size, channel_max)`
            channels. Defaults to `16384`.
        channel_max: int. See `channel_base`. Defaults to `512`.
        channels: int. Colour channels. Defaults to `3`.
        resolution: int. Side of the images, a power of two from 8. Defaults to `256`.
        alignment: str. Alignment of the training grid, for renderers. Defaults to
            `"center"`.
        class_names: Sequence of str. See `INRGenerator`. Defaults to `()`.
        residual_weight: float. See `MappingNetwork`. Defaults to `0`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: Tensor of shape `(batch or 1, resolution ** 2, 2)`, the training grid.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. It has no effect here.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, resolution ** 2, channels)`.

    Raises:
        ValueError: `resolution` is not a power of two from 8, or the number of points
            does not fit it.

    Example:
        >>> generator = StyleGAN2Generator(
        ...     latent_dim=8, style_dim=16, mapping_layers=2, channel_base=64,
        ...     resolution=8,
        ... )
        >>> coords = coordinates.patch([[0, 0]], 8, 8, 8, alignment="center")
        >>> tuple(generator(keras.random.normal((2, 8)), coords).shape)
        (2, 64, 3)

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), sections 2.2 and 4.1.
    """

    draws_any_point = False

    def __init__(
        self,
        latent_dim=512,
        style_dim=512,
        mapping_layers=8,
        mapping_lr_multiplier=0.01,
        channel_base=16384,
        channel_max=512,
        channels=3,
        resolution=256,
        alignment="center",
        class_names=(),
        residual_weight=0.0,
        **kwargs,
    ):
        if resolution < 8 or resolution & (resolution - 1):
            raise ValueError(
                f"`resolution` must be a power of two from 8. Received: {resolution=}"
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
        self.channel_base = channel_base
        self.channel_max = channel_max
        self.add_mapping(mapping_layers, mapping_lr_multiplier, residual_weight)
        dtype = self.dtype_policy
        self.sizes = [2**i for i in range(2, resolution.bit_length())]
        self.convolutions, self.to_rgb = [], []
        for size in self.sizes:
            width = self._width(size)
            for number in range(1 if size == 4 else 2):
                self.convolutions.append(
                    ModulatedConv2D(width, dtype=dtype, name=f"conv_{size}_{number}")
                )
            self.to_rgb.append(
                ModulatedConv2D(
                    channels,
                    kernel_size=1,
                    demodulate=False,
                    activation=None,
                    dtype=dtype,
                    name=f"to_rgb_{size}",
                )
            )
        self.build()

    def _width(self, size):
        return max(min(self.channel_base // size, self.channel_max), 1)

    @property
    def num_layers(self):
        """Number of modulated convolutions, without those to RGB."""
        return len(self.convolutions)

    def build(self, latents_shape=None, coords_shape=None):
        if self.built:
            return
        self.mapping.build((None, self.latent_dim))
        style = (None, self.style_dim)
        width = self._width(4)
        self.constant = self.add_weight(
            name="constant",
            shape=(1, 4, 4, width),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        layers = iter(self.convolutions)
        for size, to_rgb in zip(self.sizes, self.to_rgb):
            for _ in range(1 if size == 4 else 2):
                next(layers).build((None, size, size, width), style)
                width = self._width(size)
            to_rgb.build((None, size, size, width), style)
        self.built = True

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of the training grid's points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: Tensor of shape `(batch or 1, resolution ** 2, 2)`.
            noise: `None`.
            training: bool. It has no effect here.

        Returns:
            float32 tensor of shape `(batch, resolution ** 2, channels)`.
        """
        points = coords.shape[1]
        if points is not None and points != self.resolution**2:
            raise ValueError(
                "`coords` must be the full training grid, which a convolutional "
                f"generator draws as a whole: {self.resolution**2} points. "
                f"Received: {points}"
            )
        x = ops.repeat(self.constant, ops.shape(styles)[0], axis=0)
        x = ops.cast(x, self.compute_dtype)
        rgb, layer = None, 0
        for index, size in enumerate(self.sizes):
            if index:
                x = _doubled(x)
                rgb = _doubled(rgb)
            for _ in range(1 if size == 4 else 2):
                x = self.convolutions[layer](x, self.layer_style(styles, layer))
                layer += 1
            out = self.to_rgb[index](x, self.layer_style(styles, layer - 1))
            # RGB outputs are summed in float32.
            out = ops.cast(out, "float32")
            rgb = out if rgb is None else rgb + out
        return ops.reshape(rgb, (-1, self.resolution**2, self.channels))


def _doubled(images):
    """Doubles sides by bilinear interpolation between the middles of pixels."""
    height, width = images.shape[1:3]
    return ops.image.resize(
        images,
        (2 * height, 2 * width),
        interpolation="bilinear",
        data_format="channels_last",
    )
