"""Speed of the data: the pipeline beside a training step, and Pillow alone."""

import io
import pathlib
import tempfile
import time

import numpy as np
import rich.table
from PIL import Image

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost

SOURCES = ("folder", "prepared", "array_record", "memory")
_NOISE = 6  # Of 255 levels; it makes files as large as those of photographs.


def write_images(folder, count, size, seed=0):
    """Writes JPEG files of random blurred colours with some noise."""
    random = np.random.default_rng(seed)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        coarse = random.integers(0, 256, (12, 12, 3), "uint8")
        image = Image.fromarray(coarse).resize((size, size))
        noise = random.integers(-_NOISE, _NOISE + 1, (size, size, 3))
        pixels = np.clip(np.asarray(image, "int16") + noise, 0, 255)
        Image.fromarray(pixels.astype("uint8")).save(
            folder / f"{i:06d}.jpg", quality=90
        )


def pillow_rate(folder, seconds=2.0):
    """Measures the images a second that Pillow decodes in one thread, from memory."""
    files = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]

    def decode(i):
        with Image.open(io.BytesIO(files[i % len(files)])) as image:
            image.load()

    return _rate(decode, 1, seconds)


def pipeline_rate(config, seconds=2.0):
    """Measures the images a second of `training_dataset` without a training step."""
    from inr_keras.data import pipeline

    batches = iter(pipeline.training_dataset(config))
    for _ in range(3):  # Its threads start, its buffers fill.
        next(batches)
    return _rate(lambda _: next(batches), config.batch_size, seconds)


def step_rate(config, seconds=6.0):
    """Measures images a second in the last stage, and the share of time spent waiting.

    The step waits for images from the pipeline. The function sets the number of threads
    of this process, which must be a fresh one.
    """
    import tensorflow as tf

    from inr_keras.data import pipeline

    _, step = training_cost.compiled_step(config)
    batches = iter(pipeline.training_dataset(config))
    for _ in range(2):
        step(next(batches))
    count, waited, begin = 0, 0.0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        wait_begin = time.perf_counter()
        images = next(batches)
        waited += time.perf_counter() - wait_begin
        float(tf.reshape(step(images)["g_loss"], ()))
        count += 1
    spent = time.perf_counter() - begin
    return count * config.batch_size / spent, waited / spent


def measure(config, resolutions, count=512, seconds=2.0, tell=None):
    """Measures rates on random images that are stored at the resolution.

    Args:
        config: Experiment. Settings of the batches and of the step.
        resolutions: Sequence of int. Sides of the images.
        count: int. Number of images of each size.
        seconds: float. Length of each measurement.
        tell: Function of a text that describes the next step. Defaults to `None`.

    Returns:
        dict: `pillow` and `pipeline` (by source) for each resolution, in
        images a second, and `step`: the images a second of training steps in the
        config's last stage, from prepared images, and their share of time waiting.
    """
    tell = tell or (lambda text: None)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for resolution in dict.fromkeys((*resolutions, config.resolution)):
            folder = pathlib.Path(name, str(resolution))
            tell(f"{count} images of {resolution} pixels")
            write_images(folder / "folder", count, resolution)
            for kind, file_format in (
                ("prepared", "tfrecord"),
                ("array_record", "array_record"),
            ):
                _prepare(folder / "folder", folder / kind, resolution, file_format)
            if resolution not in resolutions:
                continue
            row = {"resolution": resolution, "images": count}
            row["pillow"] = pillow_rate(folder / "folder", seconds)
            row["pipeline"] = {
                kind: pipeline_rate(
                    _settings(config, folder, kind, resolution), seconds
                )
                for kind in SOURCES
            }
            rows.append(row)
        tell(f"A step of {config.name}")
        folder = pathlib.Path(name, str(config.resolution))
        settings = _settings(config, folder, "prepared", config.resolution)
        rate, waiting = fresh_process.call(
            step_rate, config=settings, seconds=3 * seconds
        )
    return {
        "rows": rows,
        "step": {
            "config": config.name,
            "resolution": config.resolution,
            "batch_size": config.batch_size,
            "images_per_second": rate,
            "waiting": waiting,
        },
    }


def table(results):
    """Builds a rich table of images a second, and as multiples of the step's."""
    step = results["step"]
    eats = step["images_per_second"]
    result = rich.table.Table(
        title=(
            f"Images a second. A step of {step['config']} eats {eats:.3g} at "
            f"{step['resolution']} pixels, and waits {step['waiting']:.1%} of "
            "its time"
        ),
        caption="in brackets: as multiples of the step's rate",
    )
    for name in ("side", "Pillow, 1 thread", *SOURCES):
        result.add_column(name, justify="right")
    for row in results["rows"]:
        result.add_row(
            str(row["resolution"]),
            f"{row['pillow']:.0f}",
            *(
                f"{row['pipeline'][name]:.0f} ({row['pipeline'][name] / eats:.0f})"
                for name in SOURCES
            ),
        )
    return result


def _settings(config, folder, kind, resolution):
    """Changes the config to other images, streamed or held in memory."""
    source = "folder" if kind == "memory" else kind
    return config_lib.changed(
        config,
        {
            "resolution": resolution,
            "data.source": str(folder / source),
            "data.split": "train",
            "data.labels": False,
            "data.classes": (),
            "data.stored_levels": False,
            "data.cache_mib": 4096 if kind == "memory" else 0,
        },
    )


def _prepare(source, out, resolution, file_format):
    from inr_keras.data import framing
    from inr_keras.data import image_inputs
    from inr_keras.data import preparation

    form = framing.Form(resolution=resolution)
    job = preparation.Job(form=form, file_format=file_format)
    preparation.prepare(image_inputs.open_input(str(source)), out, job)


def _rate(function, count, seconds):
    """Measures the items a second of a function with `count` items a call."""
    calls, begin = 0, time.perf_counter()
    while True:
        function(calls)
        calls += 1
        spent = time.perf_counter() - begin
        if spent >= seconds:
            return calls * count / spent
