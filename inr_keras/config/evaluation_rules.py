"""What settings of scores in the course of a run must be like."""

# The scores of each metric that is cheap enough while a run trains.
SCORES = {
    "swd": ("swd",),
    "fid": ("fid",),
    "dfid": ("dfid",),
    "kid": ("kid",),
    "pr": ("precision", "recall"),
    "dc": ("density", "coverage"),
    "diversity": ("diversity", "duplicates"),
}
# These say that a generator has not collapsed, not that it is good.
_NO_MEASURE = ("diversity", "duplicates")
ACTIONS = ("off", "warn", "stop", "roll_back")
_FEWEST = 6  # Images whose fifth nearest other can be asked for.


def better(score):
    """Whether a `lower` or a `higher` value is better."""
    is_share = score in ("precision", "recall", "density", "coverage")
    return "higher" if is_share else "lower"


def broken(config):
    """The rules that settings break, as (field, rule, value received)."""
    evaluation, watchdog = config.evaluation, config.watchdog
    yield from _evaluation(config)
    if watchdog.action not in ACTIONS:
        rule = f"one of {', '.join(ACTIONS)}"
        yield "watchdog.action", rule, watchdog.action
    if watchdog.max_roll_backs < 1:
        rule = "positive"
        yield "watchdog.max_roll_backs", rule, watchdog.max_roll_backs
    if not 0 < watchdog.rate_factor <= 1:
        rule = "above 0 and at most 1"
        yield "watchdog.rate_factor", rule, watchdog.rate_factor
    if watchdog.action == "roll_back" and not evaluation.images:
        rule = "off, warn or stop where evaluation.images is 0"
        yield "watchdog.action", rule, watchdog.action
    if watchdog.action in ("stop", "roll_back") and config.strategy != "none":
        rule = f"off or warn where strategy is {config.strategy}"
        yield "watchdog.action", rule, watchdog.action


def _evaluation(config):
    evaluation = config.evaluation
    if evaluation.images < 0 or 0 < evaluation.images < _FEWEST:
        rule = f"0, or from {_FEWEST}"
        yield "evaluation.images", rule, evaluation.images
    if evaluation.kimg < 0:
        yield "evaluation.kimg", "zero or more", evaluation.kimg
    for name in evaluation.metrics or ("",):
        if name not in SCORES:
            rule = f"of {', '.join(SCORES)}"
            yield "evaluation.metrics", rule, name
            return
    scores = [s for name in evaluation.metrics for s in SCORES[name]]
    measures = [score for score in scores if score not in _NO_MEASURE]
    if not evaluation.images:
        return
    if evaluation.best_by not in measures:
        rule = f"a score of evaluation.metrics ({', '.join(measures)})"
        yield "evaluation.best_by", rule, evaluation.best_by
    if config.data.video_length:
        rule = "0 where data.video_length is set: scores are of images"
        yield "evaluation.images", rule, evaluation.images
    size = config.resolution
    if "swd" in evaluation.metrics and (size & (size - 1) or size < 8):
        rule = f"without swd where resolution ({size}) is no power of two"
        yield "evaluation.metrics", rule, evaluation.metrics
