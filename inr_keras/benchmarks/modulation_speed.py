"""Speed of both forms of a modulated layer against a plain product."""

import rich.table

# Channels, images and numbers of points: a small network's, and the papers' width.
SIZES = ((96, 8, (64, 256, 1024)), (512, 2, (256, 1024, 4096)))
DTYPES = ("float32", "bfloat16")


def measure(sizes=SIZES, dtypes=DTYPES, runs=10):
    """Measures a layer forward and backward, as many channels out as in.

    The forms and the plain product run in turn, in this process.

    Args:
        sizes: Sequence of tuples: channels, images, and numbers of points.
        dtypes: Sequence of str.
        runs: int. Counted runs.

    Returns:
        List of dict: `dtype`, `channels`, `images`, `points`, `form` (that which
        `ModulatedDense` takes), and the medians of `kernel_ms`, `shared_ms` and
        `product_ms`.
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
    from inr_keras.layers import modulated_dense

    random = np.random.default_rng(0)

    def draw(*shape):
        return tf.constant(random.normal(size=shape).astype("float32"))

    inputs = tf.cast(draw(images, points, channels), dtype)
    kernel, scale, factor = (
        draw(channels, channels),
        draw(images, channels),
        draw(images, channels),
    )

    def with_backward(product):
        @tf.function(autograph=False)
        def call():
            with tf.GradientTape() as tape:
                tape.watch((inputs, kernel, scale, factor))
                outputs = product(inputs, tf.cast(kernel, dtype), scale, factor)
            return tape.gradient(outputs, (inputs, kernel), output_gradients=inputs)

        return call

    calls = {
        "kernel": with_backward(modulated_dense.kernel_per_image),
        "shared": with_backward(modulated_dense.shared_kernel),
        "product": with_backward(lambda x, kernel, *_: tf.tensordot(x, kernel, 1)),
    }
    seconds = stopwatch.in_turns(calls, runs)
    is_dense = modulated_dense.has_many_points(points, channels, channels)
    return {
        "dtype": dtype,
        "channels": channels,
        "images": images,
        "points": points,
        "form": "kernel" if is_dense else "shared",
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
