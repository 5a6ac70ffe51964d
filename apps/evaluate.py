r"""Scores a generator against real images, and records all settings of the scores.

Metrics: swd (needs no extractor), fid, dfid (diagonal), kid, is, pr (precision
and recall), dc (density and coverage), fid_half, fid_quarter, patch_fid, ppl
(path length), nearest (copies of the data), diversity (duplicates), seam, pattern
(edges at the same places in all images) and scale; or all. A distance is called fid
with features of inception, and fd with others. Scores are added to
OUT/scores.jsonl; OUT/report.md shows them.

Examples:
  python -m apps.evaluate --model=runs/demo --out=runs/demo/scores
  python -m apps.evaluate --model=saved_models/openmoji --metrics=all \
      --features=efficientnet_lite0 --out=scores/openmoji
  python -m apps.evaluate --model=runs/demo --data=openmoji \
      --metrics=swd,fid,kid,pr --features=pixels --out=scores/demo
  python -m apps.evaluate --compare scores/a scores/b

Many machines: each of N processes draws a part of the samples into one folder with
--shards=FOLDER --shard=K/N; the same command with --out in place of --shard writes the
scores.
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
    "Real images: a folder, tfds:NAME or openmoji. Default: the images of the model's "
    "run. An exported model knows its images only if they are OpenMoji's.",
)
_METRICS = flags.DEFINE_list("metrics", "swd", "Names of metrics, or all.")
_FEATURES = flags.DEFINE_string(
    "features",
    None,
    "Feature extractor: pixels, efficientnet_lite0, inception, keras_inception, a "
    ".keras file or a SavedModel. Default: inception, or efficientnet_lite0 where that "
    "cannot be fetched.",
)
flags.DEFINE_integer("samples", 2000, "Number of the generator's images.")
flags.DEFINE_integer("reals", 0, "Largest number of real images; 0: all.")
flags.DEFINE_integer("seed", 10_000, "Seed of the generator's first image.")
flags.DEFINE_float("truncation", 1.0, arguments.TRUNCATION)
flags.DEFINE_integer(
    "patch_size",
    0,
    "Side of patches (patch_fid, seam); 0: the patch size of the model's training, or "
    "else a quarter of the image's side.",
)
flags.DEFINE_integer(
    "bootstrap", 20, "Resampled sets for confidence intervals; 0: no intervals."
)
flags.DEFINE_enum(
    "backend",
    "numpy",
    ("numpy", "tfgan"),
    "Code for fid, kid and swd; both agree to 1e-6. tfgan needs the extra tfgan.",
)
flags.DEFINE_bool(
    "checkpoints",
    False,
    "Score all checkpoints of a run as well, for curves over training.",
)
_SHARDS = flags.DEFINE_string(
    "shards",
    "",
    "Folder of shards of the samples. With --shard, one shard is drawn into it; "
    "without --shard, all its shards are scored.",
)
_SHARD = flags.DEFINE_string(
    "shard",
    None,
    "Draw only one part of the samples; 2/8 is the second of eight parts.",
)
cli.trust_flag()
_OUT = flags.DEFINE_string("out", "", "Folder to write to.")
_COMPARE = flags.DEFINE_multi_string(
    "compare", [], "Two folders of scores to compare side by side."
)


_REQUEST_FLAGS = (
    "model data metrics features samples reals seed truncation patch_size bootstrap "
    "backend checkpoints shards shard trust_model out"
).split()


def main():
    if _COMPARE.value:
        _refuse(_REQUEST_FLAGS, "with --compare")
        return _compare()
    _check_flags()

    from inr_keras.evaluation import score_tables
    from inr_keras.studies import scoring

    # The page shows no folders of this machine.
    holders = (_MODEL, _OUT, _DATA, _FEATURES, _SHARDS)
    paths = [holder.value for holder in holders if "/" in (holder.value or "")]
    request = cli.from_flags(
        scoring.Request,
        metrics=tuple(_METRICS.value),
        kernel_block=0,
        command=arguments.typed("evaluate", sys.argv[1:], *paths),
    )
    if _SHARD.value is not None:
        number, total = arguments.parse_shard(_SHARD.value)
        path, is_new = scoring.draw_shard(request, number, total, logging.info)
        return print(f"{path}  {'drawn' if is_new else 'was there'}")
    for title, records in scoring.judge(request, _OUT.value, logging.info):
        cli.show(score_tables.scores(title, records))
    print(f"{_OUT.value}/report.md  scores, samples and curves")


def _check_flags():
    from inr_keras.evaluation import metrics
    from inr_keras.evaluation import shards

    is_shard = _SHARD.value is not None
    if is_shard:
        _refuse(("out",), "with --shard, which writes to --shards")
    for name in ("model", "shards" if is_shard else "out"):
        if not flags.FLAGS[name].value:
            rule = "with --shard" if name == "shards" else "unless --compare is"
            raise ValueError(f"--{name} must be given, {rule}.")
    metrics.check_names(_METRICS.value)
    featured = {"all", *(name for name, view in metrics.METRICS.items() if view)}
    if not featured & set(_METRICS.value):
        _refuse(("features",), f"with --metrics={','.join(_METRICS.value)}")
    for name, low, high in (
        ("samples", 2, 10**7),
        ("reals", 0, 10**9),
        ("seed", 0, 2**30),
        ("patch_size", 0, arguments.MAX_SIZE),
        ("bootstrap", 0, 10**4),
        ("truncation", -10, 10),
    ):
        arguments.check_range(flags.FLAGS[name].value, name, low, high)
    if is_shard:
        number, total = arguments.parse_shard(_SHARD.value)
        shards.part(flags.FLAGS["samples"].value, number, total)
        arguments.check_out(f"{_SHARDS.value}/shard", "shards")
    else:
        arguments.check_out(f"{_OUT.value}/report.md")


def _refuse(names, where):
    """Refuses flags that have no effect."""
    for name in names:
        if flags.FLAGS[name].present:
            raise ValueError(
                f"--{name} must not be given {where}. "
                f"Received: {flags.FLAGS[name].value!r}"
            )


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
    """Replaces `--compare A B` by `--compare=A --compare=B`, which absl can read."""
    if "--compare" not in argv:
        return argv
    i = argv.index("--compare")
    paths = argv[i + 1 : i + 3]
    if len(paths) < 2 or paths[1].startswith("--"):
        return argv
    return [*argv[:i], *(f"--compare={path}" for path in paths), *argv[i + 3 :]]


if __name__ == "__main__":
    sys.argv = _joined(sys.argv)
    cli.run(main, flag_of={"folders": "compare"}, remote=["data"])
