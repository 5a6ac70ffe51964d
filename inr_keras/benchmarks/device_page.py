"""Markdown page of a device's speed."""

from inr_keras import markdown_pages


def lines(results):
    """Lists the lines of the page.

    Args:
        results: dict of `machine` (see `machine.page_facts`), `device`, `gb_per_s`,
            `parity`, `network`, `training`, `replicas` and `left_out`, as
            `device_suite.measure` collects them.
    """
    facts, device = results["machine"], results["device"]
    head = markdown_pages.head(f"Speed of {device['device']}", facts["command"])
    gpu = "" if device["is_gpu"] else " No GPU was at hand: all of it ran on a CPU."
    found = [
        *head,
        f"{facts['date']}, {device['device']} ({device['devices']} in the machine), "
        f"{device['backend']}, Keras {device['keras']}.{gpu}",
        "",
        f"An array is read and written at {results['gb_per_s']:.0f} GB/s.",
        "",
        *_parity(results["parity"], device),
        *_networks(results),
        *_training(results["training"]),
        *_replicas(results["replicas"]),
    ]
    if results["left_out"]:
        found += [f"Left out: {results['left_out']}.", ""]
    return found


def table(columns, rows):
    """Lines of a table; texts on the left, numbers on the right."""
    marks = ["---" if name in _TEXTS else "---:" for name in columns]
    cells = [columns, marks, *rows]
    return [f"| {' | '.join(map(str, row))} |" for row in cells] + [""]


_TEXTS = ("network", "pass", "dtype", "method", "option", "bound by", "XLA")


def roofline(row, gb_per_s):
    """Computes the shortest time of a pass in ms, and what bounds it.

    It is the longer of two times: the time of the products at the rate of plain
    products, and the time to move their numbers at the rate of copying an array.
    """
    of_products = row["gflop"] / row["plain_gflops"] * 1e3
    of_memory = row["megabytes"] / gb_per_s
    bound = "products" if of_products >= of_memory else "memory"
    return max(of_products, of_memory), bound


def _parity(rows, device):
    if not rows:
        why = "was left out" if device["is_gpu"] else "needs a GPU"
        return [f"Parity with the CPU {why}.", ""]
    listed = [[r["network"], r["pass"], f"{r['error']:.1e}"] for r in rows]
    return [
        "## Parity with the CPU",
        "",
        "float32 without TF32; the largest difference of a number, as a share of the "
        "largest one of its tensor.",
        "",
        *table(["network", "pass", "error"], listed),
    ]


def _networks(results):
    columns = ["network", "width", "side", "pass", "dtype", "XLA", "ms", "GFLOP"]
    columns += ["MB", "GFLOP/s", "plain products", "share", "roofline ms", "bound by"]
    rows = []
    for r in results["network"]:
        least, bound = roofline(r, results["gb_per_s"])
        rows.append(
            [
                r["network"],
                r["width"],
                r["size"],
                r["pass"],
                r["dtype"],
                "on" if r["xla"] else "off",
                f"{r['ms']:.3g}",
                f"{r['gflop']:.3g}",
                f"{r['megabytes']:.3g}",
                *(_rate(r[name]) for name in ("gflops", "plain_gflops")),
                f"{r['share']:.2f}",
                f"{least:.3g}",
                bound,
            ]
        )
    return [
        "## Networks and losses",
        "",
        "Medians, in turns with plain products of the same shapes and dtype. GFLOP and "
        "MB are counted from the shapes of the products alone: two operations a "
        "multiplication; each product reads its two factors and writes its result. "
        "`share` is of the rate of plain products; `roofline ms` is what the products "
        "or their bytes take at the device's own rates, measured here. A compiler that "
        "joins products keeps results in caches, and may be faster.",
        "",
        *table(columns, rows),
    ]


def _training(rows):
    if not rows:
        return ["Training steps need TensorFlow.", ""]
    columns = ["method", "option", "side", "stage", "s / step", "images / s", "MiB"]
    listed = []
    for r in rows:
        stage = f"{r['stage']} of {r['of']}"
        head = [r["method"], r["option"], r["resolution"], stage]
        if "error" in r:
            listed.append([*head, _failed(r), "", ""])
            continue
        numbers = (r["seconds"], r["images_per_second"], r["memory_mib"])
        listed.append([*head, *(f"{n:{f}}" for n, f in zip(numbers, _NUMBERS))])
    return [
        "## Training steps",
        "",
        "Each in a fresh process, on random images. MiB: on a GPU the peak of what is "
        "allocated, on a CPU that of the process above an idle one.",
        "",
        *table(columns, listed),
    ]


_NUMBERS = (".3g", ".3g", ",.0f")


def _replicas(rows):
    if not rows:
        return []
    columns = ["replicas", "images / s", "times one"]
    listed = []
    for r in rows:
        if "error" in r:
            listed.append([r["replicas"], _failed(r), ""])
            continue
        rate, one = r["images_per_second"], rows[0].get("images_per_second")
        share = f"{rate / one:.2f}" if one else ""
        listed.append([r["replicas"], f"{rate:.3g}", share])
    return ["## Several devices", "", *table(columns, listed)]


def _rate(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _failed(row):
    return f"failed: {row['error']}".replace("|", "/")
