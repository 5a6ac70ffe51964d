"""Metrics of a generator, and the requirements of each."""

import dataclasses

from inr_keras.evaluation import distances
from inr_keras.evaluation import image_views as views_lib
from inr_keras.evaluation import kernel_distances
from inr_keras.evaluation import tfgan

# The view that each metric sees; those without a view need no extractor.
METRICS = {
    "swd": None,
    "fid": "full",
    "dfid": "full",
    "kid": "full",
    "is": "full",
    "pr": "full",
    "dc": "full",
    "fid_half": "half",
    "fid_quarter": "quarter",
    "patch_fid": "patch",
    "ppl": "full",
    "nearest": "full",
    "diversity": "full",
    "seam": None,
    "pattern": None,
    "scale": None,
}

# Modules that compute Fréchet, kernel and sliced distances.
BACKENDS = {"numpy": distances, "tfgan": tfgan}
# Least number of images in each set, for metrics that need more than one; `pr` and `dc`
# need a fifth nearest neighbour. The number for `kid` depends on the larger set.
_FEWEST = {
    "fid": 2,
    "dfid": 2,
    "pr": 6,
    "dc": 6,
    "fid_half": 2,
    "fid_quarter": 2,
    "patch_fid": 2,
    "nearest": 2,
    "diversity": 2,
    "pattern": 2,
}


def better(score):
    """Tells whether a `lower` or a `higher` value of a score is better.

    Example:
        >>> better("fid"), better("recall")
        ('lower', 'higher')
    """
    is_share = score in ("precision", "recall", "density", "coverage")
    return "higher" if is_share else "lower"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of an evaluation.

    Attributes:
        metrics: tuple of names of `METRICS`.
        patch_size: int. Side of the patches of `patch_fid` and `seam`.
        bootstrap: int. Number of resampled sets for the intervals; below 2: no
            intervals.
        kernel_block: int. Images of a block of `kid`; 0: by their number.
        backend: str. Name of `BACKENDS`, which agree to 1e-6; `tfgan` needs the extra
            of this name.

    Example:
        >>> Settings(metrics=("fid", "pr"), patch_size=16).bootstrap
        20
    """

    metrics: tuple
    patch_size: int
    bootstrap: int = 20
    kernel_block: int = 0
    backend: str = "numpy"


def check_names(names):
    """Raises `ValueError` where a name is neither a metric nor `all`."""
    known = [*METRICS, "all"]
    for name in names or [""]:
        if name not in known:
            raise ValueError(
                f"`metrics` must be one of {', '.join(known)}. Received: {name!r}"
            )


def check(settings, resolution, extractor):
    """Raises `ValueError`, or `UnfitEnvironment`, where a metric cannot be computed."""
    if settings.backend == "tfgan":
        tfgan.load()
    for metric in settings.metrics:
        view = METRICS[metric]
        if view:
            views_lib.check(view, resolution, settings.patch_size)
            extractor.outputs(views_lib.side(view, resolution, settings.patch_size))
    if "swd" in settings.metrics and (resolution & (resolution - 1) or resolution < 8):
        raise ValueError(
            "`metrics`: with swd, the images' side must be a power of two from 8. "
            f"Received: images of {resolution}"
        )
    if "seam" in settings.metrics and not (2 <= settings.patch_size <= resolution - 2):
        raise ValueError(
            "`metrics`: with seam, patches must be smaller than the image by 2. "
            f"Received: patch_size={settings.patch_size} of {resolution}"
        )
    if "is" in settings.metrics and ("logits" not in extractor.outputs(resolution)):
        raise ValueError(
            "`metrics`: with is, the extractor must have an output named logits. "
            f"Received: extractor={extractor.name}"
        )


def check_counts(settings, samples, reals):
    """Raises `ValueError` where there are too few images for a metric.

    Args:
        settings: Settings.
        samples: int. Number of the generator's images.
        reals: int. Number of real images.
    """
    for metric in settings.metrics:
        fewest = _FEWEST.get(metric, 1)
        if metric == "kid":
            larger = max(samples, reals)
            fewest = kernel_distances.fewest(larger, settings.kernel_block)
        if min(samples, reals) < fewest:
            raise ValueError(
                f"`metrics`: with {metric}, both sets must have {fewest} images or "
                f"more. Received: {samples} samples and {reals} real images"
            )
