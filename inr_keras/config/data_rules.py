"""What settings must be like that say how images are made and told apart."""

ASPECTS = ("crop", "keep")
MOTIONS = ("spin", "pulse")


def broken(config):
    """The rules that settings break, as (field, rule, value received)."""
    data, generator = config.data, config.generator
    if data.classes and not data.labels:
        yield "data.classes", "empty where data.labels is false", data.classes
    if data.channels not in (1, 3, 4):
        yield "data.channels", "1, 3 or 4", data.channels
    if data.channels == 4 and data.source == "openmoji":
        rule = "1 or 3 where data.source is openmoji, drawn on white"
        yield "data.channels", rule, data.channels
    # Grids whose samples are not means of whole pixels of a level.
    if data.stored_levels and (
        data.reduction != "box" or any(s.random_stride for s in config.stages)
    ):
        rule = "false where data.reduction is not box or a stride is random"
        yield "data.stored_levels", rule, data.stored_levels
    if data.motion not in MOTIONS:
        yield "data.motion", f"one of {', '.join(MOTIONS)}", data.motion
    if data.aspect not in ASPECTS:
        yield "data.aspect", f"one of {', '.join(ASPECTS)}", data.aspect
    for name in ("video_length", "density", "stored_levels"):
        if data.keeps_aspect and getattr(data, name):
            rule = f"crop where data.{name} is set"
            yield "data.aspect", rule, data.aspect
    if data.video_length == 1 or data.video_length < 0:
        yield "data.video_length", "0, or from 2", data.video_length
    if data.video_length and (generator.architecture == "inr_gan" or generator.noise):
        rule = "0 where the generator is an inr_gan or has noise"
        yield "data.video_length", rule, data.video_length
