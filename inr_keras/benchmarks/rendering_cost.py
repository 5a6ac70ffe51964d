"""Cost of images from thumbnails to posters, and a profile of their rendering."""

import collections
import pathlib
import resource
import tempfile
import time

import rich.table
from matplotlib.figure import Figure

from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import generator_speed
from inr_keras.files import write_beside

SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
# Purposes of the operations of a CIPS generator besides its products.
OPERATIONS = {
    "Mul": "modulation, demodulation and gains",
    "GatherV2": "the table of the coordinate embedding",
    "LeakyRelu": "activations",
    "AddV2": "biases and sums",
    "Sin": "Fourier features",
    "ConcatV2": "features side by side",
}


def measure(config, size, limit=60.0):
    """Draws one square image into a PNG, in a separate process.

    Args:
        config: Experiment. Settings of the generator, whose weights are random.
        size: int. Side of the image.
        limit: float. Seconds after which drawing ends; the rest of the image is
            assumed to take as long for its area.

    Returns:
        dict: `size`, `drawn` (share of the image), `seconds` (for the whole image,
        with encoding and writing), `points_per_second`, `own_per_second` (points
        a second of the generator alone on one tile, the mean of calls before and
        after), `processor_share` (processor time of a point in such calls, relative
        to a point in the file, which other programs hardly affect), `memory_mib`
        (peak of the whole process).

    Raises:
        RuntimeError: The process failed.
    """
    return fresh_process.call(measure_here, config=config, size=size, limit=limit)


def measure_here(config, size, limit):
    """Draws one image as `measure` does, in this process."""
    import keras
    import numpy as np

    from inr_keras import rendering
    from inr_keras.rendering import image_stream
    from inr_keras.rendering import surfaces
    from inr_keras.training import networks

    keras.utils.set_random_seed(config.seed)
    generator = networks.build_generator(config)
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds([0], generator.latent_dim)
    styles = renderer.styles(latents)
    plane = surfaces.Plane(rendering.FRAME, size, size, generator.alignment)
    rows = max(1, min(renderer.points // size, size))
    (tile,) = plane.patches(np.arange(rows), np.arange(size))

    def alone():
        begin = time.perf_counter(), time.process_time()
        renderer.synthesize_patch(styles, tile.coords, plane.spacing, 1)
        return time.perf_counter() - begin[0], time.process_time() - begin[1]

    def write(strips, side):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.png"
            image_stream.write_stream(path, strips, side, side, generator.channels)

    class OutOfTime(Exception):
        pass

    def strips():
        for strip in image_stream.sheet_strips(renderer, styles, plane, 1):
            yield strip
            drawn.append(len(strip))
            if time.perf_counter() - begin[0] > limit:
                raise OutOfTime

    alone()  # Builds the graph.
    write([np.zeros((8, 8, generator.channels), "uint8")], 8)  # Loads libvips.
    calls = [alone()]
    drawn = []
    begin = time.perf_counter(), time.process_time()
    try:
        write(strips(), size)
    except OutOfTime:
        pass
    seconds = time.perf_counter() - begin[0]
    processor = time.process_time() - begin[1]
    calls.append(alone())
    share = sum(drawn) / size
    own, own_processor = (sum(c) / (rows * size * 2) for c in zip(*calls))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "size": size,
        "drawn": share,
        "seconds": seconds / share,
        "points_per_second": size**2 * share / seconds,
        "own_per_second": 1 / own,
        "processor_share": own_processor * size**2 * share / processor,
        "memory_mib": peak / 1024,
    }


def profile(config=None, side=256):
    """Measures the shares of time of operations, in a separate process.

    Args:
        config: Experiment. Defaults to CIPS at its full size.
        side: int. Side of the image, which is drawn in one call.

    Returns:
        dict from the name of an operation to its share, the largest first;
        all kinds of matrix product are `"products"`.
    """
    config = config or generator_speed.build_experiment("CIPS")
    return fresh_process.call(profile_here, config=config, side=side)


def profile_here(config, side):
    """Measures the shares of operations as `profile` does, in this process."""
    import keras
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    from inr_keras import coordinates
    from inr_keras.training import networks

    keras.utils.set_random_seed(config.seed)
    generator = networks.build_generator(config)
    style = tf.TensorSpec((1, generator.style_dim))
    points = tf.TensorSpec((1, side**2, 2))
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        tf.function(
            generator.synthesis,
            input_signature=(style, points),
            autograph=False,
        ).get_concrete_function()
    )
    coords = coordinates.grid(side, side, 1, generator.alignment)
    rng = np.random.default_rng(config.seed)
    values = (
        rng.normal(size=style.shape).astype("float32"),
        np.reshape(coords, points.shape),
    )
    # Only sessions report the time of each operation.
    run_metadata = tf.compat.v1.RunMetadata()
    full = tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.FULL_TRACE)
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(frozen.graph.as_graph_def(), name="")
        feed = {t.name: value for t, value in zip(frozen.inputs, values)}
        with tf.compat.v1.Session(graph=graph) as session:
            session.run(frozen.outputs[0].name, feed)
            session.run(frozen.outputs[0].name, feed, full, run_metadata)
    micros = collections.Counter()
    for device in run_metadata.step_stats.dev_stats:
        for node in device.node_stats:
            # NAME = OPERATION(INPUTS)
            name = node.timeline_label.split(" = ")[-1].split("(")[0]
            name = "products" if is_product(name) else name or "other"
            micros[name] += node.op_end_rel_micros - node.op_start_rel_micros
    total = sum(micros.values())
    return {name: n / total for name, n in micros.most_common()}


def is_product(operation):
    """Tells whether a TensorFlow operation, fused or not, is a matrix product."""
    return "MatMul" in operation or "Einsum" in operation


def tables(results):
    """Builds rich tables of a benchmark's `rows` and `profile`."""
    costs = rich.table.Table(
        title=f"Images of {results['config']}'s generator into PNG files"
    )
    for name in (
        "size",
        "seconds",
        "points/s",
        "of the generator's own",
        "in processor time",
        "peak MiB",
    ):
        costs.add_column(name, justify="right")
    for row in results["rows"]:
        part = "" if row["drawn"] == 1 else f" (from {row['drawn']:.1%})"
        share = row["points_per_second"] / row["own_per_second"]
        costs.add_row(
            f"{row['size']}x{row['size']}",
            f"{row['seconds']:.3g}{part}",
            f"{row['points_per_second']:,.0f}",
            f"{share:.0%}",
            f"{row['processor_share']:.0%}",
            f"{row['memory_mib']:,.0f}",
        )
    shares = rich.table.Table(title="CIPS at its full size, 256x256")
    shares.add_column("operation")
    shares.add_column("share of the time", justify="right")
    for name, share in results["profile"].items():
        if share >= 0.001:
            purpose = OPERATIONS.get(name)
            shares.add_row(f"{name}: {purpose}" if purpose else name, f"{share:.1%}")
    return [costs, shares]


def plot(rows, path):
    """Plots seconds and peak memory against the side of the image."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, 2)
    sizes = [row["size"] for row in rows]
    for axis, key, name in (
        (axes[0], "seconds", "seconds an image"),
        (axes[1], "memory_mib", "peak memory of the process, MiB"),
    ):
        axis.plot(sizes, [row[key] for row in rows], marker="o", label="drawn")
        axis.set_xscale("log", base=2)
        axis.set_xticks(sizes, [str(size) for size in sizes], rotation=45)
        axis.set_xlabel("image side, pixels")
        axis.set_ylabel(name)
        axis.grid(True, which="major", alpha=0.3)
    own = [row["size"] ** 2 / row["own_per_second"] for row in rows]
    axes[0].plot(sizes, own, "k--", label="the generator alone")
    axes[0].set_yscale("log")
    axes[0].legend()
    axes[1].set_ylim(0, 1.1 * max(row["memory_mib"] for row in rows))
    write_beside(path, lambda p: figure.savefig(p, dpi=120, format="png"))
