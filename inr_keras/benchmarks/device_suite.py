"""Suite of a device: networks on TensorFlow or JAX, and training on TensorFlow."""

import contextlib
import time

import rich.box
import rich.table

from inr_keras.benchmarks import device_page
from inr_keras.benchmarks import device_training
from inr_keras.benchmarks import fresh_process

SIZES = (64,)
_LATE = ", for lack of time"
TIMES = (1, 2, 4)  # The config's resolution, of training steps.


def measure(request, results, write, tell, progress):
    """Measures the device and adds to the results as it goes.

    Args:
        request: suites.Request.
        results: dict, which gets `device`, `gb_per_s`, `parity`, `network`, `training`,
            `replicas` and `left_out`.
        write: Function without arguments that writes the results.
        tell: Function of a line of text.
        progress: Function of the share of the time that has passed.
    """
    from inr_keras.benchmarks import device_speed

    begun = time.monotonic()
    results |= {"parity": [], "network": [], "training": [], "replicas": []}
    results["left_out"] = ""

    def has_time():
        share = (time.monotonic() - begun) / 60.0 / request.minutes
        progress(min(share, 1.0))
        return share < 1.0

    # In a process of its own: one that has begun to compute keeps a GPU's memory.
    rows = fresh_process.stream(
        device_speed.measure,
        widths=list(request.widths),
        sizes=sorted(request.sizes) or list(SIZES),
        batch=request.batch,
        runs=request.runs,
    )
    with contextlib.closing(rows):
        for row in _until_failure(rows, results):
            kind = row.pop("kind")
            if kind == "device":
                results["device"] = row
                trains = row["backend"].startswith("tensorflow")
                # Refuses unfit cases before the work.
                cases = _list_cases(request, row["is_gpu"]) if trains else []
            elif kind == "bandwidth":
                results.update(row)
            else:
                results[kind].append(row)
                name = [str(row.get(k, "")) for k in ("network", "pass", "dtype")]
                tell(" ".join(name).strip())
                if not has_time():
                    results["left_out"] = f"more networks, training steps{_LATE}"
            write()
            if results["left_out"]:
                break
    if results["left_out"]:
        write()
        return
    _measure_training(cases, request, results, write, tell, has_time)


def _until_failure(rows, results):
    """Yields rows until their process fails, for example for lack of memory."""
    try:
        yield from rows
    except RuntimeError as error:
        if "device" not in results:
            raise
        results["left_out"] = f"more networks, training steps (failed: {error})"


def _measure_training(cases, request, results, write, tell, has_time):
    for number, case in enumerate(cases, 1):
        if not has_time():
            results["left_out"] = (
                f"{len(cases) - number + 1} kinds of training steps{_LATE}"
            )
            return
        tell(f"{number} of {len(cases)}: {' '.join(map(str, case[:3]))}")
        results["training"].append(device_training.measure_case(case, request.runs))
        write()
    device = results["device"]
    has_two = cases and device["is_gpu"] and device["devices"] > 1
    for replicas in (1, 2) if has_two else ():
        if not has_time():
            results["left_out"] = f"several devices{_LATE}"
            return
        tell(f"{replicas} replicas")
        results["replicas"].append(
            device_training.measure_replicas(request.config, replicas, request.runs)
        )
        write()


def _list_cases(request, is_gpu):
    own = [times * request.config.resolution for times in TIMES]
    resolutions = request.resolutions or own
    return device_training.list_cases(
        request.config, request.methods, resolutions, is_gpu
    )


def table(results):
    """Builds a rich table of the networks' rows."""
    device = results["device"]
    found = rich.table.Table(
        title=f"{device['device']}, {device['backend']}", box=rich.box.SIMPLE
    )
    for name in ("network", "pass", "dtype", "XLA"):
        found.add_column(name)
    for name in ("width", "side", "ms", "GFLOP", "MB", "share", "roofline ms"):
        found.add_column(name, justify="right")
    for row in results["network"]:
        least, bound = device_page.roofline(row, results["gb_per_s"])
        found.add_row(
            row["network"],
            row["pass"],
            row["dtype"],
            "on" if row["xla"] else "off",
            str(row["width"]),
            str(row["size"]),
            *(f"{row[name]:.3g}" for name in ("ms", "gflop", "megabytes")),
            f"{row['share']:.2f}",
            f"{least:.3g} ({bound})",
        )
    return found
