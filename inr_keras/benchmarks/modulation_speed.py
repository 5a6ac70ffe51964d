"""Speed of both forms of a modulated layer against a plain product."""

import rich.table

# Channels, images and numbers of points: a small network's, and the papers' width.
SIZES = ((96, 8, (64, 256, 1024)), (512, 2, (256, 1024, 4096)))
DTYPES = ("float32", "bfloat16")


def measure(sizes=SIZES, dtypes=DTYPES, runs=10):
    """Measures a layer with equal input and output channels, forward and backward.

    Both forms include the layer's bias and leaky ReLU; the plain product does not. The
    forms and the product run in turn, in this process.

    Args:
        sizes: Sequence of tuples: channels, images, and numbers of points.
        dtypes: Sequence of str.
        runs: int. Counted runs.

    Returns:
        List of dict: `dtype`, `channels`, `images`, `points`, `form` (the form that
        `ModulatedDense` chooses: "shared", "kernel", or "convolution" for kernels of
        images that are applied as convolutions), and the medians of `kernel_ms`,
        `shared_ms` and `product_ms`.
    """
    return [
        _measure(dtype, channels, images, points, runs)
        for dtype in dtypes
        for channels, images, counts in sizes
        for points in counts
    ]


def _measure(dtype, channels, images, points, runs):
    import numpy as np
    import tensorflow as tf

    from inr_keras.benchmarks import stopwatch
    from inr_keras.layers import image_products
    from inr_keras.layers import modulated_dense
    from inr_keras.layers.activations import SLOPE

    random = np.random.default_rng(0)

    def draw(*shape):
        return tf.constant(random.normal(size=shape).astype("float32"))

    inputs = tf.cast(draw(images, points, channels), dtype)
    kernel, scale, factor = (
        draw(channels, channels),
        draw(images, channels),
        draw(images, channels),
    )
    arguments = inputs, kernel, scale, factor, tf.cast(draw(channels), dtype)

    def per_image(inputs, kernel, scale, factor, bias):
        kernels = modulated_dense.image_kernels(kernel, scale, factor, dtype)
        return image_products.leaky_products(inputs, kernels, bias)

    def shared(inputs, kernel, scale, factor, bias):
        x = modulated_dense.shared_kernel(inputs, kernel, scale, factor) + bias
        return tf.nn.leaky_relu(x, SLOPE)

    def with_backward(product):
        @tf.function(autograph=False)
        def call():
            with tf.GradientTape() as tape:
                tape.watch(arguments)
                outputs = product(*arguments)
            return tape.gradient(
                outputs,
                arguments,
                output_gradients=inputs,
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )

        return call

    calls = {
        "kernel": with_backward(per_image),
        "shared": with_backward(shared),
        "product": with_backward(
            lambda x, kernel, *_: tf.tensordot(x, tf.cast(kernel, dtype), 1)
        ),
    }
    seconds = stopwatch.in_turns(calls, runs)
    form = "shared"
    if modulated_dense.has_many_points(points, channels, channels):
        sizes = points, images, channels, channels
        form = "convolution" if image_products.uses_convolutions(*sizes) else "kernel"
    return {
        "dtype": dtype,
        "channels": channels,
        "images": images,
        "points": points,
        "form": form,
        **{f"{name}_ms": float(np.median(s) * 1e3) for name, s in seconds.items()},
    }


def table(rows):
    """Builds a rich table of the results of `measure`."""
    result = rich.table.Table(
        title="A modulated layer, backward pass included: share of a product's rate"
    )
    for name in ("dtype", "channels", "images", "points", "product ms"):
        result.add_column(name, justify="left" if name == "dtype" else "right")
    for name in ("a kernel an image", "one shared kernel", "taken"):
        result.add_column(name, justify="right")
    for row in rows:
        result.add_row(
            row["dtype"],
            *(str(row[name]) for name in ("channels", "images", "points")),
            f"{row['product_ms']:.2f}",
            *(
                f"{row['product_ms'] / row[f'{form}_ms']:.2f}"
                for form in ("kernel", "shared")
            ),
            row["form"],
        )
    return result
