"""Rules of what a discriminator sees besides patches."""


def violations(config):
    """Yields the name of each field that violates a rule, and the rule."""
    yield from _context(config)
    seen = {
        "data.channels is 4": config.data.channels == 4,
        "data.video_length is set": config.data.video_length,
        "discriminator.context is set": config.discriminator.context,
        "discriminator.feature_gain is set": config.discriminator.feature_gain,
    }
    for case, is_so in seen.items():
        # The augmentation would take all channels for those of one colour.
        if is_so and "color" in config.augment:
            yield "augment", f"without color where {case}"
    if config.discriminator.feature_gain:
        yield from _features(config)


def _features(config):
    """Rules of a discriminator that sees feature maps of a pretrained network."""
    where = "where discriminator.feature_gain is set"
    if config.discriminator.context:
        yield "discriminator.context", f"False {where}"
    if config.data.channels != 3:
        yield "data.channels", f"3 {where}"
    if config.data.video_length:
        yield "data.video_length", f"0 {where}"


def _context(config):
    """Rules of a discriminator that sees a patch's surroundings."""
    if not config.discriminator.context:
        return
    if config.replay_every:
        yield "replay_every", "0 where discriminator.context is set"
    if config.data.keeps_aspect:
        yield "data.aspect", "crop where discriminator.context is set"
    if config.crops.starts == "pixel":
        rule = "aligned or grid where discriminator.context is set"
        yield "crops.starts", rule
    stages = config.stages
    for index, stage in enumerate(stages):
        name = f"stages[{index}]"
        for field in ("random_stride", "dense_weight"):
            if getattr(stage, field):
                yield f"{name}.{field}", "0 where discriminator.context is set"
        factor, rest = divmod(stages[max(index - 1, 0)].stride, stage.stride)
        if rest or config.patch_size % factor:
            rule = "such that the stage before is coarser by a divisor of patch_size"
            yield f"{name}.stride", f"{rule} where discriminator.context is set"
