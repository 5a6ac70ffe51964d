"""What settings must be like."""

import math

from inr_keras.config import data_rules
from inr_keras.config import evaluation_rules
from inr_keras.config import stage_rules

ALIGNMENTS = ("corner", "center")
ARCHITECTURES = ("cips", "hyper", "inr_gan", "siren")
HYPER = ("hyper", "siren")
METHODS = ("multi_stage", "patch", "image")
ADVERSARIAL = ("logistic", "relativistic", "wgan")
DENSE_DISCRIMINATORS = ("same", "second")
PATCH_LOSSES = ("mse", "l2")
STRATEGIES = ("none", "mirrored", "multi_worker")
FULL_DISK = ("stop", "go_on")
RGB_VARIANTS = ("skip", "residual")
PARAMETRIZATIONS = (
    "linear",
    "se_linear",
    "mfilm",
    "mfilm_no_norm",
    "mfilm_scaled",
    "factorized",
    "factorized_se",
    "adain",
    "shared",
)
COORDS_LAYERS = ("linear", "shared")
SIREN_INITS = ("original", "slides")
BASES = ("random", "shared", "predicted")
MODULATIONS = ("demod", "sigmoid", "tanh", "none")
UPSAMPLINGS = ("nearest", "bilinear")
REDUCTIONS = ("box", "antialias", "nearest")
AUGMENTATIONS = ("color", "translation", "cutout")
DTYPES = ("float32", "mixed_bfloat16")


def check(config, leaves):
    """Raises `ValueError` with one line that names the bad field.

    Args:
        config: Experiment.
        leaves: Pairs of a field's name and its value, for all of them.
    """
    for path, value in leaves:
        if isinstance(value, float) and not math.isfinite(value):
            _fail(path, "a finite number", value)
    _choice("method", config.method, METHODS)
    _choice("generator.architecture", config.generator.architecture, ARCHITECTURES)
    _choice("alignment", config.alignment, ALIGNMENTS)
    _choice("strategy", config.strategy, STRATEGIES)
    _choice("dtype", config.dtype, DTYPES)
    _choice("on_full_disk", config.on_full_disk, FULL_DISK)
    _choice("loss.adversarial", config.loss.adversarial, ADVERSARIAL)
    _choice(
        "loss.dense_discriminator",
        config.loss.dense_discriminator,
        DENSE_DISCRIMINATORS,
    )
    _choice("loss.patch", config.loss.patch, PATCH_LOSSES)
    _choice("generator.rgb", config.generator.rgb, RGB_VARIANTS)
    _choice("generator.basis", config.generator.basis, BASES)
    _choice("generator.modulation", config.generator.modulation, MODULATIONS)
    _choice("generator.upsampling", config.generator.upsampling, UPSAMPLINGS)
    _choice("data.reduction", config.data.reduction, REDUCTIONS)
    for broken in data_rules.broken(config):
        _fail(*broken)
    for broken in evaluation_rules.broken(config):
        _fail(*broken)
    generator = config.generator
    _choice("generator.parametrization", generator.parametrization, PARAMETRIZATIONS)
    _choice("generator.coords_layer", generator.coords_layer, COORDS_LAYERS)
    _choice("generator.siren_init", generator.siren_init, SIREN_INITS)
    for policy in config.augment:
        _choice("augment", policy, AUGMENTATIONS)
    for path in _POSITIVE:
        value = _get(config, path)
        if value <= 0:
            _fail(path, "positive", value)
    for path in _NOT_NEGATIVE:
        value = _get(config, path)
        if value < 0:
            _fail(path, "zero or more", value)
    for path in (
        "style_mixing",
        "optimizer.beta_1",
        "optimizer.beta_2",
        "optimizer.final_rate",
    ):
        value = _get(config, path)
        if not 0 <= value <= 1:
            _fail(path, "between 0 and 1", value)
    if config.method == "image" and config.resolution & (config.resolution - 1):
        _fail(
            "resolution",
            "a power of two where method is image",
            config.resolution,
        )
    size = config.patch_size
    if size < 8 or size & (size - 1):
        _fail("patch_size", "a power of two from 8", size)
    if config.resolution % size:
        _fail(
            "resolution",
            f"a multiple of patch_size ({size})",
            config.resolution,
        )
    channels = config.discriminator.channels
    if channels and len(channels) != int(math.log2(size)) - 1:
        _fail(
            "discriminator.channels",
            f"one width for each size from {size} down to 4",
            channels,
        )
    if any(width < 1 for width in channels):
        _fail("discriminator.channels", "positive widths", channels)
    if any(size < 1 for size in config.generator.embedding_levels):
        levels = config.generator.embedding_levels
        _fail("generator.embedding_levels", "positive sizes", levels)
    _check_cips(config.generator)
    if config.generator.sparse_embedding:
        if config.optimizer.beta_1:
            _fail(
                "optimizer.beta_1",
                "0 with generator.sparse_embedding",
                config.optimizer.beta_1,
            )
        if config.accumulate > 1:
            _fail(
                "accumulate",
                "1 with generator.sparse_embedding",
                config.accumulate,
            )
        if config.strategy != "none":
            _fail(
                "strategy",
                "none with generator.sparse_embedding",
                config.strategy,
            )
    if config.strategy == "multi_worker" and config.replicas:
        _fail("replicas", "0 where strategy is multi_worker", config.replicas)
    if config.strategy == "multi_worker" and config.on_full_disk != "stop":
        _fail(
            "on_full_disk",
            "stop where strategy is multi_worker, whose workers save together",
            config.on_full_disk,
        )
    if config.generator.architecture in HYPER:
        _check_hyper(config.generator)
    if config.generator.architecture == "inr_gan":
        _check_inr_gan(config)
    _check_compilation(config)
    _check_losses(config)
    _check_shares(config)
    stage_rules.check(config, _fail)


def _check_cips(generator):
    """What a CIPS alone has, and what hypernetworks alone have."""
    kind, widths = generator.architecture, generator.widths
    if widths and kind != "cips":
        rule = f"empty where generator.architecture is {kind}"
        _fail("generator.widths", rule, widths)
    if widths and (len(widths) != generator.blocks or min(widths) < 1):
        rule = f"one positive width for each of {generator.blocks} blocks"
        _fail("generator.widths", rule, widths)
    if generator.weight_clip and kind not in HYPER:
        rule = f"0 where generator.architecture is {kind}, not a hypernetwork"
        _fail("generator.weight_clip", rule, generator.weight_clip)


def _check_hyper(generator):
    """What a hypernetwork's INR has, and what it lacks."""
    kind = generator.architecture
    for name, value in (
        ("embedding_channels", 0),
        ("sparse_embedding", False),
        ("noise", False),
        ("rgb", "skip"),
    ):
        if getattr(generator, name) != value:
            _fail(
                f"generator.{name}",
                f"{value} where generator.architecture is {kind}",
                getattr(generator, name),
            )
    if kind == "hyper" and generator.fourier_scale == 0:
        _fail("generator.fourier_scale", "positive for hyper", 0.0)
    if kind == "hyper" and generator.fourier_features % 2:
        _fail(
            "generator.fourier_features",
            "even for hyper, sines and cosines",
            generator.fourier_features,
        )


def _check_inr_gan(config):
    """What a multi-scale INR can be."""
    generator = config.generator
    if config.alignment != "center":
        _fail("alignment", "center for an inr_gan", config.alignment)
    for path in ("resolution", "generator.input_resolution"):
        value = _get(config, path)
        if value < 4 or value & (value - 1):
            _fail(path, "a power of two from 4 for an inr_gan", value)
    if generator.input_resolution > config.resolution:
        _fail(
            "generator.input_resolution",
            f"at most resolution ({config.resolution})",
            generator.input_resolution,
        )
    finer = int(math.log2(config.resolution // generator.input_resolution))
    if generator.fine_blocks > finer:
        _fail(
            "generator.fine_blocks",
            f"at most the doublings from input_resolution ({finer})",
            generator.fine_blocks,
        )
    sides = [generator.input_resolution * 2**i for i in range(finer + 1)]
    if not set(generator.embedding_levels) <= set(sides):
        _fail(
            "generator.embedding_levels",
            f"of the lattices {', '.join(map(str, sides))}",
            generator.embedding_levels,
        )
    for name in ("embedding_size", "sparse_embedding", "noise"):
        value = getattr(generator, name)
        if value:
            _fail(f"generator.{name}", "unset for an inr_gan", value)
    patch = config.resolved().patch_size
    if generator.instance_norm and patch < config.resolution:
        _fail(
            "generator.instance_norm",
            "False where patches are crops, as it needs the whole image",
            True,
        )


def _check_compilation(config):
    """What TensorFlow cannot put together, as far as it is known."""
    if not config.jit_compile:
        return
    if config.strategy != "none":
        _fail(
            "jit_compile",
            "False under a strategy, where TensorFlow leaks or breaks (Keras "
            "issue 18145)",
            True,
        )
    if config.deterministic:
        _fail(
            "jit_compile",
            "False where deterministic is set, for which Keras turns XLA off",
            True,
        )


def _check_losses(config):
    """What losses and orders of updates do not go together."""
    if config.loss.adversarial == "wgan":
        # They pull slopes to 0, and WGAN-GP pulls them to 1.
        for name in ("r1_weight", "r2_weight"):
            weight = getattr(config.loss, name)
            if weight:
                _fail(f"loss.{name}", "0 where loss.adversarial is wgan", weight)
    if config.discriminator_steps > 1 and config.strategy != "none":
        _fail(
            "discriminator_steps",
            "1 under a strategy, whose replicas cannot meet in a branch",
            config.discriminator_steps,
        )


def _check_shares(config):
    """Whether the batch can be shared out as the settings say."""
    batch, parts, every = (
        config.batch_size,
        config.accumulate,
        config.replay_every,
    )
    if batch % parts:
        _fail("accumulate", f"a divisor of batch_size ({batch})", parts)
    if every and (every < 2 or batch // parts % every):
        _fail(
            "replay_every",
            f"0, or from 2 and a divisor of a micro-batch ({batch // parts})",
            every,
        )


_POSITIVE = (
    "resolution",
    "batch_size",
    "accumulate",
    "discriminator_steps",
    "generator.latent_dim",
    "generator.style_dim",
    "generator.mapping_layers",
    "generator.mapping_lr_multiplier",
    "generator.width",
    "generator.blocks",
    "generator.fourier_features",
    "generator.rank",
    "generator.input_resolution",
    "generator.channel_base",
    "generator.siren_omega",
    "discriminator.channel_base",
    "discriminator.channel_max",
    "discriminator.stddev_group",
    "data.shuffle_buffer",
    "optimizer.learning_rate",
    "optimizer.discriminator_learning_rate",
    "optimizer.epsilon",
    "optimizer.mapping_rate",
    "loss.gp_weight",
    "loss.r1_interval",
    "loss.patch_pool",
    "ema_half_life_kimg",
    "log_kimg",
    "sample_kimg",
    "sample_count",
    "checkpoint_kimg",
    "keep_checkpoints",
    "steps_per_execution",
)
_NOT_NEGATIVE = (
    "seed",
    "replicas",
    "intra_op_threads",
    "replay_every",
    "loss.r1_weight",
    "loss.r2_weight",
    "loss.patch_margin",
    "data.cache_mib",
    "generator.fourier_scale",
    "generator.residual_weight",
    "generator.embedding_channels",
    "generator.weight_clip",
    "generator.embedding_size",
    "generator.fine_blocks",
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
