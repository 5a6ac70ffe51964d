"""The changes that the slides "Meta Generation" list, as changes of settings.

Each is a function of the settings before it, so that sizes and rates keep the slides'
proportions whatever the scale. The first ten are the list that took the slides' FID
from about 150 to 58 at 20,000 iterations on LSUN's conference rooms; the others are
further statements of the slides about the recipe with all ten changes.

With `loss.gp_weight` 0, the slides' order has a few runs with the Wasserstein loss and
R1: their list changes the penalty third and the loss ninth. R1 bounds the logits there
as WGAN-GP's penalty did, only by a slope of 0 on real images in place of one of 1
between real and fake ones.
"""

import dataclasses
import math

from inr_keras import config as config_lib

NOTES = """The changes of the slides "Meta Generation" (Skorokhodov, August 2020), in
their order, each on top of all before; then what they state about the recipe with all
of them. Their figures are an FID of Inception's features on LSUN's conference rooms,
after 20,000 iterations of 32 or 64 images unless the table says otherwise. Their
direction can be compared with ours, their size cannot. Sizes and rates are scaled down;
see the config. What else differs:

- Runs have equal numbers of images; the slides' runs have equal numbers of iterations.
  Here a doubled batch halves the steps, and with five steps of the discriminator (D)
  for each step of the generator (G), G takes a fifth as many steps.
- The slides had to drop BatchNorm to average G's weights. No network here has it.
- Their list replaces WGAN-GP's penalty by R1 long before it replaces the Wasserstein
  loss. The runs in between have the Wasserstein loss with R1 alone (`loss.gp_weight`
  0). Nothing forbids this: R1 keeps the slope at real images near 0 and so bounds the
  logits, as the penalty did with a slope near 1 between real and fake images. The two
  terms together would contradict each other.
  R1 has StyleGAN2's weight of 10 here, as the slides name none. With 0.3, which suits
  the logistic loss on such small images, the Wasserstein loss drove the slopes of D up
  a hundredfold, and G drew blots.
- FourierINR's weights have a deviation of 10 radians per unit of the frame, where the
  slides name about 100: at 16x16 a grid cannot show more than 25.
"""
R1 = {"loss.gp_weight": 0.0, "loss.r1_weight": 10.0, "loss.r1_interval": 8}


def _fourier(config):
    siren = dataclasses.asdict(config.generator)
    names = {field.name for field in dataclasses.fields(config_lib.Hyper)}
    shared = {name: value for name, value in siren.items() if name in names}
    shared.pop("architecture")
    features = config.generator.width
    return {"generator": config_lib.Hyper(**shared, fourier_features=features)}


def _wider_inr(config):
    width = 4 * config.generator.width
    generator = dataclasses.replace(
        config.generator, width=width, fourier_features=width
    )
    return {"generator": generator}


def _generator(**changes):
    """Makes a change of the generator's fields."""

    def change(config):
        return {"generator": dataclasses.replace(config.generator, **changes)}

    return change


def _set(**changes):
    return lambda config: {name.replace("__", "."): v for name, v in changes.items()}


def _wider_discriminator(config):
    widths = config.discriminator.channels
    return {"discriminator.channels": tuple(round(w * math.sqrt(3.0)) for w in widths)}


def _heads(config):
    """Makes 1024x5 a backbone of 2048x3 with heads of 1024x3, in proportion."""
    side = config.generator.style_dim
    return _generator(
        mapping_layers=3, style_dim=2 * side, head_layers=3, head_width=side
    )(config)


# Name, title, change and what the slides state.
CHAIN = (
    ("fourier", "SIREN to FourierINR", _fourier, ""),
    ("average", "EMA of G", _set(ema_half_life_kimg=1.0), ""),
    ("r1", "WGAN-GP to R1", lambda config: dict(R1), ""),
    ("one_to_one", "D5:G1 to D1:G1", _set(discriminator_steps=1), ""),
    ("batch", "batch x2", lambda c: {"batch_size": 2 * c.batch_size}, "32 to 64"),
    (
        "rates",
        "rate of G / 20",
        lambda c: {"optimizer.learning_rate": c.optimizer.learning_rate / 20.0},
        "G/D 0.002/0.0002 to 0.0001/0.0002",
    ),
    ("wide", "INR four times as wide", _wider_inr, "64x5 to 256x5"),
    (
        "factorized_se",
        "INRLinear to FactorizedSE",
        _generator(parametrization="factorized_se"),
        "",
    ),
    (
        "non_saturating",
        "WGAN to non-saturating",
        _set(loss__adversarial="logistic"),
        "",
    ),
    (
        "residual",
        "residual weight 0.0 to 0.1",
        _generator(residual_weight=0.1),
        "FID 58 (20k iterations)",
    ),
)

PEERS = (
    (
        "deep",
        "INR twice as deep",
        lambda c: _generator(blocks=2 * c.generator.blocks)(c),
        "256x5 to 256x10: FID 12 to 15 (40k)",
    ),
    (
        "discriminator",
        "D of three times the parameters",
        _wider_discriminator,
        "10M to 30M: nothing changed",
    ),
    (
        "heads",
        "backbone with heads",
        _heads,
        "1024x5 to 2048x3 with 7 heads of 1024x3: FID 12 to 35 (50k)",
    ),
    (
        "clipped",
        "G's output clipped to [-2, 2]",
        _generator(weight_clip=2.0),
        "FID 8 to 7.6 (300k), interpolations awful",
    ),
)
