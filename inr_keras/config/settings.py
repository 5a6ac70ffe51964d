"""Typed experiment settings; a file in `configs/` states only differences.

Every number that a run depends on lives here. `Experiment.validate` says in
one line what is wrong with a setting; `to_dict` and `from_dict` make the
`config.json` of a run directory.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from inr_keras.config import rules


@dataclasses.dataclass
class Generator:
    """Generator; defaults are CIPS's (section 3, supplement, Table 1).

    Those of `inr_gan` alone are INR-GAN's. It takes `width` for the most
    channels of a block, `fourier_features` and `fourier_scale` (0: sqrt 10)
    for the waves of its fine blocks, `embedding_channels` for the constants of
    its lattices, or of those in `embedding_levels`; `blocks` and `rgb` say
    nothing to it, and `embedding_size`, `sparse_embedding` and `noise` must be
    unset.
    """

    architecture: str = "cips"  # See `training.networks`.
    latent_dim: int = 512
    style_dim: int = 512
    mapping_layers: int = 8
    mapping_lr_multiplier: float = 0.01
    residual_weight: float = 0.0  # Of its residual layers; 0: they are plain.
    width: int = 512  # Channels of every modulated layer.
    widths: tuple[int, ...] = ()  # cips: of each block's, instead.
    blocks: int = 7  # Two modulated layers and one RGB skip each.
    fourier_features: int = 512
    fourier_scale: float = 0.0  # Normal deviation; 0: CIPS's uniform init.
    embedding_channels: int = 512  # 0: Fourier features alone.
    embedding_size: int = 0  # Lattice of the table; 0: the resolution.
    embedding_levels: tuple[int, ...] = ()  # Lattices instead of the one.
    sparse_embedding: bool = False  # Update only the rows that a step reads.
    rgb: str = "skip"
    noise: bool = False
    remat: bool = False  # Recompute each block's activations backward.
    # Of hyper and siren, whose layers are a first one and two in a block.
    parametrization: str = "factorized_se"  # See `layers.external_dense`.
    rank: int = 10  # Of factorized weights or modulation.
    coords_layer: str = "shared"  # Or linear: the first one is written too.
    weight_clip: float = 0.0  # Bound of written weights, in deviations; 0: off.
    siren_omega: float = 30.0  # w_0 of the first layer.
    siren_init: str = "original"  # Or slides; see `ExternalINR`.
    input_resolution: int = 32  # inr_gan: its coarsest lattice.
    channel_base: int = 32768  # inr_gan: min(channel_base / size, width).
    fine_blocks: int = 2  # inr_gan: with one more layer, random waves.
    basis: str = "random"  # inr_gan: random, shared or predicted waves.
    modulation: str = "demod"  # inr_gan: demod, sigmoid, tanh or none.
    upsampling: str = "nearest"  # inr_gan: nearest or bilinear.
    instance_norm: bool = False  # inr_gan: as its bilinear variant.


@dataclasses.dataclass
class Discriminator:
    """StyleGAN2's residual discriminator on patches."""

    channels: tuple[int, ...] = ()  # From the patch size down to 4; (): auto.
    channel_base: int = 32768  # auto: min(channel_base / size, channel_max).
    channel_max: int = 512
    stddev_group: int = 4
    position: bool = False  # Tell it each patch's place and scale.


@dataclasses.dataclass
class Stage:
    """One stage of multi-stage patch training (MS-patch, section 3.2)."""

    stride: int = 1  # H / N of equation 1: one sample every `stride` pixels.
    kimg: float = 1.0  # Length, in thousands of real images seen.
    patch_weight: float = 0.0  # Of the patch regularization; 0: off.
    patch_decay: float = 0.0  # Share of the weight gone, linearly, at the end.
    random_stride: bool = False  # Each batch's, from this one to the coarsest.
    dense_weight: float = 0.0  # Of the loss on dense patches besides; 0: off.


@dataclasses.dataclass
class Data:
    """What to train on.

    With `aspect` "keep", an image of any shape lies whole in the middle of
    the training frame, its longer side as long as the frame's. So the
    generator gets other coordinates and nothing else changes. Batches are not
    bucketed by shape: shapes mix in each, as patches are of one size whatever
    the image's, and what a patch shows beside the image is white in real
    and fake ones alike. One compiled step thus serves all shapes, no batch is
    left partial and the order is that of the seed. The generator is not told
    the shape: a latent is an image that each shape shows more or less of.
    """

    source: str = "openmoji"  # openmoji, tfds:NAME or a folder of images.
    split: str = "train"  # Of a TFDS source.
    groups: tuple[str, ...] = ()  # OpenMoji groups; (): all.
    flip: bool = True  # Mirror half of the images left to right.
    shuffle_buffer: int = 4096  # Images, for sources that are streamed.
    cache_mib: int = 2048  # A decoded source at most this large stays in RAM.
    cache_dir: str = ""  # Rasterized OpenMoji; "": the user's cache folder.
    reduction: str = "box"  # How a coarse stage's real patch is made.
    stored_levels: bool = False  # Or of a prepared folder's smaller images.
    density: str = ""  # Where crops look more often: center or an image.
    labels: bool = False  # Classes: labels, sub-folders or groups.
    classes: tuple[str, ...] = ()  # Their names; (): as the source has them.
    channels: int = 3  # 1: grey; 4: with transparency.
    aspect: str = "crop"  # To the central square; keep: any shape, whole.
    trim: bool = False  # Cut borders of one colour off first.
    video_length: int = 0  # Images of a video made of each image; 0: no video.
    motion: str = "spin"  # Or pulse: what it shows.

    @property
    def keeps_aspect(self):
        return self.aspect == "keep"

    @property
    def image_channels(self):
        """Channels that the networks see: those of all images of a video."""
        return self.channels * max(self.video_length, 1)


@dataclasses.dataclass
class Optimizer:
    """Adam of StyleGAN2."""

    learning_rate: float = 0.002
    discriminator_learning_rate: float = 0.002
    beta_1: float = 0.0
    beta_2: float = 0.99
    epsilon: float = 1e-8
    final_rate: float = 1.0  # Of both rates at the last stage's end (cosine).
    mapping_rate: float = 1.0  # Of the mapping's, in the generator's rates.


@dataclasses.dataclass
class Loss:
    """Adversarial loss, lazy gradient penalties and patch regularization."""

    adversarial: str = "logistic"  # logistic, relativistic or wgan.
    r1_weight: float = 10.0  # gamma; the term is gamma / 2 * |grad|^2.
    r2_weight: float = 0.0  # The same on fakes.
    r1_interval: int = 16  # Steps between two such terms.
    gp_weight: float = 10.0  # lambda of WGAN-GP, of wgan alone.
    dense_discriminator: str = "same"  # Of dense patches: same or second.
    clip_fakes: bool = False  # The discriminator sees fakes as a file holds them.
    patch: str = "mse"  # mse (the authors' code) or l2 (equation 4).
    patch_pool: int = 1  # Compare means of so many coarse samples a side.
    patch_margin: float = 0.0  # Differences of colour that cost nothing.


@dataclasses.dataclass
class Evaluation:
    """Scores of the averaged generator while it trains; see `evaluations`."""

    images: int = 0  # Of the generator, and as many real ones; 0: none.
    kimg: float = 0.0  # Between two; 0: before each checkpoint.
    metrics: tuple[str, ...] = ("swd", "diversity")
    best_by: str = "swd"  # The score whose best generator is kept.
    features: str = "pixels"  # As of `apps.evaluate`.


@dataclasses.dataclass
class Watchdog:
    """What a run does about its illnesses; see `watchdog`."""

    action: str = "warn"  # off, warn, stop or roll_back, to the best.
    max_roll_backs: int = 2  # More end the run.
    rate_factor: float = 0.5  # Of both learning rates after each.


@dataclasses.dataclass
class Experiment:
    """All of a run. Lengths are in images seen (kimg), never in steps."""

    name: str = "experiment"
    seed: int = 0
    resolution: int = 256  # H = W of the training frame, in pixels.
    patch_size: int = 64  # P: the same in every stage.
    alignment: str = "corner"  # corner (CIPS, MS-patch) or center.
    aligned_crops: bool = True  # Crops start on the previous stage's grid.
    initial_generator: str = ""  # A run or .keras file to begin with.
    method: str = "multi_stage"  # Or patch, image: see `resolved`.
    replay_every: int = 0  # Every k-th sample on an earlier grid; 0: none.
    batch_size: int = 16  # Global, over all replicas and micro-batches.
    accumulate: int = 1  # Micro-batches whose gradients make one step.
    discriminator_steps: int = 1  # For each of the generator's.
    stages: tuple[Stage, ...] = (
        Stage(stride=4, kimg=1920.0),
        Stage(stride=2, kimg=1920.0, patch_weight=0.01),
        Stage(stride=1, kimg=1920.0, patch_weight=0.01),
    )
    generator: Generator = dataclasses.field(default_factory=Generator)
    discriminator: Discriminator = dataclasses.field(default_factory=Discriminator)
    data: Data = dataclasses.field(default_factory=Data)
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)
    loss: Loss = dataclasses.field(default_factory=Loss)
    style_mixing: float = 0.0  # Share of the samples made of two styles.
    augment: tuple[str, ...] = ()  # DiffAugment: color, translation, cutout.
    ema_half_life_kimg: float = 10.0
    dtype: str = "float32"  # Compute; variables stay float32.
    jit_compile: bool = False  # XLA.
    steps_per_execution: int = 1  # Steps that Keras makes in one go.
    deterministic: bool = False  # Equal bits from equal runs, more slowly.
    intra_op_threads: int = 0  # Of one operation on CPUs; 0: TensorFlow's.
    strategy: str = "none"  # Or mirrored, or multi_worker (TF_CONFIG).
    replicas: int = 0  # Of a mirrored run; 0: every visible device.
    log_kimg: float = 1.0  # metrics.jsonl and TensorBoard.
    sample_kimg: float = 50.0  # A sheet of samples from fixed latents.
    sample_count: int = 48
    checkpoint_kimg: float = 50.0
    keep_checkpoints: int = 3
    on_full_disk: str = "stop"  # Or go_on, until there is room again.
    evaluation: Evaluation = dataclasses.field(default_factory=Evaluation)
    watchdog: Watchdog = dataclasses.field(default_factory=Watchdog)

    def validate(self):
        """Raises `ValueError` with one line that names the bad field."""
        rules.check(self, _leaves(self))
        resolved = self.resolved()
        rules.check(resolved, _leaves(resolved))

    def resolved(self):
        """The settings that `method` comes to, in stages and patches.

        `multi_stage` is as the other fields say. `patch` trains on crops of
        the full grid for as many images, `image` on the full grid: one
        stage each, without patch regularization. Where the widths of the
        discriminator are given, those for sizes beyond `patch_size` are
        halves of the one below, at least 8.
        """
        if self.method == "multi_stage":
            return self
        stages = (Stage(stride=1, kimg=self.total_kimg),)
        if self.method == "patch":
            return dataclasses.replace(self, stages=stages)
        widths = self.discriminator.channels
        size = self.patch_size
        while widths and size < self.resolution:
            widths = (max(widths[0] // 2, 8), *widths)
            size *= 2
        return dataclasses.replace(
            self,
            stages=stages,
            patch_size=self.resolution,
            discriminator=dataclasses.replace(self.discriminator, channels=widths),
        )

    @property
    def total_kimg(self):
        return round(sum(stage.kimg for stage in self.stages), 6)


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


def changed(config, changes):
    """A copy of the settings with some fields changed.

    Args:
        config: Experiment.
        changes: dict from a field's name, dotted where nested, to its value;
            `stages.NAME` changes every stage that has a value there.
    """
    config = from_dict(to_dict(config))
    for path, value in changes.items():
        *parents, name = path.split(".")
        if parents == ["stages"]:
            for stage in config.stages:
                if getattr(stage, name) or name == "patch_decay":
                    setattr(stage, name, value)
            continue
        target = config
        for parent in parents:
            target = getattr(target, parent)
        setattr(target, name, value)
    return config


def fields(config):
    """All values by their dotted names."""
    return dict(_leaves(config))


def differences(a, b):
    """Fields in which two settings differ, as (name, a's, b's)."""
    mine, other = fields(a), fields(b)
    for name in {**mine, **other}:
        values = mine.get(name), other.get(name)
        if _plain(values[0]) != _plain(values[1]):
            yield name, *values


def _plain(value):
    """Lets a list equal a tuple."""
    return tuple(value) if isinstance(value, list) else value


# Fields of earlier versions, by the names that they have now.
_RENAMED = {
    "pictures": "images",
    "dense_critic": "dense_discriminator",
    "frames": "video_length",
}


def from_dict(values: Mapping[str, Any], cls=Experiment, prefix="config"):
    """Rebuilds settings from `to_dict`; an unknown field is an error."""
    hints = typing.get_type_hints(cls)
    values = {
        name if name in hints else _RENAMED.get(name, name): value
        for name, value in values.items()
    }
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
        return tuple(_convert(item, v, f"{path}[{i}]") for i, v in enumerate(value))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ValueError(f"{path} must be of type {hint.__name__}. Received: {value!r}")
    return value
