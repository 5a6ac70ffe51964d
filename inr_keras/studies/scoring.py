"""Scoring of a generator, written to a folder with a page."""

import dataclasses
import functools
import logging as standard_logging
import pathlib

from inr_keras.evaluation import evaluate
from inr_keras.evaluation import evaluation_report
from inr_keras.evaluation import extractors
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from inr_keras.evaluation import samples as samples_lib
from inr_keras.evaluation import shards
from inr_keras.naming import renaming
from inr_keras.quiet_imports import UnfitEnvironment
from inr_keras.studies import models_to_score

# Metrics in the tables of suites and studies. Their kernel distances use TF-GAN's
# blocks, which are larger than the blocks for intervals.
TABLE_METRICS = ("fid", "kid", "pr")
TABLE_KERNEL_BLOCK = 1024


@dataclasses.dataclass(frozen=True)
class Request:
    """Settings of a scoring: the generator, the real images and the metrics.

    Attributes:
        model: str. Run directory, `.keras` file or SavedModel.
        data: str. Folder of images, `tfds:NAME` or `openmoji`; `""`: those that the
            model was trained on, if they are known.
        metrics: tuple of names of `metrics.METRICS`, or `all` that the extractor, the
            size and the number of the images allow.
        features: str or `None`. See `extractors.open_extractor`.
        samples: int. Number of the generator's images.
        reals: int. Largest number of real images; 0: all.
        seed: int. Seed of the generator's first image.
        truncation: float. Variety, from 0 (the mean style) to 1 (full).
        patch_size: int. Side of the patches of `patch_fid` and `seam`; 0: the run's,
            or a quarter of the images'.
        bootstrap: int. Resampled sets for the intervals; 0: none.
        kernel_block: int. See `metrics.Settings`.
        backend: str. See `metrics.Settings`.
        checkpoints: bool. Whether a run's checkpoints are scored too.
        trust_model: bool. See `runs.load_generator`.
        command: str. Command line that the page shows.
        shards: str. Folder of shards of the samples, see `draw_shard`; `""`: one
            process draws all.
    """

    model: str
    data: str = ""
    metrics: tuple = ("swd",)
    features: str | None = None
    samples: int = 2000
    reals: int = 0
    seed: int = 10_000
    truncation: float = 1.0
    patch_size: int = 0
    bootstrap: int = 20
    kernel_block: int = 0
    backend: str = "numpy"
    checkpoints: bool = False
    trust_model: bool = False
    command: str = ""
    shards: str = ""


def judge(request, out, tell=lambda text: None):
    """Scores each candidate and writes the scores and their page to `out`.

    The samples of a request with `shards` are not drawn but read.

    Yields:
        A title and the records of its scores, for each candidate.
    """
    out = pathlib.Path(out)
    if (out / passports.FILE).exists():  # The page shows earlier scores, too.
        with renaming({"path": "out"}):
            passports.read(out)
    measure = None
    if request.shards:
        shards.all_names(request.shards)  # Before the work.
    for candidate, evaluation in _evaluations(request, out, tell):
        if request.shards:
            facts = _facts(request, candidate, evaluation)
            measure = functools.partial(shards.read, request.shards, facts)
        facts = {"model": candidate.name, "kimg": candidate.kimg}
        scores = evaluation.run(measure)
        records = [passports.record(score, **facts) for score in scores]
        passports.append(out, records)
        yield _title(candidate, evaluation.reference), records
    evaluation_report.write(
        out,
        records,
        evaluation.samples,
        evaluation.reference,
        evaluation.neighbours,
        request.command,
    )


def draw_shard(request, number, total, tell=lambda text: None):
    """Draws a shard of the samples into the folder `request.shards`.

    Args:
        request: Request, the same for all shards and for `judge`.
        number: int. Number of the shard, from 1.
        total: int. Number of shards.
        tell: Function of a line of text.

    Returns:
        The path of the shard, and whether it was drawn: a shard that is there is not
        drawn again.
    """
    part = shards.part(request.samples, number, total)
    name = shards.name(number, total)
    [(candidate, evaluation)] = _evaluations(request, request.shards, tell, part)
    facts = _facts(request, candidate, evaluation)
    is_new = shards.write(request.shards, name, facts, evaluation.drawing())
    return pathlib.Path(request.shards) / name, is_new


def _evaluations(request, out, tell, part=None):
    """Yields each candidate and its `Evaluation`; `part`: see `Samples`."""
    if request.shards and request.checkpoints:
        raise ValueError(
            "`shards` must be of one model, without `checkpoints`. "
            f"Received: shards={request.shards!r}"
        )
    cache = references.cache_folder()
    reference = None
    for candidate in models_to_score.open_candidates(
        request.model, request.checkpoints, request.trust_model
    ):
        resolution = candidate.generator.resolution
        if reference is None:
            extractor = _extractor(request)
            settings = _settings(request, resolution, extractor, tell)
            source = models_to_score.open_data(request.data, request.model, resolution)
            tell(f"Real images: {source.name}")
            reference = references.Reference(source, cache, request.reals)
            settings = _checked(
                request,
                settings,
                lambda s: metrics_lib.check_counts(s, request.samples, reference.count),
                tell,
            )
        samples = samples_lib.Samples(
            candidate.generator,
            request.samples,
            request.seed,
            request.truncation,
            labels=reference.labels,
            extents=reference.extents,
            part=part,
        )
        tell(f"Model: {candidate.name}")
        evaluation = evaluate.Evaluation(
            settings, samples, reference, extractor, out, tell
        )
        yield candidate, evaluation


def _facts(request, candidate, evaluation):
    """All that the measurements of a shard depend on."""
    extractor = evaluation.extractor
    return {
        "model": candidate.sha256,
        "data": evaluation.reference.sha256,
        "features": extractor.sha256 if extractor else None,
        "samples": request.samples,
        "seed": request.seed,
        "truncation": request.truncation,
        **dataclasses.asdict(evaluation.settings),
        "inr_keras": passports.code()["inr_keras"],
    }


def table_values(records):
    """Extracts the numbers of a table from records of `TABLE_METRICS`.

    Returns:
        dict: `fd` (or the published FID), `kid`, `precision`, `recall`, and the
        numbers of images, `real_count` and `fake_count`.
    """
    passport = records[0]["passport"]
    return {
        **{r["metric"].replace("fid", "fd"): r["value"] for r in records},
        "real_count": passport["real_images"],
        "fake_count": passport["samples"],
    }


def _extractor(request):
    if _takes_all(request) or any(metrics_lib.METRICS[m] for m in request.metrics):
        # TF Hub logs at length that it cannot be reached.
        standard_logging.getLogger("tensorflow_hub").setLevel("ERROR")
        with renaming({"name": "features"}):
            return extractors.open_extractor(request.features, request.trust_model)
    return None


def _settings(request, resolution, extractor, tell):
    _, patch_size = models_to_score.known_settings(request.model)
    patch_size = request.patch_size or patch_size or max(resolution // 4, 1)

    names = tuple(metrics_lib.METRICS) if _takes_all(request) else request.metrics
    settings = metrics_lib.Settings(
        tuple(dict.fromkeys(names)),
        patch_size,
        request.bootstrap,
        request.kernel_block,
        request.backend,
    )

    def check(settings):
        with renaming({"extractor": "features"}):
            metrics_lib.check(settings, resolution, extractor)

    return _checked(request, settings, check, tell)


def _checked(request, settings, check, tell):
    """Refuses metrics that cannot be computed, or leaves them out of `all`."""
    if not _takes_all(request):
        check(settings)
        return settings
    kept = []
    for metric in settings.metrics:
        try:
            check(dataclasses.replace(settings, metrics=(metric,)))
            kept.append(metric)
        except (ValueError, UnfitEnvironment) as error:
            tell(f"Left out: {error}")
    return dataclasses.replace(settings, metrics=tuple(kept))


def _takes_all(request):
    return "all" in request.metrics


def _title(candidate, reference):
    kimg = ""
    if candidate.kimg is not None:
        kimg = f", {candidate.kimg:,.1f} kimg"
    return (
        f"{candidate.name}{kimg} against {reference.count} images of "
        f"{reference.source.name}"
    )
