"""Conversion of CIPS's generators from the state dicts of its public code."""

import numpy as np
from keras import ops

from inr_keras.conversion import tensors
from inr_keras.models import CIPSGenerator

_MEAN_LATENTS = 10_000  # Latents whose styles make the mean style.


def load_cips(state_dict, mapping_lr_multiplier=0.01):
    """Builds a generator with the weights of CIPS's `CIPSskip` or `CIPSres`.

    All sizes follow from the tensors' shapes. Differences from the source:

    - The source draws noise in every call, in evaluation too. Here noise is an argument
      of `synthesis`, and images are without noise unless it is passed. The learned
      strengths are kept.
    - The source keeps no mean style and truncates latents. Here the mean style is that
      of 10,000 latents of a fixed seed, and styles are truncated.

    As in the source, images outside of training read the embedding half a pixel off the
    grid that it was trained on (`reference_training`).

    Args:
        state_dict: dict of arrays or PyTorch tensors by the source's names (`g_ema` or
            `g` of its checkpoints).
        mapping_lr_multiplier: float. It must be the one that the weights were trained
            with, which is in no tensor. Defaults to the source's, `0.01`.

    Returns:
        `CIPSGenerator`.

    Raises:
        ValueError: Tensors are missing, too many or of other shapes. Each is named.
    """
    arrays = tensors.to_arrays(state_dict)
    rgb = "residual" if "to_rgb_last.bias" in arrays else "skip"
    layers = tensors.count(arrays, "linears.")
    blocks = max(layers - 1 if rgb == "residual" else layers // 2, 1)
    mapping = max(tensors.count(arrays, "style.") - 1, 1)
    expected = _names(rgb, blocks, mapping)
    shortcuts = [name for name in _shortcuts(blocks) if name in arrays]
    tensors.check_names(arrays, expected + shortcuts, "cips")

    dense, _ = _layers(rgb, blocks)
    widths = [
        tensors.size(arrays, f"{name}.conv.weight", axis=1, rank=5)
        for name in dense[2::2]
    ]
    generator = CIPSGenerator(
        latent_dim=tensors.size(arrays, "style.1.weight", axis=1, rank=2),
        style_dim=tensors.size(arrays, "style.1.weight", axis=0, rank=2),
        mapping_layers=mapping,
        mapping_lr_multiplier=mapping_lr_multiplier,
        width=widths,
        blocks=blocks,
        fourier_features=tensors.size(arrays, "lff.ffm.conv.weight", axis=0, rank=4),
        embedding_channels=tensors.size(arrays, "emb.input", axis=1, rank=4),
        embedding_size=tensors.size(arrays, "emb.input", axis=3, rank=4),
        embedding_alignment="center",
        reference_training=True,
        rgb=rgb,
        noise=True,
        alignment="corner",
        name="generator",
    )
    slots = cips_slots(generator)
    tensors.check_names(arrays, slots, "cips")  # Shortcuts too.
    tensors.fill(slots, arrays)
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((_MEAN_LATENTS, generator.latent_dim), "float32")
    styles = ops.convert_to_numpy(generator.mapping(latents))
    generator.mapping.mean_style.assign(styles.mean(axis=0))
    return generator


def cips_slots(generator):
    """Maps the source's names to the weights of a `CIPSGenerator`.

    Args:
        generator: `CIPSGenerator` of one embedding and with noise.

    Returns:
        dict of `tensors.Slot` by name.
    """
    slots = {
        "lff.ffm.conv.weight": tensors.convolution(generator.fourier.kernel),
        "lff.ffm.conv.bias": tensors.vector(generator.fourier.bias),
        "emb.input": tensors.lattice(generator.embedding.table),
    }
    for i, layer in enumerate(generator.mapping.dense, start=1):
        slots[f"style.{i}.weight"] = tensors.dense(layer.kernel)
        slots[f"style.{i}.bias"] = tensors.vector(layer.bias)
    dense, to_rgb = _layers(generator.rgb, generator.blocks)
    for name, layer in zip(dense, (generator.first, *generator.dense)):
        slots |= _modulated(name, layer)
        slots[f"{name}.activate.bias"] = tensors.vector(layer.bias)
        slots[f"{name}.noise.weight"] = tensors.vector(layer.noise_strength, (1,))
    for name, layer in zip(to_rgb, generator.to_rgb):
        slots |= _modulated(name, layer)
        slots[f"{name}.bias"] = tensors.vector(layer.bias, (1, layer.units, 1, 1))
    # The source's shortcuts have no bias; here it stays zero.
    for name, layer in zip(_shortcuts(generator.blocks), generator.shortcuts):
        if layer is not None:
            slots[name] = tensors.convolution(layer.kernel)
    return slots


def _modulated(name, layer):
    return {
        f"{name}.conv.weight": tensors.modulated(layer.kernel),
        f"{name}.conv.modulation.weight": tensors.dense(layer.to_scale.kernel),
        f"{name}.conv.modulation.bias": tensors.vector(layer.to_scale.bias),
    }


def _layers(rgb, blocks):
    """Names of the modulated layers, and of the layers that return RGB."""
    if rgb == "residual":
        numbers = range(1, blocks + 1)
        pairs = [f"linears.{i}.conv{k}" for i in numbers for k in (1, 2)]
        return ["linears.0", *pairs], ["to_rgb_last"]
    dense = [f"linears.{i}" for i in range(2 * blocks)]
    return ["conv1", *dense], [f"to_rgbs.{i}" for i in range(blocks)]


def _shortcuts(blocks):
    return [f"linears.{i}.skip.0.weight" for i in range(1, blocks + 1)]


def _names(rgb, blocks, mapping):
    """Names of all tensors but those of shortcuts."""
    dense, to_rgb = _layers(rgb, blocks)
    kernel = ("conv.weight", "conv.modulation.weight", "conv.modulation.bias")
    parts = (
        (["lff.ffm"], ("conv.weight", "conv.bias")),
        (["emb"], ("input",)),
        ([f"style.{i + 1}" for i in range(mapping)], ("weight", "bias")),
        (dense, (*kernel, "noise.weight", "activate.bias")),
        (to_rgb, (*kernel, "bias")),
    )
    return [f"{a}.{b}" for names, ends in parts for a in names for b in ends]
