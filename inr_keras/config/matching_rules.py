"""Rules of images that are matched with latents (`loss.match_weight`)."""

from inr_keras.config import bounds
from inr_keras.config.generators import StyleGAN2

# Values that `Matches` needs.
_NEEDED = {
    "data.kind": "image",
    "data.aspect": "crop",
    "data.video_length": 0,
    "data.stored_levels": False,
    "fresh_latents": False,
}


def violations(config):
    """Yields the name of each field that violates a rule, and the rule."""
    if not config.loss.match_weight:
        return
    if not config.loss.match_share:
        yield "loss.match_share", "above 0 where loss.match_weight is"
    if config.loss.match_features and not config.discriminator.feature_gain:
        yield "loss.match_features", "False where discriminator.feature_gain is 0"
    if isinstance(config.generator, StyleGAN2):
        rule = "another one than stylegan2 where loss.match_weight is set"
        yield "generator.architecture", rule
    for name, value, _ in bounds.leaves(config):
        if name in _NEEDED and value != _NEEDED[name]:
            yield name, f"{_NEEDED[name]} where loss.match_weight is set"
    if config.strategy == "multi_worker":
        rule = "none or mirrored where loss.match_weight is set, whose searches"
        yield "strategy", f"{rule} must agree in all workers"
