"""Evaluation: all scores of a generator, in bounded memory."""

import dataclasses
import pathlib
import tempfile

import numpy as np

from inr_keras.evaluation import inr_scores
from inr_keras.evaluation import kernel_distances
from inr_keras.evaluation import measurements
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.evaluation import moments
from inr_keras.evaluation import neighbours
from inr_keras.evaluation import passports
from inr_keras.evaluation import resampling

_NEIGHBOUR_METRICS = {"pr", "dc", "nearest"}
# Metrics without features of real images.
_NO_REALS = {"is", "ppl", "scale", "seam", "pattern", "swd"}
_SHOWN = 8  # Fakes that are shown beside their nearest reals.


class Evaluation:
    """Evaluation of one generator against one reference.

    Args:
        settings: Settings.
        samples: Samples.
        reference: Reference.
        extractor: Extractor, or `None` where no metric needs one.
        folder: Path for features, which are removed at the end.
        log: Function of a line of text.

    Attributes:
        neighbours: Images of fakes and of the nearest real of each, after `run` with
            the metric `nearest`.
    """

    def __init__(
        self, settings, samples, reference, extractor, folder, log=lambda t: 0
    ):
        self.settings = settings
        self.samples = samples
        self.reference = reference
        self.extractor = extractor
        self.folder = pathlib.Path(folder)
        self.log = log
        self.neighbours = None
        self._chosen = set(settings.metrics)
        self._backend = metrics_lib.BACKENDS[settings.backend]
        self._draws = settings.bootstrap
        self._seed = samples.seed

    def run(self, measure=None):
        """Computes the scores, in the order of `metrics.METRICS`.

        Args:
            measure: Function from a folder for rows to the `Measurements` of all
                samples. Defaults to `None`: draws them.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=self.folder, prefix=".features_"
        ) as scratch:
            measure = measure or self.drawing().measure
            scores = self._scores(measure(pathlib.Path(scratch)))
        code = passports.code(self.settings.backend)
        names = list(metrics_lib.METRICS)
        scores = sorted(scores, key=lambda pair: names.index(pair[0]))
        return [self._with_passport(*pair, code) for pair in scores]

    def drawing(self):
        """Drawing of the samples, or of the part that they name."""
        return measurements.Drawing(
            self.settings, self.samples, self.reference, self.extractor, self.log
        )

    def _scores(self, found):
        needed = measurements.views_of(self._chosen - _NO_REALS)
        real = {}
        if needed:
            real = self.reference.features(
                needed,
                self.extractor,
                self.settings.patch_size,
                self._seed,
                self.log,
            )
        fake = found.rows
        self.log("Scores")
        scores = self._frechet(real, found)
        if "kid" in self._chosen:
            scores.append(("kid", self._kernel(real["full"], fake["full"])))
        if "is" in self._chosen:
            value, drawn = kernel_distances.inception_scores(
                fake["logits"], self._draws, self._seed
            )
            scores.append(("is", passports.score("is", value, "higher", drawn)))
        if self._chosen & _NEIGHBOUR_METRICS:
            scores += self._related(real["full"], fake["full"])
        if "diversity" in self._chosen:
            scores += self._diverse(real["full"], fake["full"])
        for metric, score in (
            ("seam", self._seam),
            ("swd", self._sliced),
            ("ppl", self._path_length),
            ("scale", self._scale),
        ):
            if metric in self._chosen:
                scores.append((metric, score(found.values[metric])))
        if "pattern" in self._chosen:
            scores.append(("pattern", self._pattern(found.sums["pattern"])))
        return scores

    def _seam(self, terms):
        return passports.score(
            "seam",
            inr_scores.seam_ratio(terms.mean(axis=0)),
            "1",
            inr_scores.seam_ratio(self._means(terms)),
            real=self.reference.seam(self.settings.patch_size),
        )

    def _pattern(self, edges):
        real = self.reference.pattern()
        return passports.score("pattern", edges.score(), "lower", real=real)

    def _means(self, values):
        return resampling.means(values, self._draws, self._seed)

    def _frechet(self, real, found):
        scores = []
        metrics = self._chosen & measurements.FRECHET
        for view in measurements.views_of(metrics):
            a, b, rows = (
                moments.moments(real[view]),
                found.moments(view),
                found.rows.get(view),
            )
            for metric in metrics:
                if metrics_lib.METRICS[metric] == view:
                    scores.append((metric, self._distance(metric, a, b, rows)))
        return scores

    def _distance(self, metric, a, b, rows):
        diagonal = metric == "dfid"
        if diagonal:
            value = moments.diagonal_frechet(a, b)
        else:
            value = moments.frechet(a, b, self._backend)
        drawn = None
        if self._draws > 1:
            values = moments.influence(a, b, rows, diagonal)
            drawn = value + self._means(values)
        mean = moments.mean_term(a, b)
        return passports.score(
            self._named(metric), value, "lower", drawn, mean_term=mean
        )

    def _named(self, metric):
        """Renames `fid` to `fd` unless the extractor is that of the published FID."""
        if self.extractor.is_reference:
            return metric
        return metric.replace("fid", "fd")

    def _kernel(self, real, fake):
        values = kernel_distances.kernel_distances(
            real, fake, self.settings.kernel_block, self._backend
        )
        spread = None
        if len(values) > 1:
            spread = float(np.std(values, ddof=1) / len(values) ** 0.5)
        return passports.score(
            "kid",
            values.mean(),
            "lower",
            self._means(values) if len(values) > 1 else None,
            standard_error=spread,
            blocks=len(values),
        )

    def _related(self, real, fake):
        """Scores neighbourhoods of as many reals as fakes, and copies among all fakes.

        Larger sets have more but smaller balls, so that scores of unequal sets would
        depend on their numbers of images.
        """
        scores = []
        if self._chosen & {"pr", "dc"}:
            count = min(len(real), len(fake))
            relations = neighbours.relate(real[:count], fake[:count])
            for metric, name in (
                ("pr", "precision"),
                ("pr", "recall"),
                ("dc", "density"),
                ("dc", "coverage"),
            ):
                if metric in self._chosen:
                    values = getattr(relations, name)()
                    scores.append((metric, self._mean(name, values, "higher")))
        if "nearest" in self._chosen:
            relations = neighbours.relate(real, fake, (1,))
            values = relations.authenticity()
            scores.append(("nearest", self._mean("authenticity", values, "higher")))
            closest = np.argsort(relations.distance, kind="stable")[:_SHOWN]
            self.neighbours = (
                self.samples.images(closest),
                self.reference.images([int(relations.nearest[i]) for i in closest]),
            )
        return scores

    def _mean(self, name, values, better):
        means = self._means(values)
        return passports.score(name, np.mean(values), better, means)

    def _diverse(self, real, fake):
        count = min(len(real), len(fake))
        a, b = (
            neighbours.radii(rows if len(rows) == count else rows[:count], (1,))
            for rows in (real, fake)
        )
        a, b = a[:, 0], b[:, 0]
        drawn = [
            neighbours.diversity(a, np.repeat(b, times))
            for times in resampling.counts(count, self._draws, self._seed)
        ]
        value = neighbours.diversity(a, b)
        copies = neighbours.duplicates(a, b)
        return [
            ("diversity", passports.score("diversity", value, "1", drawn)),
            ("diversity", self._mean("duplicates", copies, "lower")),
        ]

    def _sliced(self, values):
        return passports.score(
            "swd",
            np.mean(values),
            "lower",
            self._means(values) if len(values) > 1 else None,
            blocks=len(values),
            images_in_a_block=min(
                measurements.BLOCK, self.reference.count, self.samples.count
            ),
        )

    def _path_length(self, values):
        score = self._mean("ppl", values, "lower")
        score.extra["paths"] = len(values)
        return score

    def _scale(self, errors):
        drawn = np.sqrt(self._means(errors))
        return passports.score(
            "scale",
            np.sqrt(errors.mean()),
            "lower",
            drawn,
            images=len(errors),
        )

    def _with_passport(self, metric, score, code):
        samples = self.samples
        passport = {
            "samples": samples.count,
            "seed": samples.seed,
            "truncation": samples.truncation,
            "classes": samples.classes,
            "resolution": samples.resolution,
            "quantization": "none" if metric in ("ppl", "scale") else "uint8",
            "bootstrap": self._draws,
            "code": code,
        }
        if metric not in ("is", "ppl", "scale"):
            reference = self.reference
            passport |= {
                "data": reference.source.name,
                "data_sha256": reference.sha256,
                "real_images": reference.count,
                "filter": reference.filter,
            }
        if metrics_lib.METRICS[metric]:
            passport |= {
                "extractor": self.extractor.name,
                "extractor_sha256": self.extractor.sha256,
                "view": metrics_lib.METRICS[metric],
            }
        if metric in ("pr", "dc"):
            passport["equal_numbers"] = min(samples.count, self.reference.count)
        if metric in ("seam", "patch_fid"):
            passport["patch_size"] = self.settings.patch_size
        return dataclasses.replace(score, passport=passport)
