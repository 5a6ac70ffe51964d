"""Signatures of an exported model: the functions that a server runs."""

import json

import tensorflow as tf

from inr_keras.export import graph_checks
from inr_keras.export.graph_renderer import GraphRenderer

# Ending of a signature that joins requests of the signature without it.
BATCH = "_batch"


def build(generator, metadata):
    """Builds all signatures, which share the generator's variables.

    They consist of TensorFlow operations alone, without XLA and without state: a seed
    gives the same image everywhere.

    Args:
        generator: Model with `mapping` and `synthesis`, such as `CIPSGenerator`.
        metadata: dict for JSON, returned by the signature `metadata`; its `signatures`
            must be `names(generator)`.

    Returns:
        dict: tf.functions with fixed inputs, by their names.
    """
    renderer = GraphRenderer(generator)
    layers, dim = generator.num_layers, generator.style_dim
    classes = len(generator.class_names)

    def spec(name, *shape, dtype=tf.float32):
        return tf.TensorSpec(shape, dtype, name)

    def labelled(*specs, names=("label",)):
        labels = [spec(name, None, dtype=tf.int32) for name in names]
        return (*specs, *labels) if classes else specs

    def styles_of(latents, truncation=1.0, label=None):
        labels = {} if label is None else {"labels": label}
        styles = generator.mapping(latents, truncation=truncation, **labels)
        return tf.repeat(styles[:, None], layers, axis=1)

    def latent_styles(latents, truncation, *label):
        latents = graph_checks.finite(latents, "latents")
        truncation = graph_checks.truncation(truncation)[:, None]
        label = [graph_checks.label(values, classes) for values in label]
        return styles_of(latents, truncation, *label)

    def seed_styles(seeds, truncation, *label):
        latents = _latents(graph_checks.seeds(seeds), generator.latent_dim)
        return latent_styles(latents, truncation, *label)

    def png(image):
        return {"image_bytes": tf.io.encode_png(image)}

    def generate(seeds, truncation, *label):
        return {"images": renderer.images(seed_styles(seeds, truncation, *label))}

    def generate_latents(latents, truncation, *label):
        styles = latent_styles(latents, truncation, *label)
        return {"images": renderer.images(styles)}

    def generate_png(seeds, truncation, *label):
        return png(renderer.images(seed_styles(seeds, truncation, *label)))

    def map_latents(latents, *label):
        label = [graph_checks.label(values, classes) for values in label]
        latents = graph_checks.finite(latents, "latents")
        return {"styles": styles_of(latents, 1.0, *label)}

    def styles(seeds, truncation, *label):
        return {"styles": seed_styles(seeds, truncation, *label)}

    def synthesize(styles, coords):
        styles = graph_checks.finite(styles, "styles")
        coords = graph_checks.finite(coords, "coords")
        return {"rgb": renderer.at(styles, coords)}

    def style_mix(seeds, other_seeds, amount, truncation, *labels):
        amount = graph_checks.finite(amount, "amount")[:, :, None]
        one, other = labels[:1], labels[1:]
        one = seed_styles(seeds, truncation, *one)
        other = seed_styles(other_seeds, truncation, *other)
        return {"styles": (1.0 - amount) * one + amount * other}

    def flat(*tensors):
        return [tf.reshape(values, (-1,)) for values in tensors]

    def render_boxes(styles, boxes, height, width, shape):
        heights, widths = graph_checks.sides(height, width)

        def each():
            return tf.map_fn(
                lambda values: tf.io.encode_png(
                    renderer.region(values[0][None], *values[1:])
                ),
                (styles, boxes, heights, widths),
                parallel_iterations=1,
                fn_output_signature=tf.TensorSpec((), tf.string),
            )

        def together():
            images = renderer.regions(styles, boxes, heights[0], widths[0])
            return tf.io.encode_png(images)

        if generator.takes_grid:
            images = each()
        else:
            # A larger one fills a call of the network by itself.
            small = tf.reduce_all(heights * widths <= renderer.points)
            alike = tf.reduce_all((heights == heights[:1]) & (widths == widths[:1]))
            some = tf.size(heights) > 1
            images = tf.cond(small & alike & some, together, each)
        return {"image_bytes": tf.reshape(images, shape[:-1])}

    def render_region(seed, truncation, *rest):
        *label, box, height, width = rest
        boxes = graph_checks.boxes(box)
        *style, height, width = graph_checks.as_many(
            boxes, *flat(seed, truncation, *label, height, width)
        )
        styles = seed_styles(*style)
        return render_boxes(styles, boxes, height, width, tf.shape(box))

    def render_styles(styles, box, height, width):
        boxes = graph_checks.boxes(box)
        styles = tf.reshape(graph_checks.finite(styles, "styles"), (-1, layers, dim))
        styles, height, width = graph_checks.as_many(
            boxes, styles, *flat(height, width)
        )
        return render_boxes(styles, boxes, height, width, tf.shape(box))

    def read_metadata(keys):
        return {"json": _lookup(keys, metadata)}

    seeds = spec("seeds", None, dtype=tf.int64)
    truncation = spec("truncation", None)
    latents = spec("latents", None, generator.latent_dim)
    by_seed = labelled(seeds, truncation)
    by_latents = labelled(latents, truncation)
    # Boxes of any shape: a single region, or a batch of regions. Servers that join
    # requests need a known rank, which the signatures with `BATCH` have.
    area = (
        tf.TensorSpec(None, tf.float32, "box"),
        tf.TensorSpec(None, tf.int32, "height"),
        tf.TensorSpec(None, tf.int32, "width"),
    )
    seed = (
        tf.TensorSpec(None, tf.int64, "seed"),
        tf.TensorSpec(None, tf.float32, "truncation"),
    )
    if classes:
        seed = (*seed, tf.TensorSpec(None, tf.int32, "label"))
    areas = (
        spec("box", None, 4),
        spec("height", None, dtype=tf.int32),
        spec("width", None, dtype=tf.int32),
    )
    one_each = labelled(spec("seed", None, dtype=tf.int64), truncation)
    coords = spec("coords", None, None, renderer.axes)
    mixed = labelled(
        seeds,
        spec("other_seeds", None, dtype=tf.int64),
        spec("amount", None, layers),
        truncation,
        names=("label", "other_label"),
    )
    functions = {
        "serving_default": (generate, by_seed),
        "generate": (generate, by_seed),
        "generate_latents": (generate_latents, by_latents),
        "generate_png": (generate_png, by_seed),
        "map": (map_latents, labelled(latents)),
        "styles": (styles, by_seed),
        "synthesize": (
            synthesize,
            (spec("styles", None, layers, dim), coords),
        ),
        "style_mix": (style_mix, mixed),
        "render_region": (render_region, (*seed, *area)),
        "render_styles": (
            render_styles,
            (tf.TensorSpec(None, tf.float32, "styles"), *area),
        ),
        f"render_region{BATCH}": (render_region, (*one_each, *areas)),
        f"render_styles{BATCH}": (
            render_styles,
            (spec("styles", None, layers, dim), *areas),
        ),
        "metadata": (read_metadata, (spec("keys", None, dtype=tf.string),)),
    }
    built = {
        name: tf.function(function, specs, autograph=False)
        for name, (function, specs) in functions.items()
        if name in names(generator)
    }
    built["serving_default"] = built["generate"]  # Traced once.
    return built


def names(generator):
    """Names of the signatures that a generator can have."""
    draws_images = (
        generator.coord_dim == 2
        and not generator.video_length
        and generator.channels <= 4
    )
    of_images = ["generate_png", "render_region", "render_styles"]
    of_images += [f"{name}{BATCH}" for name in of_images[1:]]
    return [
        *("serving_default", "generate", "generate_latents"),
        *(of_images if draws_images else ()),
        *("map", "styles", "synthesize", "style_mix", "metadata"),
    ]


def _latents(seeds, latent_dim):
    """Draws the latents of seeds, as `rendering.latents_from_seeds` does."""
    return tf.map_fn(
        lambda seed: tf.random.stateless_normal((latent_dim,), tf.stack([seed, 0])),
        seeds,
        parallel_iterations=1,
        fn_output_signature=tf.TensorSpec((latent_dim,)),
    )


def _lookup(keys, metadata):
    """Looks up entries as JSON: `*` is all of them, `null` an unknown one."""
    texts = {"*": metadata, **metadata}
    matches = keys[:, None] == tf.constant(list(texts))  # (keys, entries)
    texts = [json.dumps(value) for value in texts.values()]
    index = tf.argmax(tf.cast(matches, tf.int32), axis=1)
    selected = tf.gather(tf.constant(texts), index)
    return tf.where(tf.reduce_any(matches, axis=1), selected, "null")
