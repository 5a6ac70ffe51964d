"""INR-GAN: a generator of multi-scale INRs with modulated weights."""

import functools
import math

import keras
from keras import ops

from inr_keras.config.choices import BASES
from inr_keras.config.choices import UPSAMPLINGS
from inr_keras.layers import FactorizedModulatedDense
from inr_keras.layers import LatticeFeatures
from inr_keras.layers import ModulatedDense
from inr_keras.layers.lattice_features import side_by_side
from inr_keras.models import lattices
from inr_keras.models.inr_generator import INRGenerator


@keras.saving.register_keras_serializable(package="inr_keras")
class INRGANGenerator(INRGenerator):
    """Generator of multi-scale INRs with factorized multiplicative modulation.

    Blocks work at resolutions that double from `input_resolution` to
    `resolution`. All but the finest are evaluated on the cells of their own
    lattice, and a point reads the features of the cell that it lies in, or of
    the four around it (see `lattices`). The finest block is evaluated at the
    points themselves: at any density, in any region, and beyond the frame, where
    lattices continue and the constant embeddings repeat their borders.

    There is a block for each of 4, 8, ..., `resolution`, as in StyleGAN2: block 4
    has one layer, the others have two, and blocks up to `input_resolution` share
    its lattice. The first block on each lattice reads the lattice's
    `LatticeFeatures`. Each block adds its colours to the colours of the block
    before. The `fine_blocks` finest blocks have a third layer, waves of `basis`
    in place of diagonal ones, and half of the constants.

    A colour is a function of its point and the style alone: a crop of a render
    equals the render of the crop. Instance normalization divides a layer's inputs
    by their deviation over all cells of the full image's lattices. These cells
    are the same whatever is drawn, and each call evaluates them in addition, so
    that it suits training on full images alone. (The reference takes the
    deviation of the image that it draws, always the full one: both are equal.)

    Args:
        latent_dim: int. Length of a latent vector. Defaults to `512`.
        style_dim: int. Length of a style vector. Defaults to `512`.
        mapping_layers: int. Layers of the mapping network. Defaults to `2`.
        mapping_lr_multiplier: float. See `MappingNetwork`. Defaults to `0.01`.
        resolution: int. Side of the finest lattice and of the training images, a
            power of two. Defaults to `256`.
        input_resolution: int. Side of the coarsest lattice, a power of two from
            4. Defaults to `32`.
        width: int. Largest number of channels of a block. Defaults to `512`.
        channel_base: int. Block n has min(`channel_base` / n, `width`) channels,
            at least 1. Defaults to `32768`.
        fine_blocks: int. Number of fine blocks, less than the number of lattices.
            Defaults to `2`.
        rank: int. See `FactorizedModulatedDense`. Defaults to `10`.
        modulation: str. See `FactorizedModulatedDense`. Defaults to `"demod"`.
        fourier_features: int. Waves in fine blocks; 0: none. Defaults to `32`.
        fourier_scale: float. Deviation of the waves' weights, in radians per unit
            of the frame. Defaults to sqrt(10).
        basis: str. Source of the waves' weights: `"random"`, `"shared"` (learned)
            or `"predicted"` (from the style). Defaults to `"random"`.
        embedding_channels: int. Number of learned constants at each cell of a
            lattice that is not fine; 0: none. Defaults to `128`.
        embedding_levels: Sequence of int. Sides of the lattices with constants;
            `()`: all. On fine lattices constants distinguish pixels that the slow
            waves do not. Defaults to `()`.
        upsampling: str. `"nearest"` or `"bilinear"`. Defaults to `"nearest"`.
        instance_norm: bool. Whether layers apply instance normalization. Defaults
            to `False`.
        remat: bool. Whether training calls keep only the values between blocks
            and compute activations within a block again in the backward pass.
            Defaults to `False`.
        channels: int. Colour channels. Defaults to `3`.
        class_names: Sequence of str. Names of the classes, in the order of their
            labels. Defaults to `()`: no classes.
        residual_weight: float. See `MappingNetwork`. Defaults to `0`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch, points, 2)`, or `(1, points,
            2)` where all images share it, in the frame [-1, 1] or beyond.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Affects `remat` alone.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].

    Raises:
        ValueError: `resolution` or `input_resolution` is not a power of two from 4, the
            latter is larger, `fine_blocks` or `embedding_levels` does not fit the
            lattices, or `basis` or `upsampling` is unknown.

    Example:
        >>> generator = INRGANGenerator(
        ...     latent_dim=8, style_dim=16, resolution=16, input_resolution=4, width=8,
        ...     fourier_features=4, embedding_channels=4,
        ... )
        >>> coords = coordinates.patch([[0, 0]], 16, 16, 16, alignment="center")
        >>> tuple(generator(keras.random.normal((2, 8)), coords).shape)
        (2, 256, 3)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), section
          3 and the settings of its public code. Here, pixels are cells and y
          grows downwards: see `edge_coordinates`.
    """

    takes_grid = True  # See `lattices.grid_hint`.

    def __init__(
        self,
        latent_dim=512,
        style_dim=512,
        mapping_layers=2,
        mapping_lr_multiplier=0.01,
        resolution=256,
        input_resolution=32,
        width=512,
        channel_base=32768,
        fine_blocks=2,
        rank=10,
        modulation="demod",
        fourier_features=32,
        fourier_scale=math.sqrt(10.0),
        basis="random",
        embedding_channels=128,
        embedding_levels=(),
        upsampling="nearest",
        instance_norm=False,
        remat=False,
        channels=3,
        class_names=(),
        residual_weight=0.0,
        **kwargs,
    ):
        _check(resolution, input_resolution, fine_blocks, basis, upsampling)
        super().__init__(
            latent_dim, style_dim, channels, resolution, "center", class_names, **kwargs
        )
        self.input_resolution = input_resolution
        self.width = width
        self.channel_base = channel_base
        self.fine_blocks = fine_blocks
        self.rank = rank
        self.modulation = modulation
        self.fourier_features = fourier_features
        self.fourier_scale = fourier_scale
        self.basis = basis
        self.embedding_channels = embedding_channels
        self.embedding_levels = tuple(embedding_levels)
        self.upsampling = upsampling
        self.instance_norm = instance_norm
        self.remat = remat
        self.add_mapping(mapping_layers, mapping_lr_multiplier, residual_weight)
        self.lattice_sides = lattices.doubling_sides(input_resolution, resolution)
        if not set(self.embedding_levels) <= set(self.lattice_sides):
            raise ValueError(
                f"`embedding_levels` must be among {self.lattice_sides}. "
                f"Received: {embedding_levels}"
            )
        self.features = [self._features(side) for side in self.lattice_sides]
        self.block_names = lattices.doubling_sides(4, resolution)
        self.dense = []  # A list of layers for each block.
        self.to_rgb = []
        for name in self.block_names:
            units = max(1, min(channel_base // name, width))
            count = 1 if name == 4 else 2 + self._is_fine(name)
            self.dense.append(
                [
                    FactorizedModulatedDense(
                        units,
                        rank,
                        modulation,
                        dtype=self.dtype_policy,
                        name=f"block_{name}_{i}",
                    )
                    for i in range(count)
                ]
            )
            self.to_rgb.append(
                ModulatedDense(
                    channels,
                    demodulate=False,
                    activation=None,
                    dtype=self.dtype_policy,
                    name=f"to_rgb_{name}",
                )
            )
        self.build()

    @property
    def num_layers(self):
        """Number of styles: one for each modulated layer and one for the last RGB."""
        return sum(map(len, self.dense)) + 1

    def _is_fine(self, side):
        return side * 2**self.fine_blocks > self.resolution

    def _features(self, side):
        fine = self._is_fine(side)
        waves = {self.basis: self.fourier_features} if fine else {}
        constants = self.embedding_channels // (1 + fine)
        if self.embedding_levels and side not in self.embedding_levels:
            constants = 0
        return LatticeFeatures(
            side,
            diagonals=not fine,
            scale=self.fourier_scale,
            constants=constants,
            dtype=self.dtype_policy,
            name=f"features_{side}",
            **waves,
        )

    def build(self, latents_shape=None, coords_shape=None):
        if self.built:
            return
        self.mapping.build((None, self.latent_dim))
        style = (None, self.style_dim)
        for features in self.features:
            features.build((None, None, 2), style)
        size, side = 0, None
        for name, dense, to_rgb in zip(self.block_names, self.dense, self.to_rgb):
            if side != self._side(name):
                side = self._side(name)
                level = self.lattice_sides.index(side)
                size += self.features[level].features
            for layer in dense:
                layer.build((None, None, size), style)
                size = layer.units
            to_rgb.build((None, None, size), style)
        self.built = True

    def _side(self, name):
        """Returns the side of the lattice that a block works on."""
        return max(name, self.input_resolution)

    def synthesis(self, styles, coords, noise=None, training=False, grid=None):
        """Computes the colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, 2)`.
            noise: `None`.
            training: bool. Affects `remat` alone.
            grid: `None`, or a hint that the points are a patch: its rows, columns
                and distance of neighbours in the frame (or more, at more cost),
                plain numbers; see `lattices.plan`. Changes no colour: coarse
                blocks are evaluated at the cells that the patch reads, and not
                for each point (`bilinear`: at nine cells for each point).

        Returns:
            float32 tensor of shape `(batch, points, channels)`.
        """
        coords = ops.cast(coords, "float32")
        sides, upsampling = self.lattice_sides, self.upsampling
        plan = lattices.plan(coords, sides, upsampling, grid)
        if not self.instance_norm:
            return self._draw(styles, plan, training)
        measured = [[] for _ in self.block_names]
        image = lattices.plan_whole(sides, upsampling)
        self._draw(styles, image, False, measured=measured)
        return self._draw(styles, plan, training, measured)

    def _draw(self, styles, levels, training, deviations=None, measured=None):
        """Computes the colours of the finest level's samples.

        Args:
            styles, training: As in `synthesis`.
            levels: List of `lattices.Level`.
            deviations: List of tensors for each block, by which its normalized
                layers divide their inputs.
            measured: List for each block, to which the samples' deviations are
                added; these are used in place of `deviations`.
        """

        style = self.layer_style

        def block(number, enter, first, x, rgb, styles, *deviations):
            dense = self.dense[number]
            if enter:
                x, rgb = self._enter(
                    levels,
                    self.lattice_sides.index(enter),
                    x,
                    rgb,
                    style(styles, first),
                )
            for i, layer in enumerate(dense):
                if i and self.instance_norm:
                    deviation = deviations[i - 1] if deviations else None
                    if measured is not None:
                        deviation = _deviation(x)
                        measured[number].append(deviation)
                    x = x / ops.cast(deviation + 1e-8, x.dtype)
                x = layer(x, style(styles, first + i))
            # The next block's first layer has the same style.
            out = self.to_rgb[number](x, style(styles, first + len(dense)))
            # RGB outputs are summed in float32.
            return x, rgb + ops.cast(out, "float32")

        keep = self.rematerialization(training)
        x, rgb = ops.zeros((1, 1, 1)), ops.zeros((1, 1, self.channels))
        first, side = 0, None
        for number, name in enumerate(self.block_names):
            before, side = side, self._side(name)
            enter = side if side != before else None
            part = functools.partial(block, number, enter, first)
            known = deviations[number] if deviations else []
            x, rgb = keep(part)(x, rgb, styles, *known)
            first += len(self.dense[number])
        return rgb

    def _enter(self, levels, level, x, rgb, styles):
        """Moves `x` and `rgb` to the next lattice and adds its features to `x`."""
        features = self.features[level](levels[level].coords(), styles)
        if not level:
            return features, rgb
        coarse, fine = levels[level - 1 : level + 1]
        x = lattices.read(x, coarse, fine)
        rgb = lattices.read(rgb, coarse, fine)
        return side_by_side([x, features]), rgb


def _deviation(x):
    """Computes the deviation over an image's points for each channel, in float32."""
    x = ops.cast(x, "float32")
    points = x.shape[1]
    squares = ops.sum(ops.square(x - ops.mean(x, 1, keepdims=True)), axis=1)
    # The root has no finite gradient at 0.
    deviation = ops.sqrt(ops.maximum(squares / (points - 1), 1e-30))
    return ops.expand_dims(deviation, axis=1)


def _check(resolution, input_resolution, fine_blocks, basis, upsampling):
    sides = lattices.doubling_sides(input_resolution, resolution)
    if fine_blocks not in range(len(sides)):
        raise ValueError(
            "`fine_blocks` must be 0 or more and fewer than the lattices. "
            f"Received: {fine_blocks=}"
        )
    if basis not in BASES:
        raise ValueError(f"`basis` must be one of {BASES}. Received: {basis=}")
    if upsampling not in UPSAMPLINGS:
        raise ValueError(
            f"`upsampling` must be one of {UPSAMPLINGS}. Received: {upsampling=}"
        )
