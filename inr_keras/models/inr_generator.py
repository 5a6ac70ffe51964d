"""The base of all generators."""

import inspect

import keras

from inr_keras.models.mapping_network import MappingNetwork
from inr_keras.models.rematerialization import remat


class INRGenerator(keras.Model):
    """Base of the generators: styles of latents, and colours of points.

    `mapping(latents, truncation, labels) -> styles` and `synthesis(styles,
    coords) -> rgb`; truncation and style mixing act between the two. Whatever
    trains, draws or exports a generator relies on the arguments and attributes
    below alone.

    A subclass calls `add_mapping`, or has a `mapping` of its own, and defines
    `synthesis` and `num_layers`. It keeps each argument of its constructor as
    an attribute of the same name, from which `get_config` takes it.

    Args:
        latent_dim: int. Length of a latent vector.
        style_dim: int. Length of a style vector.
        channels: int. Colour channels.
        resolution: int. Side of the images it is trained on, for renderers.
        alignment: str. Alignment of the trained grids, for renderers.
        class_names: Sequence of str. Classes that images are drawn of, in
            the order of their labels; `()`: no classes.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Attributes:
        num_layers: int. Number of styles that an image may have, one for each
            layer.
        coord_dim: int. Axes of the points. Defaults to `2`.
        video_length: int. Images that a video's channels hold side by side;
            0: it draws no videos. Defaults to `0`.
        noise: bool. Whether `synthesis` uses noise. Defaults to `False`.
        takes_grid: bool. Whether `synthesis` takes a `grid` hint, see
            `lattices.hint`. Defaults to `False`.
        embedding: Coordinate embedding with `tables`. Defaults to `None`.
        remat: bool. Whether training calls keep only what stands between the
            parts of the network. Defaults to `False`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch, points, coord_dim)`, or `(1,
            points, coord_dim)` where all images share it, in the frame
            [-1, 1] or beyond.
        truncation: float. Defaults to `1`.
        training: bool. Defaults to `False`.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].
    """

    coord_dim = 2
    video_length = 0
    noise = False
    takes_grid = False
    embedding = None
    remat = False

    def __init__(
        self,
        latent_dim,
        style_dim,
        channels,
        resolution,
        alignment,
        class_names,
        **kwargs,
    ):
        # Coordinates must not be cast to a half-precision compute dtype.
        super().__init__(autocast=False, **kwargs)
        self.latent_dim = latent_dim
        self.style_dim = style_dim
        self.channels = channels
        self.resolution = resolution
        self.alignment = alignment
        self.class_names = tuple(class_names)

    def add_mapping(self, layers, lr_multiplier, residual_weight):
        """Makes `mapping` a `MappingNetwork` with these arguments."""
        self.mapping_layers = layers
        self.mapping_lr_multiplier = lr_multiplier
        self.residual_weight = residual_weight
        self.mapping = MappingNetwork(
            self.latent_dim,
            self.style_dim,
            layers,
            lr_multiplier,
            classes=len(self.class_names),
            residual_weight=residual_weight,
            name="mapping",
        )

    @property
    def mean_style(self):
        """The style that truncation draws others towards."""
        return self.mapping.mean_style

    def call(self, latents, coords, truncation=1.0, training=False, labels=None):
        styles = self.mapping(latents, truncation=truncation, labels=labels)
        return self.synthesis(styles, coords, training=training)

    def synthesis(self, styles, coords, noise=None, training=False):
        """Colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.
            noise: `None`, or where `noise` is `True` a list of `num_layers`
                tensors of shape `(batch, points, 1)`.
            training: bool. Matters to `remat`.

        Returns:
            float32 tensor of shape `(batch, points, channels)`.
        """
        raise NotImplementedError

    @staticmethod
    def layer_style(styles, layer):
        """Style of a layer, where all share one or each has its own."""
        return styles if len(styles.shape) == 2 else styles[:, layer]

    def rematerialization(self, training):
        """Wrapper of the parts of a network that keeps their arguments alone.

        Gradients reach a part's arguments and weights alone, so that styles
        must be among the arguments. Without `remat`, and out of training, it
        returns the part itself.
        """
        return remat if self.remat and training else lambda part: part

    def get_config(self):
        classes = type(self).__mro__
        names = [
            name
            for cls in classes[: classes.index(INRGenerator)]
            for name in inspect.signature(cls.__init__).parameters
            if name not in ("self", "kwargs")
        ]
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
        }
