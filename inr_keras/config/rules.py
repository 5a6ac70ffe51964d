"""Rules between several fields of the settings.

Each function yields the name of a field that violates a rule, and the rule. Rules of
a single field stand beside its default.
"""

import itertools
import math

from inr_keras.config import bounds
from inr_keras.config import choices
from inr_keras.config import discriminator_rules
from inr_keras.config import matching_rules
from inr_keras.config import sizes
from inr_keras.config.generators import CIPS
from inr_keras.config.generators import Hyper
from inr_keras.config.generators import MultiScaleINR
from inr_keras.config.generators import StyleGAN2

# Scores that show a collapse and do not rank generators by quality.
_NOT_RANKING = ("diversity", "duplicates")


def check(config):
    """Raises `ValueError` for the first field that violates a rule.

    Args:
        config: Experiment.
    """
    for name, rule, value in bounds.find_violations(config):
        _fail(name, rule, value)
    values = {name: value for name, value, _ in bounds.leaves(config)}
    for name, rule in itertools.chain.from_iterable(rules(config) for rules in _ALL):
        _fail(name, rule, values[name])


def stddev_groups(batch, largest):
    """Counts the groups that `MinibatchStddev` makes of a batch.

    Args:
        batch: int. Samples of a replica or of a micro-batch.
        largest: int. Most samples in a group.
    """
    sizes = range(1, min(largest, batch) + 1)
    return batch // max(size for size in sizes if batch % size == 0)


def _fail(name, rule, value):
    raise ValueError(f"config.{name} must be {rule}. Received: {value!r}")


def _is_power_of_two(size):
    return not size & (size - 1)


def _sizes(config):
    resolution, size = config.resolution, config.patch_size
    if config.method == "image" and not _is_power_of_two(resolution):
        yield "resolution", "a power of two where method is image"
    if resolution % size:
        yield "resolution", f"a multiple of patch_size ({size})"
    for name in ("channels", "dense_channels"):
        channels = getattr(config.discriminator, name)
        if channels and not 0 <= len(channels) - int(math.log2(size)) + 1 <= 2:
            rule = f"one width for each size from {size} down to 4, 2 or 1"
            yield f"discriminator.{name}", rule


def _generator(config):
    generator = config.generator
    if isinstance(generator, CIPS):
        yield from _cips(config, generator)
    if isinstance(generator, MultiScaleINR):
        yield from _inr_gan(config, generator)
    if isinstance(generator, StyleGAN2):
        yield from _stylegan2(config)
    if isinstance(generator, Hyper) and generator.fourier_features % 2:
        yield "generator.fourier_features", "even for hyper, sines and cosines"


def _cips(config, generator):
    widths, blocks = generator.widths, generator.blocks
    if widths and len(widths) != blocks:
        yield "generator.widths", f"one width for each of {blocks} blocks"
    if config.data.video_length and generator.noise:
        yield "data.video_length", "0 where the generator has noise"
    if generator.sparse_embedding:
        if config.optimizer.beta_1:
            yield "optimizer.beta_1", "0 with generator.sparse_embedding"
        if config.accumulate > 1:
            yield "accumulate", "1 with generator.sparse_embedding"
        if config.strategy != "none":
            yield "strategy", "none with generator.sparse_embedding"


def _inr_gan(config, generator):
    resolution, coarsest = config.resolution, generator.input_resolution
    if config.alignment != "center":
        yield "alignment", "center for an inr_gan"
    if resolution < 4 or not _is_power_of_two(resolution):
        yield "resolution", "a power of two from 4 for an inr_gan"
    if coarsest > resolution:
        yield "generator.input_resolution", f"at most resolution ({resolution})"
    finer = int(math.log2(resolution // coarsest))
    if generator.fine_blocks > finer:
        rule = f"at most the doublings from input_resolution ({finer})"
        yield "generator.fine_blocks", rule
    sides = [coarsest * 2**i for i in range(finer + 1)]
    if not set(generator.embedding_levels) <= set(sides):
        rule = f"of the lattices {', '.join(map(str, sides))}"
        yield "generator.embedding_levels", rule
    if generator.instance_norm and config.resolved().patch_size < resolution:
        rule = "False where patches are crops, as it needs the whole image"
        yield "generator.instance_norm", rule
    if config.data.video_length:
        yield "data.video_length", "0 where the generator is an inr_gan"


def _stylegan2(config):
    """Rules of a convolutional generator, which draws the full grid as a whole."""
    whole = config.resolved()
    for i, stage in enumerate(whole.stages):
        for name, rule in (("stride", 1), ("random_stride", False)):
            if getattr(stage, name) != rule:
                rule = f"{rule} for a stylegan2 (or method image)"
                yield f"stages[{i}].{name}", rule
    if whole.patch_size != config.resolution:
        rule = f"resolution ({config.resolution}) for a stylegan2 (or method image)"
        yield "patch_size", rule
    if config.data.video_length:
        yield "data.video_length", "0 for a stylegan2"
    if config.data.keeps_aspect:
        yield "data.aspect", "crop for a stylegan2"
    if config.generator.remat:
        yield "generator.remat", "False for a stylegan2"
    if config.resolution < 8 or not _is_power_of_two(config.resolution):
        yield "resolution", "a power of two from 8 for a stylegan2"


def _data(config):
    data = config.data
    if data.classes and not data.labels:
        yield "data.classes", "empty where data.labels is false"
    if data.class_file and not data.labels:
        yield "data.class_file", "empty where data.labels is false"
    if data.channels == 4 and data.source == "openmoji":
        rule = "1 or 3 where data.source is openmoji, drawn on white"
        yield "data.channels", rule
    # Samples of another reduction are not means of whole pixels of a stored level.
    if data.stored_levels and data.reduction != "box":
        yield "data.stored_levels", "false where data.reduction is not box"
    if data.keeps_aspect and config.alignment == "span":
        yield "data.aspect", "crop where alignment is span"
    if data.motion == "film" and not data.video_length:
        yield "data.video_length", "positive where data.motion is film"
    if data.video_length and data.motion == "film":
        if data.source == "openmoji" or data.source.startswith("tfds:"):
            yield "data.source", "a folder of films where data.motion is film"
        for name in ("labels", "trim"):
            if getattr(data, name):
                yield f"data.{name}", "False where data.motion is film"
    for name in ("video_length", "density", "stored_levels"):
        if data.keeps_aspect and getattr(data, name):
            yield "data.aspect", f"crop where data.{name} is set"


# Settings that only images may change, with their value for other kinds of data.
_IMAGES_ONLY = {
    "data.video_length": 0,
    "data.density": "",
    "data.stored_levels": False,
    "data.labels": False,
    "data.aspect": "crop",
    "data.trim": False,
    "augment": (),
    "discriminator.position": False,
    "discriminator.context": False,
    "discriminator.feature_gain": 0.0,
}
# Settings that only images and panoramas may change.
_PLANES_ONLY = {
    "data.channels": 1,
    "data.flip": False,
    "evaluation.images": 0,
    "method": "multi_stage",
}


def _kind(config):
    kind = config.data.kind
    if kind == "image":
        if config.data.source == "sounds":
            yield "data.source", "another one where data.kind is image"
        return
    only = {**_IMAGES_ONLY, **(_PLANES_ONLY if config.data.axes != 2 else {})}
    values = {name: value for name, value, _ in bounds.leaves(config)}
    for name, value in only.items():
        if values[name] != value:
            shown = "empty" if value in ("", ()) else value
            yield name, f"{shown} where data.kind is {kind}"
    if not isinstance(config.generator, CIPS):
        yield "generator.architecture", f"cips where data.kind is {kind}"
    if config.data.reduction == "antialias":
        yield "data.reduction", f"box or nearest where data.kind is {kind}"
    if kind in ("panorama", "solid") and config.alignment != "center":
        # The ends of a panorama meet, and the samples of a solid are middles of cells.
        yield "alignment", f"center where data.kind is {kind}"
    source = config.data.source
    if source == {"sound": "openmoji"}.get(kind, "sounds"):
        yield "data.source", f"another one where data.kind is {kind}"
    if source.startswith("tfds:"):
        yield "data.source", f"no TFDS dataset where data.kind is {kind}"


def _batch(config):
    batch, parts, every = config.batch_size, config.accumulate, config.replay_every
    if batch % parts:
        yield "accumulate", f"a divisor of batch_size ({batch})"
    groups = stddev_groups(batch // parts, config.discriminator.stddev_group)
    if every and groups % every:
        rule = "a divisor of the number of groups of discriminator.stddev_group images"
        yield "replay_every", f"{rule} in a micro-batch ({groups})"


def _loss(config):
    if config.loss.dense_interval > 1 and config.discriminator_steps > 1:
        yield "loss.dense_interval", "1 where discriminator_steps is more than 1"
    loss = config.loss
    if loss.adversarial != "wgan":
        return
    if loss.gp_weight:
        # R1 and R2 pull slopes to 0, and WGAN-GP pulls them to 1.
        for name in ("r1_weight", "r2_weight"):
            if getattr(loss, name):
                rule = "0 where loss.adversarial is wgan and loss.gp_weight is not 0"
                yield f"loss.{name}", rule
    elif not loss.r1_weight:
        # Nothing else bounds the logits of a discriminator with a linear loss.
        yield "loss.r1_weight", "positive where wgan has no loss.gp_weight"


def _strategy(config):
    strategy = config.strategy
    if strategy == "multi_worker" and config.replicas:
        yield "replicas", "0 where strategy is multi_worker"
    if strategy == "multi_worker" and config.on_full_disk != "stop":
        rule = "stop where strategy is multi_worker, whose workers save together"
        yield "on_full_disk", rule
    if strategy != "none" and config.loss.dense_interval > 1:
        rule = "1 under a strategy, whose replicas cannot meet in a branch"
        yield "loss.dense_interval", rule
    if strategy != "none" and config.discriminator_steps > 1:
        rule = "1 under a strategy, whose replicas cannot meet in a branch"
        yield "discriminator_steps", rule
    if strategy != "none" and config.watchdog.action in ("stop", "roll_back"):
        yield "watchdog.action", f"off or warn where strategy is {strategy}"


def _compilation(config):
    """Rules against known combinations that TensorFlow does not support."""
    if config.jit_compile and config.strategy != "none":
        rule = "False under a strategy, where TensorFlow leaks or breaks (Keras "
        yield "jit_compile", rule + "issue 18145)"
    if config.jit_compile and config.deterministic:
        rule = "False where deterministic is set, for which Keras turns XLA off"
        yield "jit_compile", rule
    if config.dtype == choices.AUTO and config.deterministic:
        rule = f"{' or '.join(choices.DTYPES)} where deterministic is set, as a "
        yield "dtype", rule + "measurement may find either"


def _evaluation(config):
    evaluation = config.evaluation
    if not evaluation.metrics:
        yield "evaluation.metrics", f"of {', '.join(choices.SCORES)}"
    if not evaluation.images:
        if config.watchdog.action == "roll_back":
            rule = "off, warn or stop where evaluation.images is 0"
            yield "watchdog.action", rule
        return
    scores = [s for name in evaluation.metrics for s in choices.SCORES[name]]
    measures = [score for score in scores if score not in _NOT_RANKING]
    if evaluation.best_by not in measures:
        rule = f"a score of evaluation.metrics ({', '.join(measures)})"
        yield "evaluation.best_by", rule
    if config.data.video_length:
        rule = "0 where data.video_length is set: scores are of images"
        yield "evaluation.images", rule
    size = config.resolution
    if "swd" in evaluation.metrics and (size < 8 or not _is_power_of_two(size)):
        rule = f"without swd where resolution ({size}) is no power of two"
        yield "evaluation.metrics", rule


def _stages(config):
    if not config.stages:
        yield "stages", "at least one stage"
    previous = None
    for i, stage in enumerate(config.stages):
        name = f"stages[{i}]"
        resolution, size = config.resolution, config.patch_size
        if stage.stride < 1 or resolution % stage.stride:
            yield f"{name}.stride", f"a divisor of resolution ({resolution})"
        if resolution // stage.stride < size:
            rule = f"at most resolution / patch_size ({resolution // size})"
            yield f"{name}.stride", rule
        if stage.random_stride:
            yield from _random_stride(config, stage, name)
        if stage.dense_weight and stage.stride == 1 and not stage.random_stride:
            rule = "0 where the stage's own patches are dense"
            yield f"{name}.dense_weight", rule
        if stage.patch_weight:
            yield from _patch_regularization(config, stage, name, previous)
        previous = stage


def _random_stride(config, stage, name):
    side = config.resolution
    coarser = range(stage.stride + 1, side // config.patch_size + 1)
    if not any(side % stride == 0 for stride in coarser):
        yield f"{name}.random_stride", "False without a coarser grid"
    if stage.patch_weight:
        yield f"{name}.patch_weight", "0 where the stage's random_stride is set"


def _pixel_crops(config):
    """Rules of crops that begin at any pixel, see `PixelFrame`."""
    where = "where crops.starts is pixel or a stage's random_stride is set"
    is_random = any(stage.random_stride for stage in config.stages)
    if config.crops.starts != "pixel":
        if config.crops.margin:
            yield "crops.margin", "0 where crops.starts is not pixel"
        if not is_random:
            return
    if config.crops.margin > config.resolution // 2:
        rule = f"at most half of resolution ({config.resolution // 2})"
        yield "crops.margin", rule
    if config.crops.margin and config.data.keeps_aspect:
        yield "crops.margin", "0 where data.aspect is keep"
    if config.crops.margin and config.data.density:
        yield "crops.margin", "0 where data.density is set"
    if config.replay_every:
        yield "replay_every", f"0 {where}"
    if config.data.kind != "image":
        yield "data.kind", f"image {where}"
    # Samples of such grids are not means of whole pixels of a stored level.
    if config.data.stored_levels and is_random:
        yield "data.stored_levels", "false where a stage's random_stride is set"


def _patch_regularization(config, stage, name, previous):
    size = config.patch_size
    if previous is None or previous.stride % stage.stride:
        yield f"{name}.patch_weight", "0 where no coarser stage stands before"
    factor = previous.stride // stage.stride
    if size % factor:
        rule = "such that the stage before is coarser by a divisor of patch_size"
        yield f"{name}.stride", f"{rule} ({size})"
    if factor == 1:
        yield f"{name}.patch_weight", "0 where the stage before has the same stride"
    coarse = size // factor
    if coarse % config.loss.patch_pool:
        rule = f"a divisor of the {coarse} coarse samples of a patch"
        yield "loss.patch_pool", rule


_ALL = (
    _sizes,
    sizes.rules,
    _generator,
    _data,
    _kind,
    _batch,
    _loss,
    matching_rules.violations,
    _strategy,
    _compilation,
    _evaluation,
    _stages,
    _pixel_crops,
    discriminator_rules.violations,
)
