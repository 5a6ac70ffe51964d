"""Typed experiment settings; a file in `configs/` states only differences.

Every number that a run depends on is here or in `generators`, with its rule;
`rules` has those between fields.
"""

import dataclasses

from inr_keras.config import choices
from inr_keras.config import rules
from inr_keras.config.bounds import choice
from inr_keras.config.bounds import not_negative
from inr_keras.config.bounds import positive
from inr_keras.config.bounds import power_of_two
from inr_keras.config.bounds import setting
from inr_keras.config.bounds import share
from inr_keras.config.bounds import zero_or_from
from inr_keras.config.generators import CIPS
from inr_keras.config.generators import Generator


@dataclasses.dataclass
class Discriminator:
    """StyleGAN2's residual discriminator on patches."""

    # From the patch size down to 4; (): auto.
    channels: tuple[int, ...] = positive((), "positive widths")
    channel_base: int = positive(32768)  # auto: min(channel_base / size, channel_max).
    channel_max: int = positive(512)
    stddev_group: int = positive(4)
    position: bool = False  # Tell it each patch's place and scale.


@dataclasses.dataclass
class Stage:
    """One stage of multi-stage patch training (MS-patch, section 3.2)."""

    stride: int = 1  # H / N of equation 1: one sample every `stride` pixels.
    kimg: float = positive(1.0)  # Length, in thousands of real images seen.
    patch_weight: float = not_negative(0.0)  # Of the patch regularization; 0: off.
    patch_decay: float = share(0.0)  # Share of the weight gone, linearly, at the end.
    random_stride: bool = False  # Each batch's, from this one to the coarsest.
    # Of the loss on dense patches besides; 0: off.
    dense_weight: float = not_negative(0.0)


@dataclasses.dataclass
class Data:
    """Training data.

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
    shuffle_buffer: int = positive(4096)  # Images, for sources that are streamed.
    # A decoded source at most this large stays in RAM.
    cache_mib: int = not_negative(2048)
    cache_dir: str = ""  # Rasterized OpenMoji; "": the user's cache folder.
    # How the real patches of coarse stages are made.
    reduction: str = choice(choices.REDUCTIONS, "box")
    stored_levels: bool = False  # Or of a prepared folder's smaller images.
    density: str = ""  # Where crops look more often: center or an image.
    labels: bool = False  # Classes: labels, sub-folders or groups.
    classes: tuple[str, ...] = ()  # Their names; (): as the source has them.
    # 1: grey; 4: with transparency.
    channels: int = setting(3, "1, 3 or 4", lambda count: count in (1, 3, 4))
    # crop: to the central square; keep: any shape, whole.
    aspect: str = choice(("crop", "keep"), "crop")
    trim: bool = False  # Cut borders of one colour off first.
    # Images of a video made of each image; 0: no video.
    video_length: int = zero_or_from(2)
    motion: str = choice(choices.MOTIONS, "spin")  # What a video shows.

    @property
    def keeps_aspect(self):
        """Tells whether images of any shape lie whole in the training frame."""
        return self.aspect == "keep"

    @property
    def image_channels(self):
        """Channels that the networks see: those of all images of a video."""
        return self.channels * max(self.video_length, 1)


@dataclasses.dataclass
class Optimizer:
    """Adam of StyleGAN2."""

    learning_rate: float = positive(0.002)
    discriminator_learning_rate: float = positive(0.002)
    beta_1: float = share(0.0)
    beta_2: float = share(0.99)
    epsilon: float = positive(1e-8)
    final_rate: float = share(1.0)  # Of both rates at the last stage's end (cosine).
    mapping_rate: float = positive(1.0)  # Of the mapping's, in the generator's rates.


@dataclasses.dataclass
class Loss:
    """Adversarial loss, lazy gradient penalties and patch regularization."""

    adversarial: str = choice(("logistic", "relativistic", "wgan"), "logistic")
    r1_weight: float = not_negative(10.0)  # gamma; the term is gamma / 2 * |grad|^2.
    r2_weight: float = not_negative(0.0)  # The same on fakes.
    r1_interval: int = positive(16)  # Steps between two such terms.
    gp_weight: float = positive(10.0)  # lambda of WGAN-GP, of wgan alone.
    # Which one judges dense patches.
    dense_discriminator: str = choice(("same", "second"), "same")
    clip_fakes: bool = False  # The discriminator sees fakes as a file holds them.
    # mse: the authors' code; l2: equation 4.
    patch: str = choice(choices.PATCH_LOSSES, "mse")
    patch_pool: int = positive(1)  # Compare means of so many coarse samples a side.
    patch_margin: float = not_negative(0.0)  # Differences of colour that cost nothing.


@dataclasses.dataclass
class Evaluation:
    """Scores of the averaged generator while it trains; see `evaluations`."""

    images: int = zero_or_from(6)  # Of the generator, and as many real ones; 0: none.
    kimg: float = not_negative(0.0)  # Between two; 0: before each checkpoint.
    metrics: tuple[str, ...] = choice(choices.SCORES, ("swd", "diversity"))
    best_by: str = "swd"  # The score whose best generator is kept.
    features: str = "pixels"  # See `extractors.open_extractor`.


@dataclasses.dataclass
class Watchdog:
    """Reaction of a run to its illnesses; see `training.health.watchdog`."""

    # roll_back: to the state of the best generator.
    action: str = choice(("off", "warn", "stop", "roll_back"), "warn")
    max_roll_backs: int = positive(2)  # More end the run.
    # Of both learning rates after each roll-back.
    rate_factor: float = setting(
        0.5, "above 0 and at most 1", lambda rate: 0 < rate <= 1
    )


@dataclasses.dataclass
class Experiment:
    """All of a run. Lengths are in images seen (kimg), never in steps."""

    name: str = "experiment"
    seed: int = not_negative(0)
    resolution: int = positive(256)  # H = W of the training frame, in pixels.
    patch_size: int = power_of_two(8, 64)  # P: the same in every stage.
    # corner: as CIPS and MS-patch.
    alignment: str = choice(choices.ALIGNMENTS, "corner")
    aligned_crops: bool = True  # Crops start on the previous stage's grid.
    initial_generator: str = ""  # A run or .keras file to begin with.
    # See `resolved`.
    method: str = choice(("multi_stage", "patch", "image"), "multi_stage")
    # Every k-th sample on an earlier grid; 0: none.
    replay_every: int = zero_or_from(2)
    batch_size: int = positive(16)  # Global, over all replicas and micro-batches.
    accumulate: int = positive(1)  # Micro-batches whose gradients make one step.
    discriminator_steps: int = positive(1)  # For each of the generator's.
    stages: tuple[Stage, ...] = (
        Stage(stride=4, kimg=1920.0),
        Stage(stride=2, kimg=1920.0, patch_weight=0.01),
        Stage(stride=1, kimg=1920.0, patch_weight=0.01),
    )
    generator: Generator = dataclasses.field(default_factory=CIPS)
    discriminator: Discriminator = dataclasses.field(default_factory=Discriminator)
    data: Data = dataclasses.field(default_factory=Data)
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)
    loss: Loss = dataclasses.field(default_factory=Loss)
    style_mixing: float = share(0.0)  # Share of the samples made of two styles.
    # DiffAugment.
    augment: tuple[str, ...] = choice(choices.AUGMENTATIONS, ())
    ema_half_life_kimg: float = positive(10.0)
    # Of computations; variables stay float32.
    dtype: str = choice(("float32", "mixed_bfloat16"), "float32")
    jit_compile: bool = False  # XLA.
    steps_per_execution: int = positive(1)  # Steps that Keras makes in one go.
    deterministic: bool = False  # Equal bits from equal runs, more slowly.
    # Of one operation on CPUs; 0: TensorFlow's.
    intra_op_threads: int = not_negative(0)
    # multi_worker: see TF_CONFIG.
    strategy: str = choice(("none", "mirrored", "multi_worker"), "none")
    replicas: int = not_negative(0)  # Of a mirrored run; 0: every visible device.
    log_kimg: float = positive(1.0)  # metrics.jsonl and TensorBoard.
    sample_kimg: float = positive(50.0)  # A sheet of samples from fixed latents.
    sample_count: int = positive(48)
    checkpoint_kimg: float = positive(50.0)
    keep_checkpoints: int = positive(3)
    # go_on: without checkpoints until there is room again.
    on_full_disk: str = choice(("stop", "go_on"), "stop")
    evaluation: Evaluation = dataclasses.field(default_factory=Evaluation)
    watchdog: Watchdog = dataclasses.field(default_factory=Watchdog)

    def validate(self):
        """Raises `ValueError` with one line that names the bad field."""
        rules.check(self)
        rules.check(self.resolved())

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
        """Length of all stages, in thousands of images."""
        return round(sum(stage.kimg for stage in self.stages), 6)
