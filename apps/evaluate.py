r"""Scores a generator against real images, with all that they depend on.

Metrics: swd (needs no extractor), fid, dfid (diagonal), kid, is, pr (precision
and recall), dc (density and coverage), fid_half, fid_quarter, patch_fid, ppl
(path length), nearest (copies of the data), diversity (duplicates), seam and
scale; or all. A distance is called fid for --features=inception alone, fd for
others. Scores are added to OUT/scores.jsonl, with a page OUT/report.md.

Examples:
  python -m apps.evaluate --model=runs/demo --out=runs/demo/scores
  python -m apps.evaluate --model=runs/demo --data=openmoji \
      --metrics=swd,fid,kid,pr --features=pixels --out=scores/demo
  python -m apps.evaluate --compare scores/a scores/b
"""

import math
import sys

import rich.box
import rich.console
import rich.table
from absl import flags
from absl import logging

from apps import arguments
from apps import cli
from inr_keras import naming

_MODEL = flags.DEFINE_string("model", "", "Run directory, .keras file or SavedModel.")
_DATA = flags.DEFINE_string(
    "data",
    "",
    "Folder of images, tfds:NAME or openmoji. Default: the run's own.",
)
_METRICS = flags.DEFINE_list("metrics", "swd", "Which, or all.")
_FEATURES = flags.DEFINE_string(
    "features",
    "inception",
    "pixels, inception, keras_inception, a .keras file or a SavedModel.",
)
_SAMPLES = flags.DEFINE_integer("samples", 2000, "Images of the generator.")
_REALS = flags.DEFINE_integer("reals", 0, "Real images at most; 0: all.")
_SEED = flags.DEFINE_integer("seed", 10_000, "Of the first image.")
_TRUNCATION = flags.DEFINE_float("truncation", 1.0, "1: full variety.")
_PATCH_SIZE = flags.DEFINE_integer(
    "patch_size", 0, "Of patch_fid and seam. 0: the run's, or a quarter."
)
_BOOTSTRAP = flags.DEFINE_integer(
    "bootstrap", 20, "Resampled sets for the intervals; 0: none."
)
_CHECKPOINTS = flags.DEFINE_bool(
    "checkpoints", False, "A run's checkpoints too, for curves over training."
)
_OUT = flags.DEFINE_string("out", "", "Folder to write to.")
_COMPARE = flags.DEFINE_multi_string(
    "compare", [], "Two folders of scores to hold side by side."
)


def main():
    console = rich.console.Console()
    if not console.is_terminal:
        console = rich.console.Console(width=120)
    if _COMPARE.value:
        return _compare(console)
    _check_flags()

    from inr_keras.studies import scoring

    request = scoring.Request(
        model=_MODEL.value,
        data=_DATA.value,
        metrics=tuple(_METRICS.value),
        features=_FEATURES.value,
        samples=_SAMPLES.value,
        reals=_REALS.value,
        seed=_SEED.value,
        truncation=_TRUNCATION.value,
        patch_size=_PATCH_SIZE.value,
        bootstrap=_BOOTSTRAP.value,
        checkpoints=_CHECKPOINTS.value,
        command=arguments.typed("evaluate", sys.argv[1:], *_paths()),
    )
    for name, records in scoring.judge(request, _OUT.value, logging.info):
        console.print(_table(name, records))
    print(f"{_OUT.value}/report.md  scores, samples and curves")


def _paths():
    """What was typed of the machine's folders, to be left out of the page."""
    values = (_MODEL.value, _OUT.value, _DATA.value, _FEATURES.value)
    return [value for value in values if "/" in value]


def _check_flags():
    from inr_keras.evaluation import metrics

    for name in ("model", "out"):
        if not flags.FLAGS[name].value:
            raise ValueError(f"--{name} must be given, unless --compare is.")
    known = [*metrics.METRICS, "all"]
    for name in _METRICS.value or [""]:
        if name not in known:
            raise ValueError(
                f"--metrics must be of {', '.join(known)}. Received: {name!r}"
            )
    for flag, least, most in (
        (_SAMPLES, 2, 10**7),
        (_REALS, 0, 10**9),
        (_SEED, 0, 2**30),
        (_PATCH_SIZE, 0, arguments.MAX_SIZE),
        (_BOOTSTRAP, 0, 10**4),
    ):
        if not least <= flag.value <= most:
            raise ValueError(
                f"--{flag.name} must be from {least} to {most}. Received: {flag.value}"
            )
    if not math.isfinite(_TRUNCATION.value) or abs(_TRUNCATION.value) > 10:
        raise ValueError(
            f"--truncation must be from -10 to 10. Received: {_TRUNCATION.value}"
        )
    arguments.check_out(f"{_OUT.value}/report.md")


def _table(name, records):
    table = rich.table.Table(title=name, box=rich.box.SIMPLE)
    for column in ("metric", "score", "95 % interval", "best", "samples"):
        table.add_column(column, justify="left" if column == "metric" else "right")
    for record in records:
        table.add_row(
            record["metric"],
            _number(record["value"]),
            _interval(record["interval"]),
            record["better"],
            str(record["passport"]["samples"]),
        )
    return table


def _number(value):
    return "-" if value is None else f"{value:.4g}"


def _interval(found):
    return "-" if not found else f"{_number(found[0])} .. {_number(found[1])}"


def _compare(console):
    from inr_keras.evaluation import passports

    if len(_COMPARE.value) != 2:
        raise ValueError(
            f"--compare must name two folders of scores. Received: {_COMPARE.value}"
        )
    with naming.renaming({"path": "compare"}):
        sides = [passports.latest(passports.read(path)) for path in _COMPARE.value]
    table = rich.table.Table(title="Side by side", box=rich.box.SIMPLE)
    table.add_column("metric")
    for path in _COMPARE.value:
        table.add_column(path, justify="right", overflow="fold")
    table.add_column("best", justify="right")
    refused = {}
    for metric in [m for m in sides[0] if m in sides[1]]:
        a, b = sides[0][metric], sides[1][metric]
        reason = passports.unlike(a, b)
        if reason:
            refused.setdefault(reason, []).append(metric)
            continue
        cells = [f"{_number(r['value'])}  ({_interval(r['interval'])})" for r in (a, b)]
        table.add_row(metric, *cells, a["better"])
    if table.row_count:
        console.print(table)
    reasons = [f"{', '.join(refused[text])}: {text}" for text in refused]
    if not table.row_count and not reasons:
        reasons = ["no metric is in both"]
    if reasons:
        raise ValueError(
            f"--compare must be of like scores; {'; '.join(reasons)}. "
            f"Received: {_COMPARE.value}"
        )


def _joined(argv):
    """`--compare A B` as `--compare=A --compare=B`, which absl reads."""
    if "--compare" not in argv:
        return argv
    i = argv.index("--compare")
    paths = argv[i + 1 : i + 3]
    if len(paths) < 2 or paths[1].startswith("--"):
        return argv
    return [*argv[:i], *(f"--compare={path}" for path in paths), *argv[i + 3 :]]


if __name__ == "__main__":
    sys.argv = _joined(sys.argv)
    cli.run(main)
