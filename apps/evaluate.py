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

import sys

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

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
flags.DEFINE_integer("samples", 2000, "Images of the generator.")
flags.DEFINE_integer("reals", 0, "Real images at most; 0: all.")
flags.DEFINE_integer("seed", 10_000, "Of the first image.")
flags.DEFINE_float("truncation", 1.0, "1: full variety.")
flags.DEFINE_integer(
    "patch_size", 0, "Of patch_fid and seam. 0: the run's, or a quarter."
)
flags.DEFINE_integer("bootstrap", 20, "Resampled sets for the intervals; 0: none.")
flags.DEFINE_bool(
    "checkpoints", False, "A run's checkpoints too, for curves over training."
)
_OUT = flags.DEFINE_string("out", "", "Folder to write to.")
_COMPARE = flags.DEFINE_multi_string(
    "compare", [], "Two folders of scores to hold side by side."
)


def main():
    if _COMPARE.value:
        return _compare()
    _check_flags()

    from inr_keras.evaluation import score_tables
    from inr_keras.studies import scoring

    # What was typed of the machine's folders is left out of the page.
    typed = (_MODEL.value, _OUT.value, _DATA.value, _FEATURES.value)
    paths = [value for value in typed if "/" in value]
    request = cli.from_flags(
        scoring.Request,
        metrics=tuple(_METRICS.value),
        kernel_block=0,
        command=arguments.typed("evaluate", sys.argv[1:], *paths),
    )
    for title, records in scoring.judge(request, _OUT.value, logging.info):
        cli.show(score_tables.scores(title, records))
    print(f"{_OUT.value}/report.md  scores, samples and curves")


def _check_flags():
    from inr_keras.evaluation import metrics

    for name in ("model", "out"):
        if not flags.FLAGS[name].value:
            raise ValueError(f"--{name} must be given, unless --compare is.")
    metrics.check_names(_METRICS.value)
    for name, low, high in (
        ("samples", 2, 10**7),
        ("reals", 0, 10**9),
        ("seed", 0, 2**30),
        ("patch_size", 0, arguments.MAX_SIZE),
        ("bootstrap", 0, 10**4),
        ("truncation", -10, 10),
    ):
        arguments.check_range(flags.FLAGS[name].value, name, low, high)
    arguments.check_out(f"{_OUT.value}/report.md")


def _compare():
    from inr_keras.evaluation import score_tables

    table, reasons = score_tables.side_by_side(_COMPARE.value)
    if table.row_count:
        cli.show(table)
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
    cli.run(main, flag_of={"folders": "compare"})
