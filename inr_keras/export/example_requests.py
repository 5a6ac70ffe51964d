"""Example requests to exported models, and the answers that they must give."""

import json

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.export import signatures

_BOXES = [(-1.25, -0.5, 0.75, 1.0), (0.1, 0.1, 0.4, 0.3)]
_SIZES = [(24, 40), (17, 9)]
_POINTS = 256


def inputs(generator, signature, batch):
    """Builds an example request of `batch` images, always the same.

    Args:
        generator: See `signatures.build`.
        signature: str. Name of the signature.
        batch: int. 0: a single image where the signature takes one.

    Returns:
        dict: arrays by the names of the signature's inputs. Regions of a batch are of
            one size, and of several where the signature takes any shape.
    """
    signature, batched, _ = signature.partition(signatures.BATCH)
    rng = np.random.default_rng(0)
    count = max(batch, 1)
    classes = len(generator.class_names)
    layers, dim = generator.num_layers, generator.style_dim
    axes = generator.coord_dim
    seeds = np.arange(count)
    labels, others = {}, {}
    if classes:
        labels["label"] = (seeds % classes).astype("int32")
        others["other_label"] = labels["label"][::-1]
    common = {
        "truncation": np.linspace(1.0, 0.5, count, dtype="float32"),
        **labels,
    }
    latents = rng.normal(size=(count, generator.latent_dim)).astype("float32")
    styles = rng.normal(size=(count, layers, dim)).astype("float32")
    coords = rng.uniform(-1.2, 1.2, (count, _POINTS, axes))
    amount = rng.uniform(size=(count, layers))
    indices = np.arange(count) % len(_BOXES)
    sizes = np.array(_SIZES, "int32")[0 * indices if batched else indices]
    area = {
        "box": np.array(_BOXES, "float32")[indices],
        "height": sizes[:, 0],
        "width": sizes[:, 1],
    }
    by_seed = {"seeds": seeds, **common}
    request = {
        "generate_latents": {"latents": latents, **common},
        "map": {"latents": latents, **labels},
        "synthesize": {"styles": styles, "coords": coords.astype("float32")},
        "style_mix": {
            **by_seed,
            **others,
            "other_seeds": seeds + 100,
            "amount": amount.astype("float32"),
        },
        "render_region": {"seed": seeds, **common, **area},
        "render_styles": {"styles": styles, **area},
        "metadata": {"keys": np.resize([b"*", b"name", b"nothing"], count)},
    }.get(signature, by_seed)
    if not batch and signature.startswith("render_"):
        request = {name: value[0] for name, value in request.items()}
    return request


def outputs(renderer, signature, request, metadata):
    """Computes the answer that a signature must give, by the generator itself.

    Args:
        renderer: `rendering.Renderer` of the generator.
        signature: str. Name of the signature.
        request: dict that `inputs` has returned.
        metadata: dict, the metadata of the exported model.

    Returns:
        dict: arrays by the names of the outputs. PNG files are given as their pixels;
            each region has an entry `image_bytes/NUMBER`.
    """
    generator = renderer.generator
    if signature == "metadata":
        texts = [
            metadata if key == b"*" else metadata.get(key.decode())
            for key in request["keys"]
        ]
        return {"json": np.array([json.dumps(t).encode() for t in texts])}
    if signature == "synthesize":
        rgb = generator.synthesis(
            tf.constant(request["styles"]), tf.constant(request["coords"])
        )
        return {"rgb": np.asarray(rgb)}
    styles = _styles(generator, signature, request)
    if signature in ("map", "styles", "style_mix"):
        return {"styles": styles}
    if not signature.startswith("render_"):
        name = "image_bytes" if signature == "generate_png" else "images"
        return {name: rendering.to_uint8(_images(renderer, styles))}
    images = [
        renderer.render(style[None], int(height), int(width), box.tolist())[0]
        for style, box, height, width in zip(
            styles,
            request["box"].reshape(-1, 4),
            request["height"].flat,
            request["width"].flat,
        )
    ]
    return {
        f"image_bytes/{i}": rendering.to_uint8(image) for i, image in enumerate(images)
    }


def _images(renderer, styles):
    """Draws the training frame, or the lattice of other numbers of axes."""
    generator = renderer.generator
    axes = generator.coord_dim
    if axes == 2:
        return renderer.render(styles)
    sides = (generator.resolution,) * axes
    coords = coordinates.lattice(sides, generator.alignment)
    return renderer.render_coords(styles, coords)


def _styles(generator, signature, request):
    """Styles of a request, `(batch, layers, style_dim)`."""
    shape = (-1, generator.num_layers, generator.style_dim)
    if signature.startswith("render_styles"):
        return request["styles"].reshape(shape)
    truncation = np.reshape(request.get("truncation", 1.0), (-1, 1))

    def styles_of(latents, label):
        kwargs = {}
        if label in request:
            kwargs["labels"] = request[label].reshape(-1)
        if latents is None:
            latents = request["latents"]
        else:
            latents = rendering.latents_from_seeds(
                request[latents].reshape(-1), generator.latent_dim
            )
        styles = generator.mapping(
            tf.constant(latents), tf.constant(truncation, tf.float32), **kwargs
        )
        styles = np.asarray(styles)[:, None]
        return np.repeat(styles, generator.num_layers, axis=1)

    if signature == "style_mix":
        amount = request["amount"][..., None]
        one = styles_of("seeds", "label")
        other = styles_of("other_seeds", "other_label")
        return (1 - amount) * one + amount * other
    if "latents" in request:
        return styles_of(None, "label")
    return styles_of("seed" if "seed" in request else "seeds", "label")
