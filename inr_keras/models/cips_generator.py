"""CIPS: an image generator with conditionally-independent pixel synthesis."""

import functools
import math

import keras
from keras import ops

from inr_keras.config.choices import RGB_VARIANTS
from inr_keras.layers import CoordinateEmbedding
from inr_keras.layers import EqualizedDense
from inr_keras.layers import FourierFeatures
from inr_keras.layers import ModulatedDense
from inr_keras.layers import MultiResolutionEmbedding
from inr_keras.models.inr_generator import INRGenerator
from inr_keras.naming import renaming


@keras.saving.register_keras_serializable(package="inr_keras")
class CIPSGenerator(INRGenerator):
    """Generator of images by a style-modulated MLP of each point's coordinates.

    `mapping(latents, truncation)` returns styles, `synthesis(styles, coords)`
    colours; truncation and style mixing act between the two. A point's colour
    depends on its own coordinates and style alone.

    Args:
        latent_dim: int. Length of a latent vector. Defaults to `512`.
        style_dim: int. Length of a style vector. Defaults to `512`.
        mapping_layers: int. Layers of the mapping network. Defaults to `8`.
        mapping_lr_multiplier: float. See `MappingNetwork`. Defaults to `0.01`.
        width: int or list of ints. Channels of the modulated layers, one number
            for all or one for each block. Defaults to `512`.
        blocks: int. Number of blocks of two modulated layers, after a first layer.
            Defaults to `7` (14 layers and the first, CIPS at 256 x 256).
        fourier_features: int. Number of sines. Defaults to `512`.
        fourier_scale: float. See `FourierFeatures`. Defaults to `0`.
        embedding_channels: int. Channels of the coordinate embedding; 0: no
            embedding. Defaults to `512`.
        embedding_size: int or sequence of int. Side of the embedding's lattice;
            several sides make a `MultiResolutionEmbedding`. Defaults to `256`.
        embedding_alignment: str. Alignment of the grids that the generator is
            trained on, `"corner"` or `"center"`. Defaults to `"corner"`.
        reference_training: bool. See `CoordinateEmbedding`. Defaults to
            `False`.
        rgb: str. `"skip"` sums an RGB output of each block (CIPSskip);
            `"residual"` adds each block's input to its output, both times
            1 / sqrt(2), and takes the colours from the last block (CIPSres).
            Defaults to `"skip"`.
        noise: bool. Whether each layer adds noise to each point, with a learned
            strength; `synthesis` takes the noise itself. Defaults to `False`.
        remat: bool. Whether training calls keep only the values between blocks
            and compute activations within a block again in the backward pass.
            Defaults to `False`.
        channels: int. Colour channels. Defaults to `3`.
        resolution: int. Side of the training images, for renderers. Defaults to
            `embedding_size`.
        alignment: str. Alignment of the training grids, for renderers. Defaults
            to `embedding_alignment`.
        class_names: Sequence of str. Names of the classes, in the order of their
            labels. Defaults to `()`: no classes.
        coord_dim: int. Axes of the frame, 1 to 3: lines, images, volumes or
            videos. The embedding has `embedding_size` points along each.
            Defaults to `2`.
        residual_weight: float. See `MappingNetwork`. Defaults to `0`.
        sample_rate: int. Samples a second of the sounds that are generated, for
            renderers. Defaults to `0`: no sounds.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch, points, coord_dim)`, or `(1,
            points, coord_dim)` where all images share it, in the frame
            [-1, 1] or beyond.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Affects `reference_training` and `remat` alone.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].

    Raises:
        ValueError: `rgb` or an alignment is unknown, `width` is not one number or one
            for each block, `coord_dim` is not 1, 2 or 3, or `reference_training` is
            used with a `coord_dim` other than 2 or with several tables.

    Example:
        >>> generator = CIPSGenerator(
        ...     latent_dim=8, style_dim=16, mapping_layers=2, width=16, blocks=2,
        ...     fourier_features=8, embedding_channels=8, embedding_size=16,
        ... )
        >>> latents = keras.random.normal((2, 8))
        >>> coords = coordinates.grid(16, 16)  # Any points of the frame or beyond.
        >>> colours = generator(latents, keras.ops.reshape(coords, (1, 256, 2)))
        >>> tuple(colours.shape)
        (2, 256, 3)

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), section 3.
    """

    def __init__(
        self,
        latent_dim=512,
        style_dim=512,
        mapping_layers=8,
        mapping_lr_multiplier=0.01,
        width=512,
        blocks=7,
        fourier_features=512,
        fourier_scale=0.0,
        embedding_channels=512,
        embedding_size=256,
        embedding_alignment="corner",
        reference_training=False,
        rgb="skip",
        noise=False,
        remat=False,
        channels=3,
        resolution=None,
        alignment=None,
        class_names=(),
        coord_dim=2,
        residual_weight=0.0,
        sample_rate=0,
        **kwargs,
    ):
        if rgb not in RGB_VARIANTS:
            raise ValueError(f"`rgb` must be one of {RGB_VARIANTS}. Received: {rgb=}")
        widths = [width] * blocks if isinstance(width, int) else list(width)
        if len(widths) != blocks or blocks < 1:
            raise ValueError(
                "`width` must be one number or one for each of `blocks`, at "
                f"least one. Received: {width=}, {blocks=}"
            )
        if coord_dim not in (1, 2, 3):
            raise ValueError(f"`coord_dim` must be 1, 2 or 3. Received: {coord_dim=}")
        if reference_training and coord_dim != 2:
            raise ValueError(
                "`reference_training` must be False where `coord_dim` is not "
                f"2. Received: {coord_dim=}"
            )
        several = not isinstance(embedding_size, int)
        if reference_training and several:
            raise ValueError(
                "`reference_training` must be False with several tables. "
                f"Received: {embedding_size=}"
            )
        size = max(embedding_size) if several else embedding_size
        super().__init__(
            latent_dim,
            style_dim,
            channels,
            resolution or size,
            alignment or embedding_alignment,
            class_names,
            **kwargs,
        )
        self.width = width
        self.blocks = blocks
        self.fourier_features = fourier_features
        self.fourier_scale = fourier_scale
        self.embedding_channels = embedding_channels
        self.embedding_size = embedding_size
        self.embedding_alignment = embedding_alignment
        self.reference_training = reference_training
        self.rgb = rgb
        self.noise = noise
        self.remat = remat
        self.coord_dim = coord_dim
        self.sample_rate = sample_rate

        dtype = self.dtype_policy
        self.add_mapping(mapping_layers, mapping_lr_multiplier, residual_weight)
        with renaming({"features": "fourier_features", "scale": "fourier_scale"}):
            self.fourier = FourierFeatures(
                fourier_features, fourier_scale, dtype=dtype, name="fourier"
            )
        self.embedding = None
        if embedding_channels and several:
            self.embedding = MultiResolutionEmbedding(
                embedding_size,
                embedding_channels,
                alignment=embedding_alignment,
                coord_dim=coord_dim,
                dtype=dtype,
                name="embedding",
            )
        elif embedding_channels:
            self.embedding = CoordinateEmbedding(
                (embedding_size,) * coord_dim,
                embedding_channels,
                alignment=embedding_alignment,
                reference_training=reference_training,
                dtype=dtype,
                name="embedding",
            )

        def dense(units, name):
            return ModulatedDense(units, noise=noise, dtype=dtype, name=name)

        self.first = dense(widths[0], "first")
        self.dense = []
        self.to_rgb = []
        self.shortcuts = []
        for i, units in enumerate(widths):
            inputs = widths[max(i - 1, 0)]
            self.dense += [
                dense(units, f"block_{i}_a"),
                dense(units, f"block_{i}_b"),
            ]
            if rgb == "residual":
                self.shortcuts.append(
                    EqualizedDense(units, dtype=dtype, name=f"shortcut_{i}")
                    if inputs != units
                    else None
                )
            if rgb == "skip" or i == blocks - 1:
                self.to_rgb.append(
                    ModulatedDense(
                        channels,
                        demodulate=False,
                        activation=None,
                        dtype=dtype,
                        name=f"to_rgb_{i}",
                    )
                )
        self._widths = widths
        self.build()

    @property
    def num_layers(self):
        """Number of modulated layers, without RGB layers."""
        return 1 + 2 * self.blocks

    def build(self, latents_shape=None, coords_shape=None):
        if self.built:
            return
        self.mapping.build((None, self.latent_dim))
        self.fourier.build((None, None, self.coord_dim))
        size = self.fourier_features
        if self.embedding is not None:
            self.embedding.build((None, None, self.coord_dim))
            size += self.embedding_channels
        style = (None, self.style_dim)
        self.first.build((None, None, size), style)
        size = self._widths[0]
        to_rgb = iter(self.to_rgb)
        for i, units in enumerate(self._widths):
            self.dense[2 * i].build((None, None, size), style)
            self.dense[2 * i + 1].build((None, None, units), style)
            if self.rgb == "residual" and self.shortcuts[i] is not None:
                self.shortcuts[i].build((None, None, size))
            if self.rgb == "skip" or i == self.blocks - 1:
                next(to_rgb).build((None, None, units), style)
            size = units
        self.built = True

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.
            noise: List of `num_layers` tensors of shape `(batch, points, 1)`,
                or `None`: no noise.
            training: bool. Affects `reference_training` and `remat` alone.

        Returns:
            float32 tensor of shape `(batch, points, channels)`.
        """

        style = self.layer_style

        def apply(layer, index, x, styles):
            return layer(x, style(styles, index), noise=noise[index] if noise else None)

        def features(coords, styles):
            x = self.fourier(coords)
            if self.embedding is not None:
                table = self.embedding(coords, training=training)
                x = ops.concatenate([x, table], axis=-1)
            return apply(self.first, 0, x, styles)

        def block(index, x, rgb, styles):
            y = apply(self.dense[2 * index], 2 * index + 1, x, styles)
            y = apply(self.dense[2 * index + 1], 2 * index + 2, y, styles)
            if self.rgb == "residual":
                shortcut = self.shortcuts[index]
                x = x if shortcut is None else shortcut(x)
                x = (x + y) * math.sqrt(0.5)
                if index < self.blocks - 1:
                    return x, rgb
                out = self.to_rgb[0](x, style(styles, 2 * self.blocks))
            else:
                x = y
                out = self.to_rgb[index](x, style(styles, 2 * index + 2))
            # RGB outputs are summed in float32.
            return x, rgb + ops.cast(out, "float32")

        keep = self.rematerialization(training)
        x = keep(features)(coords, styles)
        rgb = ops.zeros((1, 1, self.channels), "float32")
        for index in range(self.blocks):
            x, rgb = keep(functools.partial(block, index))(x, rgb, styles)
        return rgb
