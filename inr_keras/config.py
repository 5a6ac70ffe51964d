"""Typed experiment settings; a file in `configs/` states only differences.

Every number that a run depends on lives here. `Experiment.validate` says in
one line what is wrong with a setting; `to_dict` and `from_dict` make the
`config.json` of a run directory.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from typing import Any

ALIGNMENTS = ("corner", "center")
PATCH_LOSSES = ("mse", "l2")
STRATEGIES = ("none", "mirrored")
RGB_VARIANTS = ("skip", "residual")
REDUCTIONS = ("box", "antialias", "nearest")
AUGMENTATIONS = ("color", "translation", "cutout")
DTYPES = ("float32", "mixed_bfloat16")


@dataclasses.dataclass
class Generator:
    """CIPS generator (CIPS, section 3 and Table 1 of its supplement)."""

    latent_dim: int = 512
    style_dim: int = 512
    mapping_layers: int = 8
    mapping_lr_multiplier: float = 0.01
    width: int = 512  # Channels of every modulated layer.
    blocks: int = 7  # Two modulated layers and one RGB skip each.
    fourier_features: int = 512
    fourier_scale: float = 0.0  # Normal deviation; 0: CIPS's uniform init.
    embedding_channels: int = 512  # 0: Fourier features alone.
    embedding_size: int = 0  # Lattice of the table; 0: the resolution.
    rgb: str = "skip"
    noise: bool = False


@dataclasses.dataclass
class Discriminator:
    """StyleGAN2's residual discriminator on patches."""

    channels: tuple[int, ...] = ()  # From the patch size down to 4; (): auto.
    channel_base: int = 32768  # auto: min(channel_base / size, channel_max).
    channel_max: int = 512
    stddev_group: int = 4


@dataclasses.dataclass
class Stage:
    """One stage of multi-stage patch training (MS-patch, section 3.2)."""

    stride: int = 1  # H / N of equation 1: one sample every `stride` pixels.
    kimg: float = 1.0  # Length, in thousands of real pictures seen.
    patch_weight: float = 0.0  # Of the patch regularization; 0: off.


@dataclasses.dataclass
class Data:
    """What to train on."""

    source: str = "openmoji"  # openmoji, tfds:NAME or a folder of pictures.
    split: str = "train"  # Of a TFDS source.
    groups: tuple[str, ...] = ()  # OpenMoji groups; (): all.
    flip: bool = True  # Mirror half of the pictures left to right.
    shuffle_buffer: int = 4096  # Pictures, for sources that are streamed.
    cache_mib: int = 2048  # A decoded source at most this large stays in RAM.
    cache_dir: str = ""  # Rasterized OpenMoji; "": the user's cache folder.
    reduction: str = "box"  # How a coarse stage's real patch is made.


@dataclasses.dataclass
class Optimizer:
    """Adam of StyleGAN2."""

    learning_rate: float = 0.002
    discriminator_learning_rate: float = 0.002
    beta_1: float = 0.0
    beta_2: float = 0.99
    epsilon: float = 1e-8


@dataclasses.dataclass
class Loss:
    """Non-saturating logistic loss, lazy R1 and patch regularization."""

    r1_weight: float = 10.0  # gamma; the term is gamma / 2 * |grad|^2.
    r1_interval: int = 16  # Steps between two R1 terms.
    patch: str = "mse"  # mse (the authors' code) or l2 (equation 4).


@dataclasses.dataclass
class Experiment:
    """All of a run. Lengths are in pictures seen (kimg), never in steps."""

    name: str = "experiment"
    seed: int = 0
    resolution: int = 256  # H = W of the training frame, in pixels.
    patch_size: int = 64  # P: the same in every stage.
    alignment: str = "corner"  # corner (CIPS, MS-patch) or center.
    aligned_crops: bool = True  # Crops start on the previous stage's grid.
    batch_size: int = 16  # Global, over all replicas.
    stages: tuple[Stage, ...] = (
        Stage(stride=4, kimg=1920.0),
        Stage(stride=2, kimg=1920.0, patch_weight=0.01),
        Stage(stride=1, kimg=1920.0, patch_weight=0.01),
    )
    generator: Generator = dataclasses.field(default_factory=Generator)
    discriminator: Discriminator = dataclasses.field(
        default_factory=Discriminator
    )
    data: Data = dataclasses.field(default_factory=Data)
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)
    loss: Loss = dataclasses.field(default_factory=Loss)
    style_mixing: float = 0.0  # Share of the samples made of two styles.
    augment: tuple[str, ...] = ()  # DiffAugment: color, translation, cutout.
    ema_half_life_kimg: float = 10.0
    dtype: str = "float32"  # Compute; variables stay float32.
    jit_compile: bool = False  # XLA.
    strategy: str = "none"  # none or mirrored.
    replicas: int = 0  # Of a mirrored run; 0: every visible device.
    log_kimg: float = 1.0  # metrics.jsonl and TensorBoard.
    sample_kimg: float = 50.0  # A sheet of samples from fixed latents.
    sample_count: int = 48
    checkpoint_kimg: float = 50.0
    keep_checkpoints: int = 3

    def validate(self):
        """Raises `ValueError` with one line that names the bad field."""
        for path, value in _leaves(self):
            if isinstance(value, float) and not math.isfinite(value):
                _fail(path, "a finite number", value)
        _choice("alignment", self.alignment, ALIGNMENTS)
        _choice("strategy", self.strategy, STRATEGIES)
        _choice("dtype", self.dtype, DTYPES)
        _choice("loss.patch", self.loss.patch, PATCH_LOSSES)
        _choice("generator.rgb", self.generator.rgb, RGB_VARIANTS)
        _choice("data.reduction", self.data.reduction, REDUCTIONS)
        for policy in self.augment:
            _choice("augment", policy, AUGMENTATIONS)
        for path in _POSITIVE:
            value = _get(self, path)
            if value <= 0:
                _fail(path, "positive", value)
        for path in _NOT_NEGATIVE:
            value = _get(self, path)
            if value < 0:
                _fail(path, "zero or more", value)
        for path in ("style_mixing", "optimizer.beta_1", "optimizer.beta_2"):
            value = _get(self, path)
            if not 0 <= value <= 1:
                _fail(path, "between 0 and 1", value)
        size = self.patch_size
        if size < 8 or size & (size - 1):
            _fail("patch_size", "a power of two from 8", size)
        if self.resolution % size:
            _fail(
                "resolution",
                f"a multiple of patch_size ({size})",
                self.resolution,
            )
        channels = self.discriminator.channels
        if channels and len(channels) != int(math.log2(size)) - 1:
            _fail(
                "discriminator.channels",
                f"one width for each size from {size} down to 4",
                channels,
            )
        if any(width < 1 for width in channels):
            _fail("discriminator.channels", "positive widths", channels)
        self._validate_stages()

    def _validate_stages(self):
        if not self.stages:
            _fail("stages", "at least one stage", self.stages)
        previous = None
        for i, stage in enumerate(self.stages):
            name = f"stages[{i}]"
            if stage.kimg <= 0:
                _fail(f"{name}.kimg", "positive", stage.kimg)
            if stage.patch_weight < 0:
                _fail(
                    f"{name}.patch_weight", "zero or more", stage.patch_weight
                )
            if stage.stride < 1 or self.resolution % stage.stride:
                _fail(
                    f"{name}.stride",
                    f"a divisor of resolution ({self.resolution})",
                    stage.stride,
                )
            grid = self.resolution // stage.stride
            if grid < self.patch_size:
                _fail(
                    f"{name}.stride",
                    f"at most resolution / patch_size "
                    f"({self.resolution // self.patch_size})",
                    stage.stride,
                )
            if stage.patch_weight:
                if previous is None or previous.stride % stage.stride:
                    _fail(
                        f"{name}.patch_weight",
                        "0 where no coarser stage stands before",
                        stage.patch_weight,
                    )
                factor = previous.stride // stage.stride
                if self.patch_size % factor:
                    _fail(
                        f"{name}.stride",
                        f"such that the stage before is coarser by a divisor "
                        f"of patch_size ({self.patch_size})",
                        stage.stride,
                    )
                if factor == 1:
                    _fail(
                        f"{name}.patch_weight",
                        "0 where the stage before has the same stride",
                        stage.patch_weight,
                    )
            previous = stage

    @property
    def total_kimg(self):
        return sum(stage.kimg for stage in self.stages)


_POSITIVE = (
    "resolution",
    "batch_size",
    "generator.latent_dim",
    "generator.style_dim",
    "generator.mapping_layers",
    "generator.mapping_lr_multiplier",
    "generator.width",
    "generator.blocks",
    "generator.fourier_features",
    "discriminator.channel_base",
    "discriminator.channel_max",
    "discriminator.stddev_group",
    "data.shuffle_buffer",
    "optimizer.learning_rate",
    "optimizer.discriminator_learning_rate",
    "optimizer.epsilon",
    "loss.r1_interval",
    "ema_half_life_kimg",
    "log_kimg",
    "sample_kimg",
    "sample_count",
    "checkpoint_kimg",
    "keep_checkpoints",
)
_NOT_NEGATIVE = (
    "seed",
    "replicas",
    "loss.r1_weight",
    "data.cache_mib",
    "generator.fourier_scale",
    "generator.embedding_channels",
    "generator.embedding_size",
)


def _fail(path, rule, value):
    raise ValueError(f"config.{path} must be {rule}. Received: {value!r}")


def _choice(path, value, choices):
    if value not in choices:
        _fail(path, f"one of {', '.join(choices)}", value)


def _get(config, path):
    for part in path.split("."):
        config = getattr(config, part)
    return config


def _leaves(config, prefix=""):
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            yield from _leaves(value, f"{prefix}{field.name}.")
        elif isinstance(value, (list, tuple)) and any(
            dataclasses.is_dataclass(item) for item in value
        ):
            yield f"{prefix}{field.name} (their number)", len(value)
            for i, item in enumerate(value):
                yield from _leaves(item, f"{prefix}{field.name}[{i}].")
        else:
            yield prefix + field.name, value


def to_dict(config) -> dict[str, Any]:
    """The settings as plain dicts, lists and scalars, for JSON."""
    return dataclasses.asdict(config)


def first_difference(a, b):
    """First field in which two settings differ, as (name, a's, b's)."""
    mine, other = dict(_leaves(a)), dict(_leaves(b))
    for name in {**mine, **other}:
        values = mine.get(name), other.get(name)
        if _plain(values[0]) != _plain(values[1]):
            return name, *values
    return None


def _plain(value):
    """Lets a list equal a tuple."""
    return tuple(value) if isinstance(value, list) else value


def from_dict(values: Mapping[str, Any], cls=Experiment, prefix="config"):
    """Rebuilds settings from `to_dict`; an unknown field is an error."""
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ValueError(
            f"{prefix}.{unknown[0]} is not a field of {cls.__name__}. "
            f"Fields: {', '.join(hints)}"
        )
    return cls(
        **{
            name: _convert(hints[name], value, f"{prefix}.{name}")
            for name, value in values.items()
        }
    )


def _convert(hint, value, path):
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise ValueError(f"{path} must be a mapping. Received: {value!r}")
        return from_dict(value, hint, path)
    if isinstance(hint, types.GenericAlias):  # tuple[X, ...]
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{path} must be a list. Received: {value!r}")
        item = typing.get_args(hint)[0]
        return tuple(
            _convert(item, v, f"{path}[{i}]") for i, v in enumerate(value)
        )
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ValueError(
            f"{path} must be of type {hint.__name__}. Received: {value!r}"
        )
    return value
