"""The base of all generators."""

import inspect
import pathlib

import keras

import inr_keras  # Gives access to drawing, which imports the networks.
from inr_keras.config.choices import ALIGNMENTS
from inr_keras.layers import precision
from inr_keras.models import generator_files
from inr_keras.models.mapping_network import MappingNetwork
from inr_keras.models.rematerialization import remat
from inr_keras.naming import renaming
from inr_keras.whole_numbers import check_positive


class INRGenerator(keras.Model):
    """Base class of generators, which map latents to styles and points to colours.

    `mapping(latents, truncation, labels)` returns styles, `synthesis(styles,
    coords)` colours; truncation and style mixing act between the two. Training,
    rendering and export rely on the arguments and attributes below alone.

    A subclass calls `add_mapping`, or has a `mapping` of its own, and defines
    `synthesis` and `num_layers`. It keeps each argument of its constructor as an
    attribute of the same name, from which `get_config` takes it.

    Args:
        latent_dim: int. Length of a latent vector.
        style_dim: int. Length of a style vector.
        channels: int. Colour channels.
        resolution: int. Side of the training images, for renderers.
        alignment: str. `"corner"` or `"center"`, for renderers; `"corner"` where the
            training grids are in `"span"`.
        class_names: Sequence of str. Names of the classes, in the order of their
            labels; `()`: no classes.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Attributes:
        num_layers: int. Number of styles that an image may have, one for each
            layer.
        coord_dim: int. Number of coordinates of a point. Defaults to `2`.
        video_length: int. Number of images in a video, whose channels lie side by
            side; 0: the generator draws single images. Defaults to `0`.
        sample_rate: int. Samples a second of sounds; 0: it generates no sounds.
            Defaults to `0`.
        noise: bool. Whether `synthesis` uses noise. Defaults to `False`.
        takes_grid: bool. Whether `synthesis` takes a `grid` hint, see
            `lattices.grid_hint`. Defaults to `False`.
        draws_any_point: bool. Whether `synthesis` takes any points; `False`: the full
            training grid alone. Defaults to `True`.
        wraps: bool. Whether images are panoramas, twice as wide as high, where x = -1
            and x = 1 are the same place. Defaults to `False`.
        embedding: Coordinate embedding with `tables`, or `None`. A generator without
            one need not have the attribute.
        remat: bool. Whether training calls keep only the values between parts of
            the network and compute the others again in the backward pass.
            Defaults to `False`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch, points, coord_dim)`, or `(1,
            points, coord_dim)` where all images share it, in the frame
            [-1, 1] or beyond.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Defaults to `False`.
        labels: With `class_names`, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`, about [-1, 1].

    Example:
        >>> class Planes(INRGenerator):
        ...     num_layers = 1
        ...
        ...     def __init__(self, latent_dim=8, style_dim=6, resolution=16, **kwargs):
        ...         frame = (3, resolution, "center", ())
        ...         super().__init__(latent_dim, style_dim, *frame, **kwargs)
        ...         self.add_mapping(layers=1, lr_multiplier=1.0, residual_weight=0.0)
        ...
        ...     def synthesis(self, styles, coords, noise=None, training=False):
        ...         slopes = keras.ops.reshape(styles, (-1, 2, 3))
        ...         return keras.ops.matmul(coords, slopes)
        >>> coords = np.ones((1, 5, 2), "float32")
        >>> colours = Planes()(keras.random.normal((2, 8)), coords)
        >>> tuple(colours.shape)
        (2, 5, 3)
    """

    coord_dim = 2
    video_length = 0
    sample_rate = 0
    noise = False
    takes_grid = False
    draws_any_point = True
    wraps = False
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
        if alignment not in ALIGNMENTS:
            raise ValueError(
                f"`alignment` must be one of {ALIGNMENTS}. Received: {alignment=}"
            )
        check_positive(
            latent_dim=latent_dim,
            style_dim=style_dim,
            channels=channels,
            resolution=resolution,
        )
        names = [class_names] if isinstance(class_names, str) else list(class_names)
        if names == [class_names] or len(set(names)) < len(names):
            raise ValueError(
                "`class_names` must be a sequence of different names. "
                f"Received: {class_names!r}"
            )
        # Coordinates must not be cast to a half-precision compute dtype.
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        self.latent_dim = latent_dim
        self.style_dim = style_dim
        self.channels = channels
        self.resolution = resolution
        self.alignment = alignment
        self.class_names = tuple(names)

    def add_mapping(self, layers, lr_multiplier, residual_weight):
        """Makes `mapping` a `MappingNetwork` with these arguments."""
        self.mapping_layers = layers
        self.mapping_lr_multiplier = lr_multiplier
        self.residual_weight = residual_weight
        with renaming({"layers": "mapping_layers"}):
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
        """Mean style, towards which truncation moves all styles."""
        return self.mapping.mean_style

    def call(self, latents, coords, truncation=1.0, training=False, labels=None):
        styles = self.mapping(latents, truncation=truncation, labels=labels)
        return self.synthesis(styles, coords, training=training)

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of points.

        Args:
            styles: Tensor of shape `(batch, style_dim)`, or `(batch,
                num_layers, style_dim)` with a style for each layer.
            coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.
            noise: `None`, or where `noise` is `True` a list of `num_layers`
                tensors of shape `(batch, points, 1)`.
            training: bool. Affects `remat` alone.

        Returns:
            float32 tensor of shape `(batch, points, channels)`.
        """
        raise NotImplementedError

    @classmethod
    def from_preset(cls, preset):
        """Loads a trained generator.

        Args:
            preset: str or path. Name of a shipped preset, such as `"openmoji"`; a
                folder that `save_to_preset` has written, or a run directory; or a
                `.keras` file.

        Returns:
            A generator of this class, whose weights are trainable.

        Raises:
            ValueError: There is no such preset, or its generator is of another class.
        """
        generator = generator_files.load(generator_files.preset_path(preset), cls)
        generator.trainable = True  # A run writes its average, which was not trained.
        return generator

    def save_to_preset(self, folder):
        """Writes `generator.keras` into a folder, for `from_preset`.

        Args:
            folder: str or path. It is made if need be.
        """
        from inr_keras.files import write_beside  # Needs more packages than Keras.

        write_beside(pathlib.Path(folder) / generator_files.NAME, self.save)

    def generate(self, *args, **kwargs):
        """Draws images of seeds as uint8, see `inr_keras.generate`."""
        return inr_keras.generate(self, *args, **kwargs)

    def sheet(self, *args, **kwargs):
        """Draws images of seeds side by side, see `inr_keras.seed_sheet`."""
        return inr_keras.seed_sheet(self, *args, **kwargs)

    def latent_inputs(self):
        """Creates symbolic latents, and labels where there are classes, by name."""
        inputs = {"latents": keras.Input((self.latent_dim,), name="latents")}
        if self.class_names:
            inputs["labels"] = keras.Input((), dtype="int32", name="labels")
        return inputs

    def export(self, filepath, *args, **kwargs):
        """Exports the generator, as `keras.Model.export` does, even if never called.

        Its inputs are a dict of `latents`, `coords` and, with classes, `labels`.
        `inr_keras.export` makes a SavedModel that draws images and serves them.
        """
        points = None if self.draws_any_point else self.resolution**self.coord_dim
        coords = keras.Input((points, self.coord_dim), name="coords")
        inputs = {**self.latent_inputs(), "coords": coords}
        keras.Model(inputs, self(**inputs)).export(filepath, *args, **kwargs)

    @staticmethod
    def layer_style(styles, layer):
        """Returns a layer's style, where all layers share one or each has its own."""
        return styles if len(styles.shape) == 2 else styles[:, layer]

    def rematerialization(self, training):
        """Returns a function that wraps a part of the network to recompute it.

        Gradients reach the arguments and the weights of a wrapped part alone, so
        that styles must be among its arguments. Without `remat`, and outside of
        training, the part stays as it is.
        """
        return remat if self.remat and training else lambda part: part

    def get_config(self):
        classes = type(self).__mro__
        names = [
            name
            for cls in classes[: classes.index(INRGenerator)]
            if "__init__" in vars(cls)
            for name in inspect.signature(cls.__init__).parameters
            if name not in ("self", "kwargs")
        ]
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
        }
