"""Conversion of INR-GAN's generators from the state dicts of its public code."""

import math

import numpy as np

from inr_keras.conversion import tensors
from inr_keras.models import INRGANGenerator

_FIRST = "synthesis.b4.input.input.coord_fuser"
# Names of a fine block's waves in the source, and here.
_BASES = {
    "random_basis": "random",
    "shared_basis": "shared",
    "affine.weight": "predicted",
}


def load_inr_gan(state_dict, bilinear=False, mapping_lr_multiplier=0.01):
    """Builds a generator with the weights of INR-GAN's `Generator`.

    Sizes follow from the tensors' shapes. Settings without a tensor are taken to be
    those of the source's `inr-gan.yml` or `inr-gan-bil.yml`. The source's resampling
    filters, which INRs do not use, are ignored.

    Args:
        state_dict: dict of arrays or PyTorch tensors by the source's names (of its
            `G_ema`).
        bilinear: bool. Whether it was trained with `inr-gan-bil.yml`, which has
            bilinear upsampling and instance normalization, instead of `inr-gan.yml`.
            Defaults to `False`.
        mapping_lr_multiplier: float. It must be the one that the weights were trained
            with. Defaults to the source's, `0.01`.

    Returns:
        `INRGANGenerator`.

    Raises:
        ValueError: Tensors are missing, too many or of other shapes. Each is named.
    """
    arrays = {
        name: array
        for name, array in tensors.to_arrays(state_dict).items()
        if not name.endswith("resample_filter")
    }
    structure = {
        **_structure(arrays),
        "upsampling": "bilinear" if bilinear else "nearest",
        "instance_norm": bilinear,
    }
    least = {
        "latent_dim": 1,
        "style_dim": 1,
        "width": 1,
        "fourier_features": 1,
        "embedding_channels": 2,
    }
    # The smallest generator has the same names as the actual one.
    smallest = INRGANGenerator(**structure, **least)
    fixed = _waves(smallest)
    tensors.check_names(arrays, [*inr_gan_slots(smallest), *fixed], "inr_gan")
    generator = INRGANGenerator(
        **structure,
        **_sizes(arrays, smallest),
        mapping_lr_multiplier=mapping_lr_multiplier,
        name="generator",
    )
    other = [
        f"{name} with other waves"
        for name, basis in fixed.items()
        if arrays[name].shape != basis.shape
        or not np.allclose(arrays[name], basis, rtol=1e-4)
    ]
    if other:
        raise ValueError(
            "Tensors of the checkpoint must be those of inr-gan.yml or "
            f"inr-gan-bil.yml. Received: {', '.join(other)}"
        )
    tensors.fill(inr_gan_slots(generator), arrays)
    return generator


def inr_gan_slots(generator):
    """Maps the source's names to the weights of an `INRGANGenerator`.

    Returns:
        dict of `tensors.Slot` by name.
    """
    slots = {"mapping.w_avg": tensors.vector(generator.mapping.mean_style)}
    for i, layer in enumerate(generator.mapping.dense):
        slots |= _linear(f"mapping.fc{i}", layer)
    for name, features in _features(generator):
        table = features.embedding.table
        slots[f"{name}.const_embs"] = tensors.lattice(table)
        for basis in features.bases[1:]:
            if hasattr(basis, "to_waves"):
                slots |= _linear(f"{name}.affine", basis.to_waves)
            else:
                slots[f"{name}.{basis.name}_basis"] = tensors.dense(basis.kernel)
    for side, dense, to_rgb in zip(
        generator.block_names, generator.dense, generator.to_rgb
    ):
        names = ["conv1"] if side == 4 else ["conv0", "conv1", "extra_convs.0"]
        for name, layer in zip(names, dense):
            slots |= _convolution(f"synthesis.b{side}.{name}", layer, layer.to_factors)
        name = f"synthesis.b{side}.torgb"
        slots |= _convolution(name, to_rgb, to_rgb.to_scale)
    return slots


def _linear(name, layer):
    return {
        f"{name}.weight": tensors.dense(layer.kernel),
        f"{name}.bias": tensors.vector(layer.bias),
    }


def _convolution(name, layer, affine):
    return {
        f"{name}.weight": tensors.convolution(layer.kernel),
        f"{name}.bias": tensors.vector(layer.bias),
        **_linear(f"{name}.affine", affine),
    }


def _features(generator):
    """Yields the source's name and the layer of each lattice's features."""
    for side, layer in zip(generator.lattice_sides, generator.features):
        is_first = side == generator.input_resolution
        yield _FIRST if is_first else f"synthesis.b{side}.coord_fuser", layer


def _waves(generator):
    """Buffers of the source that are computed here, by name."""
    return {
        f"{name}.log_basis": layer.bases[0].basis
        for name, layer in _features(generator)
    }


def _structure(arrays):
    """Reads settings of a generator from the names of its tensors."""

    def sides(part):
        return [
            2**i
            for i in range(2, 11)
            if any(n.startswith(f"synthesis.b{2**i}.{part}") for n in arrays)
        ]

    resolution = max(sides(""), default=4)
    coarsest = min(sides("coord_fuser."), default=2 * resolution) // 2
    levels = int(math.log2(resolution / coarsest))
    last = f"synthesis.b{resolution}.coord_fuser"
    bases = [b for name, b in _BASES.items() if f"{last}.{name}" in arrays]
    return {
        "mapping_layers": max(tensors.count(arrays, "mapping.fc"), 1),
        "resolution": resolution,
        "input_resolution": max(coarsest, 4),
        "fine_blocks": min(len(sides("extra_convs.")), levels),
        "basis": (bases or ["random"])[0],
    }


def _sizes(arrays, like):
    """Reads sizes of a generator from the shapes of its tensors.

    `like` is a generator with the same names.
    """

    def size(name, axis, rank):
        return tensors.size(arrays, name, axis, rank)

    units = {
        side: size(f"synthesis.b{side}.conv1.weight", 0, 4) for side in like.block_names
    }
    width = max(units.values())
    narrow = [side * n for side, n in units.items() if n < width]
    first = "synthesis.b4.conv1"
    inputs = size(f"{first}.weight", 1, 4)
    factors = size(f"{first}.affine.weight", 0, 2)
    sizes = {
        "latent_dim": size("mapping.fc0.weight", 1, 2),
        "style_dim": size("mapping.fc0.weight", 0, 2),
        "width": width,
        "channel_base": max(narrow, default=width * like.resolution),
        "rank": max(factors // (inputs + units[4]), 1),
        "embedding_channels": size(f"{_FIRST}.const_embs", 1, 4),
        "channels": size("synthesis.b4.torgb.weight", 0, 4),
    }
    if like.fine_blocks:
        last = f"synthesis.b{like.resolution}.coord_fuser"
        if like.basis == "predicted":
            waves = size(f"{last}.affine.weight", 0, 2) // 3
        else:
            waves = size(f"{last}.{like.basis}_basis", 0, 2)
        sizes["fourier_features"] = max(waves, 1)
    return sizes
