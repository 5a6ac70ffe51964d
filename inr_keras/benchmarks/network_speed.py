"""Speed of generators, discriminators and losses against plain products.

The same code runs on TensorFlow and on JAX.
"""

import math
import typing

import keras
import numpy as np
import rich.table
from keras import ops

from inr_keras import coordinates
from inr_keras import losses
from inr_keras.benchmarks import products as products_lib
from inr_keras.benchmarks import pure_functions
from inr_keras.benchmarks import stopwatch
from inr_keras.models import CIPSGenerator
from inr_keras.models import INRGANGenerator
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.models import lattices

DTYPES = ("float32", "bfloat16")
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


class Pass(typing.NamedTuple):
    """A computation of a network.

    Attributes:
        network: str. Name of the network.
        name: str. Name of the computation.
        dtype: str. One of `DTYPES`.
        function: Function of `arguments` that returns tensors.
        arguments: Tuple of tensors, and lists of tensors.
        forward: dict from networks' names to numbers of their forward passes, which
            together take as many multiplications as this computation.
    """

    network: str
    name: str
    dtype: str
    function: typing.Callable
    arguments: tuple
    forward: dict


def build_cips(width, dtype="float32", size=64):
    """Builds a CIPS generator with the paper's proportions at any width."""
    keras.utils.set_random_seed(0)
    return CIPSGenerator(
        latent_dim=width,
        style_dim=width,
        mapping_layers=2,
        width=width,
        fourier_features=width,
        embedding_channels=width,
        embedding_size=size,
        dtype=_POLICIES[dtype],
        name="CIPS",
    )


def build_inr_gan(width, dtype="float32", size=64):
    """Builds an INR-GAN generator, whose widest layers have `width` channels."""
    keras.utils.set_random_seed(0)
    coarse = max(size // 4, 4)
    return INRGANGenerator(
        latent_dim=width,
        style_dim=width,
        mapping_layers=2,
        width=width,
        input_resolution=coarse,
        fine_blocks=int(math.log2(size // coarse)),
        resolution=size,
        dtype=_POLICIES[dtype],
        name="INR-GAN",
    )


def build_discriminator(width, dtype="float32", size=64):
    """Builds StyleGAN2's discriminator of patches, of at most `width` channels."""
    keras.utils.set_random_seed(0)
    return StyleGAN2Discriminator(
        size, channel_max=width, dtype=_POLICIES[dtype], name="discriminator"
    )


def synthesis_passes(generator, batch, points, seed=0):
    """Lists the passes of a generator's synthesis, without its mapping network.

    Args:
        generator: Model with `synthesis`.
        batch: int. Images.
        points: int. Points of an image, a square number for the patches of a generator
            with lattices.
        seed: int. Defaults to `0`.
    """
    random = np.random.default_rng(seed)
    latents = random.normal(size=(batch, generator.latent_dim)).astype("float32")
    styles = ops.convert_to_tensor(generator.mapping(latents))
    side = math.isqrt(points)
    hint = {}
    if generator.coord_dim == 2 and side**2 == points:
        # A patch of neighbours on the training grid.
        spacing = 2.0 / generator.resolution
        hint = lattices.grid_hint(generator, side, side, spacing)
        edge = side / generator.resolution
        patch = coordinates.region((-edge, -edge, edge, edge), side, side, "center")
        coords = ops.reshape(patch, (1, points, 2))
    else:
        shape = (1, points, generator.coord_dim)
        coords = ops.convert_to_tensor(random.uniform(-1, 1, shape).astype("float32"))
    mapping = {id(variable) for variable in generator.mapping.variables}
    variables = [v for v in generator.trainable_variables if id(v) not in mapping]
    values = pure_functions.values_of(variables)
    shape = (batch, points, generator.channels)
    weights = ops.convert_to_tensor(random.normal(size=shape).astype("float32"))
    synthesis = pure_functions.pure(
        lambda styles, coords: generator.synthesis(styles, coords, **hint), variables
    )

    def weighted(learned, coords, weights):
        *values, styles = learned
        return ops.sum(synthesis(values, styles, coords) * weights)

    return [
        Pass(
            generator.name,
            "forward",
            generator.compute_dtype,
            synthesis,
            (values, styles, coords),
            {generator.name: 1},
        ),
        Pass(
            generator.name,
            "with backward",
            generator.compute_dtype,
            pure_functions.gradient(weighted),
            ([*values, styles], coords, weights),
            {generator.name: 3},
        ),
    ]


def discriminator_passes(discriminator, batch, generator=None, seed=0):
    """Lists the passes of a discriminator and its losses.

    Args:
        discriminator: Model from images to logits.
        batch: int. Real images, and as many fake ones.
        generator: Generator of images of the discriminator's size, for the loss of the
            generator. Defaults to `None`: that loss is left out.
        seed: int. Defaults to `0`.
    """
    random = np.random.default_rng(seed)
    side, channels = discriminator.image_size, discriminator.image_channels
    shape = (batch, *(side,) * discriminator.axes, channels)
    real, fake = (
        ops.convert_to_tensor(random.uniform(-1, 1, shape).astype("float32"))
        for _ in range(2)
    )
    variables = discriminator.trainable_variables
    values = pure_functions.values_of(variables)
    logits = pure_functions.pure(discriminator, variables)

    def adversarial(values, real, fake):
        return losses.discriminator_logistic_loss(
            logits(values, real), logits(values, fake)
        )

    def sum_of_logits(images, values):
        return ops.sum(logits(values, images[0]))

    def r1(values, real):
        [gradients] = pure_functions.gradient(sum_of_logits)([real], values)
        return losses.r1_penalty(gradients)

    name, dtype = discriminator.name, discriminator.compute_dtype
    found = [
        Pass(name, "forward", dtype, logits, (values, real), {name: 1}),
        Pass(
            name,
            "its loss, with backward",
            dtype,
            pure_functions.gradient(adversarial),
            (values, real, fake),
            {name: 6},  # Of real and of fake images.
        ),
        Pass(
            name,
            "R1, with backward",
            dtype,
            pure_functions.gradient(r1),
            (values, real),
            {name: 6},  # Two passes for the gradient, and the backward pass of each.
        ),
    ]
    if generator is None:
        return found
    synthesis, drawn = synthesis_passes(generator, batch, side**2, seed)
    learned, coords, _ = drawn.arguments

    def generator_loss(learned, values, coords):
        *weights, styles = learned
        images = ops.reshape(synthesis.function(weights, styles, coords), shape)
        return losses.generator_nonsaturating_loss(logits(values, images))

    found.append(
        Pass(
            f"{generator.name} and {name}",
            "generator's loss, with backward",
            dtype,
            pure_functions.gradient(generator_loss),
            (learned, values, coords),
            {generator.name: 3, name: 2},
        )
    )
    return found


def count(forward_pass, network):
    """Lists the products of a network's forward pass.

    Args:
        forward_pass: Pass, the first of its network.
        network: Layer or model.
    """
    with products_lib.recorded(network) as found:
        forward_pass.function(*forward_pass.arguments)
    return found


def measure(each, counted, runs=10, xla=False):
    """Measures a pass in turns with plain products of the same dtype.

    Args:
        each: Pass.
        counted: dict from networks' names to the products of a forward pass.
        runs: int. Rounds that are counted. Defaults to `10`.
        xla: bool. Whether TensorFlow compiles with XLA. Defaults to `False`.

    Returns:
        dict: `network`, `pass`, `dtype`, `xla`, `ms` (median), `gflop` and `megabytes`
        (of its products alone), `gflops` and `plain_gflops` (1e9 operations a second),
        and `share`, `share_min`, `share_max`: the median and the bounds of the rounds.
    """
    listed = [product for name in each.forward for product in counted[name]]
    is_forward = each.name == "forward"
    plain, plain_gflop = products_lib.plain(listed, each.dtype, not is_forward)
    compiled = pure_functions.compiled(each.function, xla)
    seconds = stopwatch.in_turns(
        {"plain": plain, "pass": lambda: compiled(*each.arguments)}, runs
    )
    gflop, megabytes = (
        sum(times * function(counted[name]) for name, times in each.forward.items())
        for function in (
            products_lib.gflop,
            lambda found: products_lib.megabytes(found, each.dtype),
        )
    )
    rates, plain_rates = gflop / seconds["pass"], plain_gflop / seconds["plain"]
    shares = rates / plain_rates
    return {
        "network": each.network,
        "pass": each.name,
        "dtype": each.dtype,
        "xla": xla,
        "ms": float(np.median(seconds["pass"]) * 1e3),
        "gflop": gflop,
        "megabytes": megabytes,
        "gflops": float(np.median(rates)),
        "plain_gflops": float(np.median(plain_rates)),
        "share": float(np.median(shares)),
        "share_min": float(shares.min()),
        "share_max": float(shares.max()),
    }


def measure_synthesis(generator, batch, points, runs=10, seed=0):
    """Measures a generator's synthesis, forward and with backward, see `measure`."""
    passes = synthesis_passes(generator, batch, points, seed)
    found = count(passes[0], generator)
    of_points = [product for product in found if product.rows >= points]
    sizes = {"width": max(product.outputs for product in of_points)}
    sizes |= {"images": batch, "points": points}
    return [
        {**measure(each, {generator.name: found}, runs), **sizes} for each in passes
    ]


def table(rows):
    """Builds a rich table of results of `measure_synthesis`."""
    result = rich.table.Table(
        title="CIPS's synthesis against plain products of its shapes and dtype"
    )
    for name in ("dtype", "pass"):
        result.add_column(name)
    for name in ("width", "images x points", "plain GFLOP/s", "GFLOP/s"):
        result.add_column(name, justify="right")
    result.add_column("share (min to max)", justify="right")
    for row in rows:
        result.add_row(
            row["dtype"],
            row["pass"],
            str(row["width"]),
            f"{row['images']} x {row['points']}",
            f"{row['plain_gflops']:.1f}",
            f"{row['gflops']:.1f}",
            f"{row['share']:.2f} ({row['share_min']:.2f} to {row['share_max']:.2f})",
        )
    return result
