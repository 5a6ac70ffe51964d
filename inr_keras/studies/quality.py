"""Protocol of quality: sets of images scored at three sizes, beside their ceilings."""

import json
import pathlib

import numpy as np
import scipy.ndimage

from inr_keras import config as config_lib
from inr_keras import files
from inr_keras import runs
from inr_keras.data import sources
from inr_keras.evaluation import extractors
from inr_keras.evaluation import fixed_patterns
from inr_keras.evaluation import image_views
from inr_keras.evaluation import references
from inr_keras.evaluation import samples as samples_lib
from inr_keras.evaluation import set_scores
from inr_keras.files import write_beside
from inr_keras.runs import config_file
from inr_keras.studies import capacity
from inr_keras.studies import scoring
from inr_keras.training import networks

VIEWS = ("full", "half", "quarter")
CHANNELS = (1, 3)  # Numbers of channels that images may have.
_FEWEST = 12  # Real images: two halves, each with more than five.
_RING = 2  # Pixels at the border in which ink is looked for.
_INK = 48  # Levels from the ground's colour.
_INKED = 0.02  # Share of the ring's pixels from which an image has ink there.
_BATCH = 64
_BLUR = 1.0  # Standard deviation in pixels.


class Protocol:
    """Scores of sets of images against the real ones.

    Args:
        reference: `evaluation.references.Reference`, which keeps features of the real
            images and has them in random order.
        extractor: `evaluation.extractors.Extractor`.
    """

    def __init__(self, reference, extractor):
        self.extractor = extractor
        self._like = {"labels": reference.labels, "extents": reference.extents}
        self.reals = np.concatenate([images for _, images in reference.batches()])
        self._features = reference.features(VIEWS, extractor, 0, 0, lambda text: None)

    def of_generator(self, generator, count):
        """Scores `count` images of a generator, with the reals' classes and shapes."""
        seed = scoring.Request.seed
        samples = samples_lib.Samples(generator, count, seed, **self._like)
        return self.score(np.concatenate([images for _, images in samples.batches()]))

    def score(self, images):
        """Scores images against all real ones.

        Returns:
            dict: for each of `VIEWS` the dict of `set_scores.compare`; `pattern`, see
            `fixed_patterns`; and `border_ink`, see the function.
        """
        return self._scores(self._features, self._extract(images), images)

    def ceilings(self):
        """Yields titles and scores of real images, original and changed.

        They show the best scores that a generator can reach, and the cost of simple
        faults: one half of the real images against the other half; all images against
        their mirror images; and all images against images blurred by a pixel.
        """
        half = len(self.reals) // 2
        features = {view: f[half : 2 * half] for view, f in self._features.items()}
        others = {view: f[:half] for view, f in self._features.items()}
        found = self._scores(others, features, self.reals[half : 2 * half])
        yield "real half against the other half", found
        yield "reals mirrored", self.score(self.reals[:, :, ::-1])
        blurred = scipy.ndimage.gaussian_filter(self.reals, (0, _BLUR, _BLUR, 0))
        yield "reals blurred by a pixel", self.score(blurred)

    def _scores(self, real, fake, images):
        scores = {view: set_scores.compare(real[view], fake[view]) for view in VIEWS}
        scores["pattern"] = fixed_patterns.score(images)
        scores["border_ink"] = border_ink(images)
        return scores

    def _extract(self, images):
        return {
            view: np.concatenate(
                [
                    self.extractor(image_views.view_of(view, part, 0, 0, 0))["features"]
                    for part in np.split(images, range(_BATCH, len(images), _BATCH))
                ]
            )
            for view in VIEWS
        }


def check(generator, extractor, count):
    """Refuses what a `Protocol` and its ceilings cannot score.

    Args:
        generator: Generator, trained or not.
        extractor: `evaluation.extractors.Extractor`.
        count: int. Number of real images.

    Raises:
        ValueError: The images are too small or too few, or the generator draws full
            grids alone.
    """
    for view in VIEWS:
        image_views.check(view, generator.resolution, 0)
        extractor.outputs(image_views.side(view, generator.resolution, 0))
    if count < _FEWEST:
        raise ValueError(
            f"config.data.source must have {_FEWEST} images or more. Received: {count}"
        )
    if not generator.draws_any_point:
        raise ValueError(
            "`generator` must draw any point, as images are fitted at random points. "
            f"Received: {type(generator).__name__}"
        )


def judge(run, features, count):
    """Scores a run by the protocol, against all its real images.

    Args:
        run: str or path. Run directory.
        features: str. Path of a feature extractor.
        count: int. Number of the generator's images.

    Returns:
        dict, see `Protocol.score`.
    """
    config = config_file.load_config(pathlib.Path(run))
    protocol = open_protocol(config, features)
    return protocol.of_generator(runs.load_generator(run), count)


def open_protocol(config, features):
    """Opens the protocol of a config's real images."""
    source = sources.open_source(config.data, config.resolution)
    reference = references.Reference(source, references.cache_folder())
    return Protocol(reference, extractors.open_extractor(features))


def ceilings(config, features, steps, folder, tell=lambda text: None):
    """Computes the best scores that a generator could reach; keeps them in a folder.

    Args:
        config: Experiment, whose generator is fitted to the real images.
        features: str. Path of a feature extractor.
        steps: int. Steps of that fit, see `capacity.reconstruct`; 0: no fit.
        folder: path. Gets `ceilings.json`.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of dicts with `title` and `scores`, see `Protocol.score`.
    """
    path = pathlib.Path(folder) / "ceilings.json"
    is_file = pathlib.Path(features).is_file()
    settings = {
        # Through JSON, so that settings read back compare equal.
        "config": json.loads(json.dumps(config_lib.to_dict(config))),
        "features": pathlib.Path(features).name,
        **({"sha256": files.checksum(features)} if is_file else {}),
        "steps": steps,
        "images": sources.open_source(config.data, config.resolution).fingerprint(),
    }
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["settings"] == settings:
            return kept["ceilings"]
    protocol = open_protocol(config, features)
    found = [{"title": t, "scores": s} for t, s in protocol.ceilings()]
    if steps:
        fit = capacity.reconstruct(
            networks.build_generator(config),
            protocol.reals,
            steps,
            config.seed,
            lambda share, mae: tell(
                f"reals reconstructed: {share:.0%}, error {mae:.3f}"
            ),
        )
        title = f"reals reconstructed by the generator (PSNR {fit.psnr:.1f} dB)"
        found.append({"title": title, "scores": protocol.score(fit.images)})
    text = json.dumps({"settings": settings, "ceilings": found}, indent=2) + "\n"
    write_beside(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return found


def border_ink(images):
    """Computes the share of images with ink in their outermost two pixels.

    Ink is a pixel that differs by more than 48 levels in a channel from the ground, the
    median colour of the outermost pixels. An image counts if 2 % or more of these
    pixels are ink.

    Args:
        images: uint8 array `(N, R, R, C)`.
    """
    ring = np.ones(images.shape[1:3], bool)
    ring[_RING:-_RING, _RING:-_RING] = False
    pixels = images[:, ring].astype("float32")
    ground = np.median(pixels, axis=1, keepdims=True)
    ink = (np.abs(pixels - ground) > _INK).any(axis=-1)
    return float((ink.mean(axis=1) >= _INKED).mean())
