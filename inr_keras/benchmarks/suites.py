"""Suites of measurements, each with tables and files of its results."""

import dataclasses
import functools
import json
import pathlib

from inr_keras import config as config_lib
from inr_keras.benchmarks import device_page
from inr_keras.benchmarks import device_suite
from inr_keras.benchmarks import generator_speed
from inr_keras.benchmarks import machine
from inr_keras.benchmarks import modulation_speed
from inr_keras.benchmarks import training_cost
from inr_keras.config import choices
from inr_keras.files import write_beside

_COUNTED = ("model", "training")  # Suites that count products of CIPS.


@dataclasses.dataclass(frozen=True)
class Request:
    """Settings of a suite of measurements.

    Attributes:
        suite: str. A key of `SUITES`.
        config: Experiment to measure.
        out: str or path of the JSON file; a plot gets the same name.
        runs: int. Counted runs of each measurement.
        widths: Widths of CIPS generators besides the config's (`model`), or of all
            networks (`device`).
        methods: Keys of `training_cost.METHODS` (`training`, `device`).
        options: Keys of `training_cost.OPTIONS` (`training`).
        resolutions: Sides of images (`training`, `data`, `device`: of training).
        largest_image: int. Largest side for methods on full images; 0: the
            config's (`training`).
        sizes: Sides of images (`generators`, `rendering`, `device`).
        batch: int. Images in a batch; `None`: 1 (`generators`), 2 or on a GPU 16
            (`device`).
        limit: float. Seconds after which an image is left unfinished (`rendering`).
        minutes: float. Time after which nothing more is begun (`device`).
        command: str. Command line, for a page (`device`).
    """

    suite: str
    config: config_lib.Experiment
    out: str
    runs: int = 20
    widths: tuple = ()
    methods: tuple = tuple(training_cost.METHODS)
    options: tuple = ()
    resolutions: tuple = ()
    largest_image: int = 0
    sizes: tuple = ()
    batch: int | None = None
    limit: float = 60.0
    minutes: float = 9.0
    command: str = ""


def measure(request, tell=lambda text: None, progress=lambda share: None):
    """Runs a suite and writes its results.

    Suites of long cases are written after each case, so that an interruption loses
    only one.

    Args:
        request: Request.
        tell: Function of a line of text that reports progress. Defaults to silence.
        progress: Function of the share done, 0 to 1. Defaults to silence.

    Returns:
        A list of rich tables, and a list of (path, meaning) of the files
        written.

    Raises:
        ValueError: The settings or the request do not suit the suite.
    """
    architecture = request.config.generator.architecture
    if request.suite in _COUNTED and architecture != "cips":
        raise ValueError(
            "config.generator.architecture must be cips for the suites "
            f"{' and '.join(_COUNTED)}, which count its multiplications. "
            f"Received: {architecture!r}"
        )
    results, tables, files = SUITES[request.suite](request, tell, progress)
    _write(results, request.out)
    return tables, [*files, (request.out, "the same as JSON")]


def _model(request, tell, progress):
    """Measures generators against plain products, and the parts of a training step."""
    from inr_keras.benchmarks import network_speed
    from inr_keras.benchmarks import timing
    from inr_keras.training import networks

    config = request.config

    def generators():
        for width in request.widths:
            for dtype in network_speed.DTYPES:
                yield network_speed.build_cips(width, dtype)
        for dtype in choices.DTYPES:
            yield networks.build_generator(dataclasses.replace(config, dtype=dtype))

    points = config.patch_size**2
    results = {
        "machine": machine.describe(),
        "generator": [
            row
            for generator in generators()
            for row in network_speed.measure_synthesis(
                generator, config.batch_size, points, request.runs, config.seed
            )
        ],
    }
    steps = timing.measure_training_step(config, request.runs, config.seed)
    results["training_step"] = {
        name: {
            "median_ms": float(sorted(s)[len(s) // 2] * 1e3),
            "min_ms": float(s.min() * 1e3),
            "max_ms": float(s.max() * 1e3),
        }
        for name, s in steps.items()
    }
    return results, timing.tables(results, config), []


def _training(request, tell, progress):
    """Measures whole training steps, each in a fresh process."""
    cases = training_cost.list_cases(
        request.config,
        request.methods,
        request.options,
        request.resolutions,
        request.largest_image,
    )
    calls = [
        (
            " ".join(names[:2]),
            functools.partial(training_cost.measure_case, names, case, request.runs),
        )
        for names, case in cases
    ]
    results = {"machine": machine.describe(), "config": request.config.name}
    _measure_each(calls, results, request.out, tell, progress)
    from inr_keras.benchmarks import cost_report

    plot = _plot_path(request)
    cost_report.plot(results["rows"], plot)
    tables = cost_report.tables(results)
    return results, tables, [(plot, "cost against resolution")]


def _generators(request, tell, progress):
    """Measures the papers' generators, each in a fresh process, and their layers."""
    from inr_keras.benchmarks import network_speed

    sizes = sorted(request.sizes) or generator_speed.SIZES
    batch = request.batch or 1
    calls = [
        (
            f"{name} {size}",
            functools.partial(
                generator_speed.measure_case,
                name,
                size,
                batch,
                request.runs,
            ),
        )
        for name, size in generator_speed.list_cases(sizes=sizes)
    ]
    results = {"machine": machine.describe()}
    _measure_each(calls, results, request.out, tell, progress)
    results["layer"] = generator_speed.measure_layer(runs=request.runs)
    results["modulated"] = modulation_speed.measure(runs=request.runs)
    results["synthesis"] = generator_speed.measure_synthesis(runs=request.runs)
    tables = [*generator_speed.tables(results)]
    tables.append(modulation_speed.table(results["modulated"]))
    return results, [*tables, network_speed.table(results["synthesis"])], []


def _data(request, tell, progress):
    """Measures images a second from the pipeline and in training steps."""
    from inr_keras.benchmarks import data_speed

    sides = request.resolutions or (64, 256)
    results = {
        "machine": machine.describe(),
        **data_speed.measure(request.config, sides, tell=tell),
    }
    return results, [data_speed.table(results)], []


def _rendering(request, tell, progress):
    """Measures images of all sizes, each in a fresh process, and profiles CIPS."""
    from inr_keras.benchmarks import rendering_cost

    config = request.config
    calls = [
        (
            f"{size}x{size}",
            functools.partial(rendering_cost.measure, config, size, request.limit),
        )
        for size in sorted(request.sizes) or rendering_cost.SIZES
    ]
    results = {"machine": machine.describe(), "config": config.name}
    _measure_each(calls, results, request.out, tell, progress)
    plot = _plot_path(request)
    rendering_cost.plot(results["rows"], plot)
    tell("A profile of CIPS at its full size")
    results["profile"] = rendering_cost.profile()
    return results, rendering_cost.tables(results), [(plot, "cost against size")]


def _device(request, tell, progress):
    """Measures the device on TensorFlow or JAX, within minutes, and writes a page."""
    results = {"machine": machine.page_facts(request.command)}

    def write():
        _write(results, request.out)

    device_suite.measure(request, results, write, tell, progress)
    page = pathlib.Path(request.out).with_suffix(".md")
    text = "\n".join(device_page.lines(results))
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return results, [device_suite.table(results)], [(page, "the page")]


SUITES = {
    "model": _model,
    "training": _training,
    "generators": _generators,
    "data": _data,
    "rendering": _rendering,
    "device": _device,
}


def _measure_each(calls, results, out, tell, progress):
    """Makes calls, adds their rows to the results and writes these after each call."""
    rows = results["rows"] = []
    for number, (title, call) in enumerate(calls, 1):
        tell(f"{number} of {len(calls)}: {title}")
        rows.append(call())
        _write(results, out)
        progress(number / len(calls))


def _plot_path(request):
    return pathlib.Path(request.out).with_suffix(".png")


def _write(results, out):
    text = json.dumps(results, indent=2) + "\n"
    write_beside(out, lambda path: path.write_text(text, encoding="utf-8"))
