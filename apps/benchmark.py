r"""Measures speed and memory: random data, medians, a table and JSON.

`--suite=model` measures the generator against plain products, and the parts of
a training step. `--suite=training` measures whole training steps, each in a
fresh process: all methods at all resolutions, and what saves memory or time.
`--suite=generators` measures the generators of the papers at their sizes, and
the factorized layer of INR-GAN in both of its forms.
`--suite=data` measures how fast images come and how fast a step eats them.
`--suite=rendering` measures images of all sizes drawn into files, and what
CIPS at its full size spends its time on.

Example:
  python -m apps.benchmark --out=benchmark.json
  python -m apps.benchmark --suite=training \\
      --config=configs/ms_cips_quarter256.py --out=training.json
  python -m apps.benchmark --suite=generators --runs=5 --out=generators.json
"""

import json
import os
import platform
import time

import rich.console
import rich.table
from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_CONFIG = config_flags.DEFINE_config_file(
    "config", "configs/openmoji_demo.py", "Whose training step is measured."
)
_SUITE = flags.DEFINE_enum(
    "suite",
    "model",
    ["model", "training", "generators", "data", "rendering"],
    "What to measure.",
)
_RESOLUTIONS = flags.DEFINE_list(
    "resolutions", [], "Sides, for --suite=training or data."
)
_LARGEST_IMAGE = flags.DEFINE_integer(
    "largest_image",
    0,
    "Largest side for methods on full images; 0: the config's.",
    lower_bound=0,
)
_METHODS = flags.DEFINE_list(
    "methods",
    ["image", "accumulate", "patch", "multi_stage"],
    "Of them, for --suite=training.",
)
_OPTIONS = flags.DEFINE_list(
    "options",
    ["remat", "bfloat16", "xla", "dense_table", "sparse_table", "lean_discriminator"],
    "Ways to save memory or time, for --suite=training.",
)
_SIZES = flags.DEFINE_list(
    "sizes",
    [],
    "Of images, for --suite=generators (64, 128, 256) or rendering (16 to 8192).",
)
_LIMIT = flags.DEFINE_float(
    "limit",
    60.0,
    "Seconds for an image, for --suite=rendering; of larger ones a part.",
    lower_bound=1.0,
)
_BATCH = flags.DEFINE_integer(
    "batch", 1, "Images at once, for --suite=generators.", lower_bound=1
)
_RUNS = flags.DEFINE_integer("runs", 20, "Counted runs of each.", lower_bound=1)
_WIDTHS = flags.DEFINE_list(
    "widths", ["512"], "Generator widths, besides the config's."
)
_OUT = flags.DEFINE_string("out", "benchmark.json", "JSON file to write.")


def main():
    config = cli.checked_config(_CONFIG)
    arguments.check_out(_OUT.value)
    if _SUITE.value == "generators":
        results = _generators()
    elif _SUITE.value == "data":
        results = _data(config)
    elif _SUITE.value == "rendering":
        results = _rendering(config)
    elif config.generator.architecture != "cips":
        raise ValueError(
            "config.generator.architecture must be cips for "
            f"--suite={_SUITE.value}, which counts its products. "
            f"Received: {config.generator.architecture!r}"
        )
    elif _SUITE.value == "training":
        results = _training(config)
    else:
        results = _model(config)
    _write(results)
    print(f"{_OUT.value}  the same as JSON")


def _write(results):
    from inr_keras.files import write_beside

    text = json.dumps(results, indent=2) + "\n"
    write_beside(_OUT.value, lambda path: path.write_text(text))


def _machine():
    import keras
    import tensorflow as tf

    return {
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _model(config):
    widths = _parse_widths(_WIDTHS.value)

    from inr_keras.benchmarks import timing
    from inr_keras.training import networks

    generators = [timing.cips_generator(width, blocks=7) for width in widths]
    generators.append(networks.build_generator(config))
    points = config.patch_size**2
    results = {
        "machine": _machine(),
        "generator": [
            timing.generator_speed(
                g, config.batch_size, points, _RUNS.value, config.seed
            )
            for g in generators
        ],
    }
    steps = timing.training_step_speed(config, _RUNS.value, config.seed)
    results["training_step"] = {
        name: {
            "median_ms": float(sorted(s)[len(s) // 2] * 1e3),
            "min_ms": float(s.min() * 1e3),
            "max_ms": float(s.max() * 1e3),
        }
        for name, s in steps.items()
    }
    _print(results, config)
    return results


def _training(config):
    """Measures whole steps, case by case, each in a process of its own."""
    from inr_keras.benchmarks import cost_report
    from inr_keras.benchmarks import training_cost

    cases = training_cost.cases(
        config,
        _choices("methods", _METHODS.value, training_cost.METHODS),
        _choices("options", _OPTIONS.value, training_cost.OPTIONS),
        [_side(text) for text in _RESOLUTIONS.value],
        _LARGEST_IMAGE.value,
    )
    rows = []
    results = {"machine": _machine(), "config": config.name, "rows": rows}
    with cli.progress_bar("Measuring") as progress:
        for i, (names, case) in enumerate(cases):
            logging.info("%d of %d: %s", i + 1, len(cases), " ".join(names[:2]))
            rows.append(training_cost.row(names, case, _RUNS.value))
            _write(results)  # What is measured outlives an interruption.
            progress((i + 1) / len(cases))
    console = rich.console.Console()
    for table in cost_report.tables(results):
        console.print(table)
    plot = os.path.splitext(_OUT.value)[0] + ".png"
    cost_report.plot(rows, plot)
    print(f"{plot}  cost against resolution")
    return results


def _generators():
    """Measures the papers' generators, each in a process of its own."""
    sizes = _SIZES.value or ("64", "128", "256")
    sizes = sorted(_side(text, "sizes") for text in sizes)

    from inr_keras.benchmarks import generator_speed

    rows = []
    results = {"machine": _machine(), "rows": rows, "layer": []}
    cases = generator_speed.cases(sizes=sizes)
    with cli.progress_bar("Measuring") as progress:
        for i, (name, size) in enumerate(cases):
            logging.info("%d of %d: %s %d", i + 1, len(cases), name, size)
            rows.append(generator_speed.row(name, size, _BATCH.value, _RUNS.value))
            _write(results)  # What is measured outlives an interruption.
            progress((i + 1) / len(cases))
    results["layer"] = generator_speed.layer_speed(runs=_RUNS.value)
    console = rich.console.Console()
    for table in generator_speed.tables(results):
        console.print(table)
    return results


def _data(config):
    """Measures how fast images come, beside how fast a step eats them."""
    from inr_keras.benchmarks import data_speed

    sides = [_side(text) for text in _RESOLUTIONS.value or ("64", "256")]
    results = {
        "machine": _machine(),
        **data_speed.measure(config, sides, tell=logging.info),
    }
    rich.console.Console(width=100).print(data_speed.table(results))
    return results


def _rendering(config):
    """Measures images, each in a process of its own, and takes a profile."""
    from inr_keras.benchmarks import rendering_cost

    sizes = _SIZES.value or map(str, rendering_cost.SIZES)
    sizes = sorted(_side(text, "sizes") for text in sizes)
    rows = []
    results = {"machine": _machine(), "config": config.name, "rows": rows}
    with cli.progress_bar("Measuring") as progress:
        for i, size in enumerate(sizes):
            logging.info("%d of %d: %dx%d", i + 1, len(sizes), size, size)
            rows.append(rendering_cost.measure(config, size, _LIMIT.value))
            _write(results)  # What is measured outlives an interruption.
            progress((i + 1) / (len(sizes) + 1))
        plot = os.path.splitext(_OUT.value)[0] + ".png"
        rendering_cost.plot(rows, plot)
        logging.info("A profile of CIPS at its full size")
        results["profile"] = rendering_cost.profile()
    console = rich.console.Console()
    for table in rendering_cost.tables(results):
        console.print(table)
    print(f"{plot}  cost against size")
    return results


def _choices(flag, texts, known):
    for text in texts:
        if text not in known:
            raise ValueError(
                f"--{flag} must be of {', '.join(known)}. Received: {text!r}"
            )
    return texts


def _side(text, flag="resolutions"):
    if not text.isdecimal() or not 8 <= int(text[:6]) <= 16384:
        raise ValueError(
            f"--{flag} must be numbers from 8 to 16384. Received: {text!r}"
        )
    return int(text)


def _parse_widths(texts):
    if not all(
        text.isdecimal() and len(text) <= 4 and 0 < int(text) <= 4096 for text in texts
    ):
        raise ValueError(
            f"--widths must be numbers from 1 to 4096. Received: {','.join(texts)!r}"
        )
    return [int(text) for text in texts]


def _print(results, config):
    console = rich.console.Console()
    table = rich.table.Table(
        title="Generator's forward pass against tf.matmul on its shapes"
    )
    for name in ("width", "rows", "matmul GFLOP/s", "generator GFLOP/s"):
        table.add_column(name, justify="right")
    table.add_column("share (min to max)", justify="right")
    for row in results["generator"]:
        table.add_row(
            str(row["width"]),
            str(row["rows"]),
            f"{row['matmul_gflops']:.1f}",
            f"{row['generator_gflops']:.1f}",
            f"{row['share']:.0%} ({row['share_min']:.0%} to {row['share_max']:.0%})",
        )
    console.print(table)
    table = rich.table.Table(
        title=f"A training step of {config.name}, batch {config.batch_size}"
    )
    for name in ("part", "median ms", "min ms", "max ms"):
        table.add_column(name, justify="left" if name == "part" else "right")
    for name, row in results["training_step"].items():
        table.add_row(name, *(f"{row[k]:.1f}" for k in row))
    console.print(table)


if __name__ == "__main__":
    cli.run(main)
