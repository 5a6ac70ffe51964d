"""A generator's network as JSON and one array, for the explorer without a server."""

import math

import numpy as np

from inr_keras import models
from inr_keras import runs
from inr_keras.layers import MultiResolutionEmbedding

_CHANNELS = (1, 3, 4)


class _Weights:
    """Array that grows tensor by tensor."""

    def __init__(self):
        self._parts = []
        self._size = 0

    def add(self, values):
        """Appends a vector or matrix; returns its offset, rows and columns."""
        values = np.atleast_2d(np.asarray(values, "float32"))
        place = [self._size, *values.shape]
        self._parts.append(values.ravel())
        self._size += values.size
        return place

    def dense(self, layer):
        """Appends an `EqualizedDense`, its learning rate folded in."""
        scale = layer.lr_multiplier / math.sqrt(layer.kernel.shape[0])
        return {
            "kernel": self.add(layer.kernel * scale),
            "bias": self.add(layer.bias * layer.lr_multiplier),
        }

    def array(self):
        """All that has been appended, float32."""
        return np.concatenate(self._parts)


def cips_of(generator):
    """Returns the `CIPSGenerator` that a page can draw.

    Args:
        generator: Generator that `runs.load_generator` returns.

    Raises:
        ValueError: The generator is of another class, or has parts that a page cannot
            draw.
    """
    if isinstance(generator, runs.SavedModelGenerator):
        generator = generator.rebuilt()
    received = type(generator).__name__
    if isinstance(generator, models.CIPSGenerator):
        if generator.coord_dim == 2 and generator.channels in _CHANNELS:
            return generator
        received = f"{generator.coord_dim} axes, {generator.channels} channels"
    raise ValueError(
        "`generator` must be a CIPSGenerator that draws images of 1, 3 or 4 channels, "
        f"for a web page. Received: {received}"
    )


def describe(generator):
    """Describes a network's layers and collects their weights.

    Args:
        generator: `CIPSGenerator`, see `cips_of`.

    Returns:
        dict for JSON, in which a tensor is its offset, rows and columns, and the
            float32 array of all tensors.
    """
    weights = _Weights()
    mapping = generator.mapping
    return {
        "mapping": {
            "classes": weights.dense(mapping.embedding) if mapping.classes else None,
            "layers": [
                {
                    **weights.dense(layer),
                    "share": None if share is None else float(share),
                }
                for layer, share in zip(mapping.dense, mapping.shares)
            ],
            "mean_style": weights.add(mapping.mean_style),
        },
        "fourier": {
            "kernel": weights.add(generator.fourier.kernel),
            "bias": weights.add(generator.fourier.bias),
        },
        "tables": [
            {
                "table": weights.add(level.table),
                "size": level.sizes[0],
                "alignment": level.alignment,
            }
            for level in _levels(generator.embedding)
        ],
        "layers": list(_layers(generator, weights)),
    }, weights.array()


def _levels(embedding):
    if embedding is None:
        return []
    if isinstance(embedding, MultiResolutionEmbedding):
        return embedding.levels
    return [embedding]


def _layers(generator, weights):
    """Yields the layers of points in their order, each with its role.

    The output of a `dense` layer is the input of the next; that of `colours` is added
    to the image. `keep` keeps the input, and `shortcut` its product with a kernel, for
    the next `join`: a dense layer to whose output it is added.
    """

    def modulated(role, layer, style):
        return {
            "role": role,
            "kernel": weights.add(layer.kernel),
            "bias": weights.add(layer.bias),
            "scale": weights.dense(layer.to_scale),
            "style": style,
        }

    residual = generator.rgb == "residual"
    to_rgb = iter(generator.to_rgb)
    yield modulated("dense", generator.first, 0)
    for block in range(generator.blocks):
        if residual and generator.shortcuts[block] is None:
            yield {"role": "keep"}
        elif residual:
            yield {"role": "shortcut", **weights.dense(generator.shortcuts[block])}
        one, other = generator.dense[2 * block : 2 * block + 2]
        yield modulated("dense", one, 2 * block + 1)
        yield modulated("join" if residual else "dense", other, 2 * block + 2)
        if not residual or block == generator.blocks - 1:
            yield modulated("colours", next(to_rgb), 2 * block + 2)
