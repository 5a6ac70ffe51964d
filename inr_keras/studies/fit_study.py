"""Study of INRs that fit images: weight parametrizations, Fourier and SIREN."""

import dataclasses
import io
import json
import pathlib
import time

import keras
import numpy as np

from inr_keras import config as config_lib
from inr_keras.data import sources
from inr_keras.files import write_beside
from inr_keras.models import ExternalINR
from inr_keras.studies import fitting

SHOWN = 12  # Reconstructions that are kept for the page.
TITLES = {
    "linear": "Linear",
    "se_linear": "SELinear",
    "mfilm": "mFiLM",
    "mfilm_no_norm": "mFiLM, no normalization",
    "mfilm_scaled": "mFiLM, no normalization, scale",
    "factorized": "Factorized (r = 10)",
    "factorized_se": "FactorizedSE (r = 10)",
    "adain": "AdaIN",
}
# Parametrizations that start from other vectors here than in the authors' code.
UNIT_VECTORS = ("mfilm", "mfilm_no_norm", "factorized", "factorized_se")
# Settings of the authors' code and slides: 64x5, tanh, vectors of unit variance.
_AUTHORS_START = {"layers": 5, "tanh": True, "unit_vectors": True}
# Deviations of the first layer, by parametrization.
FOURIER_SCALES = {
    "linear": (1.0, 10.0, 30.0, 100.0, 300.0),
    "factorized_se": (10.0, 100.0),
}
_SIRENS = {
    "SIREN, original init": {"basis": "siren", "initialization": "original"},
    "SIREN, slides' init": {"basis": "siren", "initialization": "slides"},
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings that all fits of a suite share.

    Attributes:
        suite: str. `parametrizations`, `authors_start` or `fourier`.
        source: str. Source of the images, as in `config.data.source`.
        count: int. Number of images.
        resolution: int. Side of the images.
        steps: int. Steps of each fit.
        seeds: Sequence of int. Seeds of the fits; the first chooses the images.
        rate: float. Initial learning rate.
        points: int. Pixels of each image in a step.
        width: int. Channels n of each layer.
        layers: int. Number of layers before the colours, 5 with `authors_start`.
    """

    suite: str
    source: str = "openmoji"
    count: int = 50
    resolution: int = 64
    steps: int = 10_000
    seeds: tuple[int, ...] = (0,)
    rate: float = 0.01
    points: int = 64
    width: int = 64
    layers: int = 3


def entries(suite):
    """Maps the titles of a suite's fits to arguments of `ExternalINR`.

    `unit_vectors` and `tanh` among them are arguments of `fitting.fit`.
    """
    if suite == "authors_start":
        return {
            title: {"parametrization": name, **_AUTHORS_START}
            for name, title in TITLES.items()
        }
    if suite == "parametrizations":
        rows = {title: {"parametrization": name} for name, title in TITLES.items()}
        for name in UNIT_VECTORS:
            changes = {"parametrization": name, "unit_vectors": True}
            rows[f"{TITLES[name]}, unit vectors"] = changes
        unscaled = {"parametrization": "se_linear_unscaled"}
        rows["SELinear, gates not scaled"] = unscaled
        return rows
    return {
        f"{title}, {TITLES[name]}": {**changes, "parametrization": name}
        for name, scales in FOURIER_SCALES.items()
        for title, changes in {**_fouriers(scales), **_SIRENS}.items()
    }


def _fouriers(scales):
    return {
        f"Fourier, sigma {scale:g}": {"basis": "fourier", "fourier_scale": scale}
        for scale in scales
    }


def load_images(settings):
    """Loads the first seed's choice of images, a uint8 array, and their attribution."""
    data = config_lib.Data(source=settings.source)
    source = sources.open_source(data, settings.resolution)
    chosen = source.dataset(seed=settings.seeds[0]).take(settings.count)
    return np.stack(list(chosen.as_numpy_iterator())), source.attribution


def run(settings, workdir, tell=lambda text: None):
    """Fits images in all ways of a suite.

    Each finished fit is a file in `workdir`: the same call goes on after an
    interruption, with the fits that are not there.

    Args:
        settings: Settings.
        workdir: str or path of a folder.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of dicts, one for each fit: title, arguments, sizes, error and history.

    Raises:
        ValueError: `workdir` holds fits of other settings.
    """
    images, _ = load_images(settings)
    work = [
        (title, changes, seed)
        for seed in settings.seeds
        for title, changes in entries(settings.suite).items()
    ]
    paths = [result_path(settings, workdir, title, seed) for title, _, seed in work]
    results = [_read(path, settings) for path in paths]
    missing = [number for number, result in enumerate(results) if result is None]
    begun = time.monotonic()
    for done, number in enumerate(missing):
        title, changes, seed = work[number]

        def tell_share(share, mae, place=f"{title}, seed {seed}", done=done):
            spent, total = time.monotonic() - begun, done + share
            left = spent * (len(missing) - total) / total / 60.0
            tell(
                f"{place}: {share:.0%}, MAE {mae:.4f}; fit {done + 1} of "
                f"{len(missing)}, about {left:.0f} min left"
            )

        results[number] = _fit(
            settings, images, title, changes, seed, paths[number], tell_share
        )
    return results


def result_path(settings, workdir, title, seed):
    """Returns the path of the results of a fit; its images are beside it."""
    name = "".join(c if c.isalnum() else "_" for c in title.lower())
    return pathlib.Path(workdir) / settings.suite / f"{name}_seed{seed}.json"


def _shared_settings(settings):
    """Returns the settings that results must agree on, as JSON reads them."""
    values = {**dataclasses.asdict(settings), "seeds": settings.seeds[:1]}
    return json.loads(json.dumps(values))


def _read(path, settings):
    """Reads the results of a fit; `None`: there are none."""
    if not path.exists():
        return None
    saved = json.loads(path.read_text(encoding="utf-8"))
    if saved["settings"] != _shared_settings(settings):
        raise ValueError(
            f"`workdir` must be empty or hold fits of the same settings. "
            f"Received: {str(path.parent.parent)!r}, where {path.name} differs"
        )
    return saved["result"]


def _fit(settings, images, title, changes, seed, path, tell):
    keras.utils.set_random_seed(seed)
    arguments = {"width": settings.width, "layers": settings.layers, **changes}
    flags = {name: arguments.pop(name, False) for name in ("unit_vectors", "tanh")}
    inr = ExternalINR(channels=images.shape[-1], **arguments)
    fit = fitting.fit(
        inr,
        images,
        settings.steps,
        seed,
        rate=settings.rate,
        points=settings.points,
        **flags,
        tell=tell,
    )
    hidden = inr.external_sizes[1:-1]
    result = {
        "title": title,
        "seed": seed,
        **changes,
        "external_per_layer": hidden[0] if hidden else 0,
        "external": inr.num_external_params,
        "shared": inr.count_params(),
        "mae": fit.mae,
        "psnr": fit.psnr,
        "steps": fit.steps,
        "seconds": fit.seconds,
        "deviation": fit.deviation,
        "history": [list(values) for values in fit.history],
    }
    contents = io.BytesIO()
    np.save(contents, fit.images[:SHOWN])
    write_beside(path.with_suffix(".npy"), lambda p: p.write_bytes(contents.getvalue()))
    text = json.dumps({"settings": _shared_settings(settings), "result": result})
    write_beside(path, lambda p: p.write_text(text + "\n", encoding="utf-8"))
    return result
