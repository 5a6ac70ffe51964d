"""Studies of questions that the papers raise, each with a page of results."""

import dataclasses

from inr_keras import config as config_lib
from inr_keras.naming import renaming

# Fields of a request, by the names of the arguments that take their values.
_FIELD_OF = {
    "path": "model",
    "models": "model",
    "generator": "model",
    "name": "features",
    "extractor": "features",
    "config.data.source": "data",
}


@dataclasses.dataclass(frozen=True)
class Request:
    """Settings of a study and of the page that it writes.

    Attributes:
        suite: str. A key of `SUITES`.
        page: str or path of the Markdown page; its files go to a folder of its
            name.
        facts: dict. `command`, `machine` and `date`, for the page.
        data: str. Source of the real images; `None`: those that the model was trained
            on, openmoji where the model does not name them.
        images: int. Number of images to fit.
        resolution: int. Side of the fitted images.
        steps: int. Steps of each fit.
        seeds: Sequence of int. Seeds of the fits; the first chooses the images.
        workdir: str or path. Folder of finished fits and detectors, from which a study
            goes on.
        model: str. Run directory, `.keras` file or SavedModel; for `prior` several,
            with commas between.
        samples: int. Number of the model's images to measure.
        features: str. Feature extractor, see `extractors.open_extractor`.
        detector: str. `module:function`; empty: image moments.
        config: Experiment to train, for `overfitting`.
        trust_model: bool. See `runs.load_generator`.
    """

    suite: str
    page: str
    facts: dict
    data: str | None = None
    images: int = 50
    resolution: int = 64
    steps: int = 10_000
    seeds: tuple[int, ...] = (0,)
    workdir: str = "runs/studies"
    model: str | None = None
    samples: int = 2000
    features: str | None = None
    detector: str = ""
    config: config_lib.Experiment | None = None
    trust_model: bool = False


def answer(request, tell=lambda text: None):
    """Runs a study and writes its page.

    Args:
        request: Request.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of the files written, the page first.

    Raises:
        ValueError: A field that the suite needs is empty or does not suit it.
    """
    with renaming(_FIELD_OF):
        return SUITES[request.suite](request, tell)


def _fits(request, tell):
    """Fits images with each kind of external weights, or of features."""
    from inr_keras.studies import fit_page
    from inr_keras.studies import fit_study

    settings = fit_study.Settings(
        request.suite,
        source=request.data or config_lib.Data().source,
        count=request.images,
        resolution=request.resolution,
        steps=request.steps,
        seeds=tuple(request.seeds),
    )
    results = fit_study.run(settings, request.workdir, tell)
    return fit_page.write(
        settings, request.workdir, results, request.page, request.facts
    )


def _upsampling(request, tell):
    """Compares a generator's larger images with interpolated ones."""
    if not request.features:
        raise ValueError(
            f"`features` must be given for the suite {request.suite}. "
            f"Received: {request.features!r}"
        )

    from inr_keras.evaluation import extractors
    from inr_keras.studies import upsampling_study

    extractor = extractors.open_extractor(request.features, request.trust_model)
    return upsampling_study.run(
        _generator(request),
        _real_images(request),
        extractor,
        request.page,
        {**request.facts, "features": extractor.name},
        request.samples,
        tell=tell,
    )


def _geometry(request, tell):
    """Fits linear models of images' geometry to their latents."""
    from inr_keras.studies import geometry_study
    from inr_keras.studies import image_moments

    detector = image_moments.moments
    if request.detector:
        detector = image_moments.find_detector(request.detector)
    return geometry_study.run(
        _generator(request),
        detector,
        request.page,
        {**request.facts, "detector": request.detector or "image moments"},
        request.samples,
        tell,
    )


def _prior(request, tell):
    """Fits linear models of keypoints of faces to the latents of generators."""
    if not request.model:
        raise ValueError(
            f"`model` must be given for the suite {request.suite}. "
            f"Received: {request.model!r}"
        )
    from inr_keras.studies import prior_study

    return prior_study.run(
        request.model.split(","),
        request.page,
        request.facts,
        request.workdir,
        request.samples,
        tell=tell,
        trust_model=request.trust_model,
    )


def _overfitting(request, tell):
    """Measures whether a discriminator knows its training images from others."""
    if request.config is None:
        raise ValueError(
            f"`config` must be given for the suite {request.suite}. Received: None"
        )
    from inr_keras.studies import overfitting_study

    return overfitting_study.write(request.config, request.page, request.facts, tell)


SUITES = {
    "parametrizations": _fits,
    "authors_start": _fits,
    "fourier": _fits,
    "upsampling": _upsampling,
    "geometry": _geometry,
    "prior": _prior,
    "overfitting": _overfitting,
}


def _generator(request):
    if not request.model:
        raise ValueError(
            f"`model` must be given for the suite {request.suite}. "
            f"Received: {request.model!r}"
        )

    from inr_keras import runs

    return runs.load_generator(request.model, request.trust_model)


def _real_images(request):
    """Returns the settings of the real images: `data`, or those of the model."""
    from inr_keras.studies import models_to_score

    known = None
    if request.data is None and request.model:
        known, _ = models_to_score.known_settings(request.model)
    return known or config_lib.Data(source=request.data or config_lib.Data().source)
