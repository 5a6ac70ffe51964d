"""What the stages of a schedule must be like."""


def check(config, fail):
    """Raises `ValueError` with one line that names the bad field.

    Args:
        config: Experiment.
        fail: Function of a field's name, its rule and its value that raises.
    """
    if not config.stages:
        fail("stages", "at least one stage", config.stages)
    previous = None
    for i, stage in enumerate(config.stages):
        name = f"stages[{i}]"
        if stage.kimg <= 0:
            fail(f"{name}.kimg", "positive", stage.kimg)
        if stage.patch_weight < 0:
            fail(f"{name}.patch_weight", "zero or more", stage.patch_weight)
        if not 0 <= stage.patch_decay <= 1:
            fail(f"{name}.patch_decay", "between 0 and 1", stage.patch_decay)
        if stage.stride < 1 or config.resolution % stage.stride:
            fail(
                f"{name}.stride",
                f"a divisor of resolution ({config.resolution})",
                stage.stride,
            )
        grid = config.resolution // stage.stride
        if grid < config.patch_size:
            fail(
                f"{name}.stride",
                f"at most resolution / patch_size "
                f"({config.resolution // config.patch_size})",
                stage.stride,
            )
        if stage.random_stride:
            _check_random_stride(config, stage, name, fail)
        if stage.dense_weight < 0:
            fail(f"{name}.dense_weight", "zero or more", stage.dense_weight)
        if stage.dense_weight and stage.stride == 1 and not stage.random_stride:
            fail(
                f"{name}.dense_weight",
                "0 where the stage's own patches are dense",
                stage.dense_weight,
            )
        if stage.patch_weight:
            if previous is None or previous.stride % stage.stride:
                fail(
                    f"{name}.patch_weight",
                    "0 where no coarser stage stands before",
                    stage.patch_weight,
                )
            factor = previous.stride // stage.stride
            if config.patch_size % factor:
                fail(
                    f"{name}.stride",
                    f"such that the stage before is coarser by a divisor "
                    f"of patch_size ({config.patch_size})",
                    stage.stride,
                )
            if factor == 1:
                fail(
                    f"{name}.patch_weight",
                    "0 where the stage before has the same stride",
                    stage.patch_weight,
                )
            coarse = config.patch_size // factor
            if coarse % config.loss.patch_pool:
                fail(
                    "loss.patch_pool",
                    f"a divisor of the {coarse} coarse samples of a patch",
                    config.loss.patch_pool,
                )
        previous = stage


def _check_random_stride(config, stage, name, fail):
    side = config.resolution
    coarser = range(stage.stride + 1, side // config.patch_size + 1)
    if not any(side % stride == 0 for stride in coarser):
        fail(f"{name}.random_stride", "False without a coarser grid", True)
    if stage.patch_weight:
        fail(
            f"{name}.patch_weight",
            "0 where the stage's random_stride is set",
            stage.patch_weight,
        )
    if config.replay_every:
        fail(
            "replay_every",
            "0 where a stage's random_stride is set",
            config.replay_every,
        )
