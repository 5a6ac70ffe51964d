"""Settings of an experiment; a file in `configs/` states only differences.

Every number that a run depends on is here or in `generators`, with its rule; `rules`
holds the rules between fields.
"""

import dataclasses

from inr_keras.config import choices
from inr_keras.config import rules
from inr_keras.config.bounds import WIDTH
from inr_keras.config.bounds import below_one
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
    """Settings of StyleGAN2's residual discriminator of patches."""

    # Channels at each size, from the patch size down to 4 as in StyleGAN2, or down to 2
    # or 1 as in MS-patch's public code; (): see `channel_base`.
    channels: tuple[int, ...] = positive((), "positive widths", WIDTH)
    # Without `channels`, a size has min(channel_base / size, channel_max) channels.
    channel_base: int = positive(32768)
    channel_max: int = positive(512, most=WIDTH)  # See `channel_base`.
    stddev_group: int = positive(4)  # Images in a group of `MinibatchStddev`.
    position: bool = False  # Give it the place and scale of each patch as an input.
    # Give it each patch's surroundings, on the previous stage's grid, as an input.
    context: bool = False
    # Give it feature maps of EfficientNet-Lite0 as an input, with about this standard
    # deviation; 0: no maps. See `FeatureMaps`.
    feature_gain: float = not_negative(0.0)
    # Channels of the second discriminator, which judges dense patches; (): as above.
    dense_channels: tuple[int, ...] = positive((), "positive widths", WIDTH)


@dataclasses.dataclass
class Stage:
    """Settings of one stage of multi-stage patch training (MS-patch, section 3.2)."""

    # H / N of equation 1: one sample every `stride` pixels.
    stride: int = positive(1)
    kimg: float = positive(1.0)  # Length, in thousands of real images seen.
    patch_weight: float = not_negative(0.0)  # Weight of patch regularization; 0: off.
    # Share of `patch_weight` that is lost, linearly, by the end of the stage.
    patch_decay: float = share(0.0)
    random_stride: bool = False  # Draw each batch's stride, from `stride` upwards.
    # Weight of an additional loss on dense patches; 0: off.
    dense_weight: float = not_negative(0.0)


@dataclasses.dataclass
class Crops:
    """Settings of the places of patches in the images."""

    # Where crops start. aligned: on samples of the previous stage's grid; grid: on any
    # sample of their own grid; pixel: on any pixel, so that a stage trains all pixels.
    starts: str = choice(choices.CROP_STARTS, "aligned")
    # Use one place for all images that `MinibatchStddev` compares, which then notices
    # what generated images repeat at that place.
    shared: bool = False
    margin: int = not_negative(0)  # Pixels by which crops may cross the border.
    # Content of real images beyond their border. edge: their last pixels, repeated;
    # mirror: their mirror image.
    beyond: str = choice(choices.SURROUNDINGS, "edge")


@dataclasses.dataclass
class Data:
    """Settings of the training images.

    With `aspect` "keep", an image of any shape lies whole in the middle of the
    training frame, its longer side as long as the frame's. Only the coordinates
    that the generator receives change. Batches mix shapes, as patches have one
    size whatever the image's shape; beside the image, real and fake patches are
    white. One compiled step thus serves all shapes, no batch is left partial and
    the seed alone determines the order. The shape is not an input of the generator: a
    latent stands for one image, and each shape shows a different part of it.
    """

    # image; panorama: equirectangular images of a sphere, squeezed to a square; sound:
    # `resolution` samples on one axis; solid: `resolution` samples on each of 3 axes.
    kind: str = choice(choices.KINDS, "image")
    # openmoji, tfds:NAME or a folder of images; sounds or a folder of WAV files; with
    # `video_length` also a folder of films.
    source: str = "openmoji"
    # Number of panoramas or sounds, where the run makes them instead of reading files.
    count: int = positive(1000, most=10**6)
    sample_rate: int = positive(8000)  # Samples a second of sounds.
    split: str = "train"  # Split of a TFDS source.
    groups: tuple[str, ...] = ()  # OpenMoji groups; (): all.
    flip: bool = True  # Mirror half of the images left to right.
    shuffle_buffer: int = positive(4096)  # Images in the buffer of streamed sources.
    # Largest source, in MiB of decoded images, that is kept in memory.
    cache_mib: int = not_negative(2048)
    cache_dir: str = ""  # Folder of rasterized OpenMoji; "": the user's cache folder.
    # Filter that reduces images to the real patches of coarse stages.
    reduction: str = choice(choices.REDUCTIONS, "box")
    # Read smaller images in coarse stages (OpenMoji, or levels of a prepared folder).
    stored_levels: bool = False
    # Where crops are frequent: center, or where an image file is bright; "": anywhere.
    density: str = ""
    labels: bool = False  # Train with classes: labels, sub-folders or groups.
    classes: tuple[str, ...] = ()  # Names of the classes; (): the source's.
    # JSON file that lists the images of each class, for folders and OpenMoji;
    # openmoji_kinds: the package's own, for six groups of OpenMoji; "": the classes of
    # the source.
    class_file: str = ""
    # Colour channels; 1: grey; 4: with transparency.
    channels: int = setting(3, "1, 3 or 4", lambda count: count in (1, 3, 4))
    # crop: the central square; keep: whole images of any shape.
    aspect: str = choice(("crop", "keep"), "crop")
    trim: bool = False  # Cut off borders of one colour first.
    # Number of images in the video that is made of each image; 0: no videos.
    video_length: int = zero_or_from(2, most=2**10)
    # Motion of a video that is made of an image; film: read the films of a folder.
    motion: str = choice(choices.MOTIONS, "spin")

    @property
    def axes(self):
        """Number of axes of an image, sound or solid."""
        return choices.KINDS[self.kind]

    @property
    def dtype(self):
        """Type of the numbers of an image, sound or solid."""
        return "int16" if self.kind == "sound" else "uint8"

    @property
    def wraps(self):
        """True where the last column of an image is next to its first column."""
        return self.kind == "panorama"

    @property
    def keeps_aspect(self):
        """True where images of any shape lie whole in the training frame."""
        return self.aspect == "keep"

    @property
    def image_channels(self):
        """Channels that the networks see; for videos, the channels of all images."""
        return self.channels * max(self.video_length, 1)


@dataclasses.dataclass
class Optimizer:
    """Settings of Adam, with StyleGAN2's defaults."""

    learning_rate: float = positive(0.002)  # Rate of the generator.
    discriminator_learning_rate: float = positive(0.002)  # Rate of the discriminator.
    beta_1: float = below_one(0.0)
    beta_2: float = below_one(0.99)
    epsilon: float = positive(1e-8)
    # Interval k of StyleGAN2's correction of the generator's Adam, as if a regularizer
    # ran every k steps; 0: no correction. The discriminator's k is loss.r1_interval.
    generator_interval: int = not_negative(0)
    # Share of both rates that is left at the end; they fall along a cosine.
    final_rate: float = share(1.0)
    mapping_rate: float = positive(1.0)  # Mapping network's rate / generator's rate.


@dataclasses.dataclass
class Loss:
    """Settings of the adversarial loss, gradient penalties and patch regularization."""

    adversarial: str = choice(("logistic", "relativistic", "wgan"), "logistic")
    r1_weight: float = not_negative(10.0)  # gamma; the term is gamma / 2 * |grad|^2.
    r2_weight: float = not_negative(0.0)  # The same penalty on fakes.
    r1_interval: int = positive(16)  # Steps between two penalties.
    # lambda of WGAN-GP, used only with wgan; 0: R1 in its place, as in the slides.
    gp_weight: float = not_negative(10.0)
    # Discriminator that judges dense patches.
    dense_discriminator: str = choice(("same", "second"), "same")
    # Steps between two losses on dense patches; each weighs as much as those of an
    # interval together.
    dense_interval: int = positive(1)
    clip_fakes: bool = False  # Clip fakes to [-1, 1] before the discriminator.
    # Weight of the distance between real patches and the fake patches of the latents
    # that are matched with these real images, see `Matches`; 0: no matching.
    match_weight: float = not_negative(0.0)
    # That distance is of colours; True: of colours and of the feature maps that the
    # discriminator sees, these divided by discriminator.feature_gain.
    match_features: bool = False
    match_share: float = share(0.5)  # Share of a batch's samples that are matched.
    match_candidates: int = positive(4096, most=2**14)  # New latents in each search.
    match_kimg: float = positive(4.0)  # Thousands of images between two searches.
    # Weight of a term that is above 0 where fakes of one class differ less from each
    # other than real patches do, see `diversity_loss`; 0: no such term.
    diversity_weight: float = not_negative(0.0)
    # Form of patch regularization. mse: as in the authors' code; l2: equation 4.
    patch: str = choice(choices.PATCH_LOSSES, "mse")
    # Patch regularization compares means of squares of this many coarse samples a side.
    patch_pool: int = positive(1)
    patch_margin: float = not_negative(0.0)  # Largest colour difference without loss.


@dataclasses.dataclass
class Evaluation:
    """Settings of the averaged generator's scores in training; see `evaluations`."""

    # Number of generated images, and of real images to compare with; 0: no scores.
    images: int = zero_or_from(6, most=10**6)
    # Thousands of images between two evaluations; 0: before each checkpoint.
    kimg: float = not_negative(0.0)
    # Factor by which the images seen grow from one evaluation to the next; 1: equal
    # intervals.
    growth: float = setting(1.0, "at least 1", lambda growth: growth >= 1)
    metrics: tuple[str, ...] = choice(choices.SCORES, ("swd", "diversity"))
    best_by: str = "swd"  # Score that decides which generator is kept as the best.
    features: str = "pixels"  # Feature extractor; see `extractors.open_extractor`.
    # Whether to trust a SavedModel in `features`, see `runs.load_generator`.
    trust_model: bool = False


@dataclasses.dataclass
class Watchdog:
    """Settings of the reaction to failing training; see `watchdog`."""

    # Reaction to findings; roll_back: return to the state of the best generator.
    action: str = choice(("off", "warn", "stop", "roll_back"), "warn")
    max_roll_backs: int = positive(2)  # One more ends the run.
    # Factor of both learning rates at each rollback.
    rate_factor: float = setting(
        0.5, "above 0 and at most 1", lambda rate: 0 < rate <= 1
    )


@dataclasses.dataclass
class Experiment:
    """Settings of a whole run; lengths are in thousands of images seen (kimg).

    Example:
        >>> config = Experiment(resolution=64, patch_size=16, loss=Loss(r1_weight=0.3))
        >>> config.validate()
        >>> config.total_kimg
        5760.0
    """

    name: str = "experiment"  # Name of the run in logs and tables.
    # Seed of weights, data and all random numbers of the steps.
    seed: int = setting(
        0, "from 0 to 4294967295", lambda seed: 0 <= seed < 2**32, most=2**32 - 1
    )
    resolution: int = positive(256)  # Samples on each axis of the training frame.
    patch_size: int = power_of_two(8, 64)  # P: the same in every stage.
    # Alignment of the grids, see `coordinates`. corner: equation 1 of MS-patch, whose
    # coarse grids end H / N - 1 pixels before the right and lower border of the frame.
    # Only the last stage trains this strip: with H = 64 and N = 16, 3 of 63 pixels of
    # each axis and 9 % of the area; a long run drew half circles there. span: each grid
    # from border to border, as in MS-patch's public code. center: each sample in the
    # middle of its pixels.
    alignment: str = choice(choices.GRID_ALIGNMENTS, "corner")
    crops: Crops = dataclasses.field(default_factory=Crops)
    initial_generator: str = ""  # Run directory or .keras file to start from.
    initial_discriminator: str = ""  # Run directory with checkpoints to start from.
    # Training method; see `resolved`.
    method: str = choice(("multi_stage", "patch", "image"), "multi_stage")
    # Every k-th group of samples that `MinibatchStddev` compares lies on an earlier
    # stage's grid; 0: no group does.
    replay_every: int = zero_or_from(2)
    # Images in a step, over all replicas and micro-batches.
    batch_size: int = positive(16, most=2**16)
    accumulate: int = positive(1)  # Micro-batches whose gradients make one step.
    # Steps of the discriminator for each step of the generator.
    discriminator_steps: int = positive(1, most=2**10)
    fresh_latents: bool = False  # Render new fakes for the generator's step.
    # The generator's loss comes from the discriminator before its update, so that two
    # cores compute both networks' gradients at the same time.
    simultaneous: bool = False
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
    style_mixing: float = share(0.0)  # Share of samples that mix two styles.
    # Augmentations of DiffAugment.
    augment: tuple[str, ...] = choice(choices.AUGMENTATIONS, ())
    # Half-life of the averaged generator's weights, in thousands of images.
    ema_half_life_kimg: float = positive(10.0)
    # Dtype of computations; variables stay float32. auto: a measurement at the start of
    # a run decides, and config.json of the run keeps the result.
    dtype: str = choice((*choices.DTYPES, choices.AUTO), "float32")
    jit_compile: bool = False  # Compile with XLA.
    steps_per_execution: int = positive(1)  # Steps in a call of the compiled function.
    deterministic: bool = False  # Repeat runs bit for bit, at lower speed.
    # Threads of one operation on CPUs; 0: TensorFlow's choice.
    intra_op_threads: int = not_negative(0, most=2**12)
    # Distribution strategy; multi_worker reads TF_CONFIG.
    strategy: str = choice(("none", "mirrored", "multi_worker"), "none")
    replicas: int = not_negative(0)  # For mirrored runs; 0: all visible devices.
    # Thousands of images between two lines of metrics.jsonl and points of TensorBoard.
    log_kimg: float = positive(1.0)
    # Thousands of images between two sheets of samples, always of the same latents.
    sample_kimg: float = positive(50.0)
    sample_count: int = positive(48, most=10**4)  # Images on a sheet of samples.
    checkpoint_kimg: float = positive(50.0)  # Thousands of images between checkpoints.
    keep_checkpoints: int = positive(3)  # Number of checkpoints to keep.
    # go_on: continue without checkpoints until the disk has room again.
    on_full_disk: str = choice(("stop", "go_on"), "stop")
    evaluation: Evaluation = dataclasses.field(default_factory=Evaluation)
    watchdog: Watchdog = dataclasses.field(default_factory=Watchdog)

    def validate(self):
        """Raises `ValueError` for the first field that violates a rule."""
        rules.check(self)
        rules.check(self.resolved())

    def resolved(self):
        """Returns the settings with the stages and patch size of `method`.

        `multi_stage` leaves the settings as they are. `patch` trains on crops of
        the full grid for as many images, `image` on the full grid: one stage
        each, without patch regularization. With `discriminator.channels`, each
        size beyond `patch_size` has half the channels of the size below, at
        least 8.
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
    def policy(self):
        """Dtype policy of the networks; float32 where nothing is measured yet."""
        return "float32" if self.dtype == choices.AUTO else self.dtype

    @property
    def total_kimg(self):
        """Length of all stages together, in thousands of images."""
        return round(sum(stage.kimg for stage in self.stages), 6)
