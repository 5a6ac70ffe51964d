"""Generators opened from run directories, `.keras` files and SavedModels."""

import functools
import json
import pathlib

import keras
import tensorflow as tf

from inr_keras import models  # Registers what a file may hold.
from inr_keras import rendering
from inr_keras.models import generator_files
from inr_keras.runs import safe_loading

METADATA = "assets.extra/inr_keras.json"  # In the folder of a version.


class SavedModelGenerator:
    """Exported generator with the interface of an `INRGenerator`.

    Args:
        path: Path of a version folder that `export` has written.
        trust_model: bool. See `load_generator`. Defaults to `False`.

    Example:
        >>> exported = load_generator("saved_models/openmoji")
        >>> type(exported).__name__, exported.resolution
        ('SavedModelGenerator', 64)
    """

    noise = False
    takes_grid = False
    draws_any_point = True
    embedding = None

    def __init__(self, path, trust_model=False):
        metadata = read_metadata(path)
        if "signatures" not in metadata:
            raise ValueError(
                "an older version of apps.export has written it; export it "
                "again from its run directory or .keras file"
            )
        self.latent_dim = metadata["latent_dim"]
        self.style_dim = metadata["style_dim"]
        self.num_layers = metadata["style_layers"]
        self.channels = metadata["channels"]
        self.resolution = metadata["resolution"]
        self.alignment = metadata["alignment"]
        self.class_names = tuple(metadata["class_names"])
        self.coord_dim = metadata["coord_dim"]
        # Earlier versions called it "frames".
        self.video_length = metadata.get("video_length", metadata.get("frames", 0))
        self.sample_rate = metadata.get("sample_rate", 0)
        self.wraps = metadata.get("kind") == models.SphereGenerator.__name__
        self.metadata = metadata
        self._model = safe_loading.load(path, trust_model)
        [self.mean_style] = self._model.mean_style

    def mapping(self, latents, truncation=1.0, labels=None):
        signature = self._model.signatures["map"]
        label = {"label": labels} if self.class_names else {}
        # The same for all layers.
        styles = signature(latents=latents, **label)["styles"][:, 0]
        return self.mean_style + truncation * (styles - self.mean_style)

    def synthesis(self, styles, coords):
        if len(styles.shape) == 2:
            styles = tf.repeat(styles[:, None], self.num_layers, axis=1)
        return self._model.synthesis(styles, coords)

    def generate(self, *args, **kwargs):
        """Draws images of seeds as uint8, see `inr_keras.generate`."""
        return rendering.generate(self, *args, **kwargs)

    def sheet(self, *args, **kwargs):
        """Draws images of seeds side by side, see `inr_keras.seed_sheet`."""
        return rendering.seed_sheet(self, *args, **kwargs)

    @functools.cached_property
    def volume(self):
        """Generator of the space around a panorama's sphere, see `SphereGenerator`."""
        return self.rebuilt().volume

    def rebuilt(self):
        """Returns the generator as it was before the export, a Keras model."""
        config = self.metadata.get("config")
        if config is None:
            raise ValueError(
                "`path` must be a SavedModel whose metadata has the generator's "
                "config; export it again from its run directory or .keras file"
            )
        generator = keras.saving.deserialize_keras_object(config, safe_mode=True)
        if not isinstance(generator, models.INRGenerator):
            raise ValueError(
                f"`path` must be a generator. Received: a {type(generator).__name__}"
            )
        saved = {_place(v.name): v for v in self._model.weights}
        for weight in generator.weights:
            weight.assign(saved[_place(weight.path)])
        return generator


def load_generator(path, trust_model=False):
    """Loads a generator from a run directory, a `.keras` file or a SavedModel.

    A `.keras` file is read in safe mode: none of its content is run as code. A
    SavedModel is a program of TensorFlow operations that is run; it is refused if its
    operations touch files, the network or Python.

    Args:
        path: str or path. For a SavedModel, the folder of its versions, of which the
            highest is taken, or the folder of one version.
        trust_model: bool. Whether to take a SavedModel whatever its operations touch.
            Defaults to `False`.

    Returns:
        `INRGenerator` or `SavedModelGenerator`.

    Raises:
        ValueError: There is no generator at `path`, or a SavedModel is not trusted.

    Example:
        >>> generator.save(folder / "generator.keras")
        >>> load_generator(folder / "generator.keras").resolution
        16
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise ValueError(f"`path` must exist. Received: {str(path)!r}")
    if path.is_dir():
        if (path / generator_files.NAME).exists():
            path = path / generator_files.NAME
            return generator_files.load(path, models.INRGenerator)
        version = exported_version(path)
        if version:
            return _load_saved_model(version, trust_model)
        raise ValueError(
            "`path` must be a run directory with a generator.keras, a .keras "
            f"file or an exported SavedModel. Received: {str(path)!r}"
        )
    return generator_files.load(path, models.INRGenerator)


def exported_version(path):
    """Finds the version folder of an exported model; `None` where there is none.

    Args:
        path: Path of the folder of the versions, of which the highest is taken, or of
            one version.
    """
    if not path.is_dir():
        return None
    versions = [p for p in path.iterdir() if p.name.isdecimal()]
    if versions:
        path = max(versions, key=lambda p: int(p.name))
    return path if (path / METADATA).exists() else None


def read_metadata(version):
    """Reads the metadata of an exported model from its version folder."""
    return json.loads((version / METADATA).read_text(encoding="utf-8"))


def holds_inr(path):
    """Tells whether a path is a `.keras` file of an INR of one signal."""
    return generator_files.holds(path, "inr_keras>INR")


def load_inr(path):
    """Loads the INR of one signal from its `.keras` file."""
    return generator_files.load(path, models.INR)


def check_images(generator, channels=(1, 3, 4)):
    """Raises `ValueError` unless a generator draws images that can be scored.

    Args:
        generator: Generator that `load_generator` returns.
        channels: Sequence of int. Numbers of channels that images may have.
    """
    video_length = generator.video_length
    axes = generator.coord_dim
    received = f"{generator.channels} channels on {axes} axes"
    if video_length:
        received = f"a video of {video_length} images"
    if video_length or axes != 2 or generator.channels not in channels:
        *most, last = map(str, channels)
        counts = f"{', '.join(most)} or {last}" if most else last
        raise ValueError(
            f"`generator` must draw images of {counts} channels. Received: {received}"
        )


def _place(name):
    """Place of a variable in its generator, whatever name that has."""
    return name.split(":")[0].partition("/")[2]


def _load_saved_model(path, trust_model):
    try:
        return SavedModelGenerator(path, trust_model)
    except safe_loading.UntrustedError:
        raise
    except (
        OSError,
        ValueError,
        LookupError,
        AttributeError,
        tf.errors.OpError,
    ) as error:
        raise generator_files.unreadable(path, error) from error
