"""All scores of a generator, in memory that their number does not change."""

import dataclasses
import pathlib
import tempfile

import numpy as np

from inr_keras.evaluation import array_file as rows_lib
from inr_keras.evaluation import inr_scores
from inr_keras.evaluation import kernel
from inr_keras.evaluation import manifold
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.evaluation import moments
from inr_keras.evaluation import passports
from inr_keras.evaluation import resampling
from inr_keras.evaluation import samples as samples_lib
from inr_keras.evaluation import sliced_wasserstein
from inr_keras.evaluation import views as views_lib

_RELATED = {"pr", "dc", "nearest"}
_FRECHET = {"fid", "dfid", "fid_half", "fid_quarter", "patch_fid"}
_NO_REALS = {"is", "ppl", "scale", "seam", "swd"}  # No features of them.
_SWD_BLOCK = 256  # Images; the distance falls with more of them.
_SWD_PROJECTIONS = 1
_SHOWN = 8  # Fakes beside their nearest reals.


class Evaluation:
    """One generator against one reference.

    Args:
        settings: Settings.
        samples: Samples.
        reference: Reference.
        extractor: Extractor, or `None` where no metric needs one.
        folder: Path for features, which are removed at the end.
        tell: Function of a line of text.
    """

    def __init__(
        self, settings, samples, reference, extractor, folder, tell=lambda t: 0
    ):
        self.settings = settings
        self.samples = samples
        self.reference = reference
        self.extractor = extractor
        self.folder = pathlib.Path(folder)
        self.tell = tell
        self.neighbours = None  # (fakes, reals) images, where asked for.
        self._chosen = set(settings.metrics)
        self._draws = settings.bootstrap
        self._seed = samples.seed

    def run(self):
        """Returns the scores, in the order of `metrics.METRICS`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=self.folder, prefix=".features_"
        ) as scratch:
            found = self._measure(pathlib.Path(scratch))
        code = passports.code()
        names = list(metrics_lib.METRICS)
        found = sorted(found, key=lambda pair: names.index(pair[0]))
        return [self._with_passport(*pair, code) for pair in found]

    def _measure(self, scratch):
        found = self._draw(scratch)
        needed = self._views(self._chosen - _NO_REALS)
        real = {}
        if needed:
            real = self.reference.features(
                needed,
                self.extractor,
                self.settings.patch_size,
                self._seed,
                self.tell,
            )
        fake = {path.stem: rows_lib.Rows(path) for path in scratch.glob("*.npy")}
        self.tell("Scores")
        found += self._frechet(real, fake)
        if "kid" in self._chosen:
            found.append(("kid", self._kernel(real["full"], fake["full"])))
        if "is" in self._chosen:
            value, drawn = kernel.inception_scores(
                fake["logits"], self._draws, self._seed
            )
            found.append(("is", passports.score("is", value, "higher", drawn)))
        if self._chosen & _RELATED:
            found += self._related(real["full"], fake["full"])
        if "diversity" in self._chosen:
            found += self._diverse(real["full"], fake["full"])
        if "swd" in self._chosen:
            found.append(("swd", self._sliced()))
        if "ppl" in self._chosen:
            found.append(("ppl", self._path_length()))
        if "scale" in self._chosen:
            found.append(("scale", self._scale()))
        return found

    def _views(self, metrics):
        found = {metrics_lib.METRICS[metric] for metric in metrics}
        return sorted(found - {None})

    def _draw(self, scratch):
        """Draws all samples once, for their features and seams."""
        views = self._views(self._chosen - {"ppl"})
        count = self.samples.count
        logits = ["logits"] if "is" in self._chosen else []
        writers = {
            name: rows_lib.RowsWriter(scratch / f"{name}.npy", count)
            for name in [*views, *logits]
        }
        terms = []
        if writers or "seam" in self._chosen:
            self.tell(f"Drawing {count} samples: {', '.join(writers)}")
            for first, images in self.samples.batches():
                for view in views:
                    seen = views_lib.view_of(
                        view,
                        images,
                        first,
                        self.settings.patch_size,
                        self._seed,
                    )
                    found = self.extractor(seen)
                    writers[view].append(found["features"])
                    if view == "full" and "logits" in writers:
                        writers["logits"].append(found["logits"])
                if "seam" in self._chosen:
                    size = self.settings.patch_size
                    terms.append(inr_scores.seam_terms(images, size))
        for writer in writers.values():
            writer.close()
        if not terms:
            return []
        terms = np.concatenate(terms)
        found = passports.score(
            "seam",
            inr_scores.seam_ratio(terms.mean(axis=0)),
            "1",
            inr_scores.seam_ratio(self._means(terms)),
            real=self.reference.seam(self.settings.patch_size),
        )
        return [("seam", found)]

    def _means(self, values):
        return resampling.means(values, self._draws, self._seed)

    def _frechet(self, real, fake):
        found = []
        metrics = self._chosen & _FRECHET
        for view in self._views(metrics):
            a, b = moments.moments(real[view]), moments.moments(fake[view])
            for metric in metrics:
                if metrics_lib.METRICS[metric] == view:
                    found.append((metric, self._distance(metric, a, b, fake[view])))
        return found

    def _distance(self, metric, a, b, rows):
        diagonal = metric == "dfid"
        function = moments.diagonal_frechet if diagonal else moments.frechet
        value = function(a, b)
        drawn = None
        if self._draws > 1:
            values = moments.influence(a, b, rows, diagonal)
            drawn = value + self._means(values)
        return passports.score(self._named(metric), value, "lower", drawn)

    def _named(self, metric):
        """`fid` of the published FID's network alone, else `fd`."""
        if self.extractor.is_reference:
            return metric
        return metric.replace("fid", "fd")

    def _kernel(self, real, fake):
        values = kernel.kernel_distances(real, fake, self.settings.kernel_block)
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
        relations = manifold.relate(real, fake)
        found = []
        for metric, name in (
            ("pr", "precision"),
            ("pr", "recall"),
            ("dc", "density"),
            ("dc", "coverage"),
            ("nearest", "authenticity"),
        ):
            if metric in self._chosen:
                values = getattr(relations, name)()
                found.append((metric, self._mean(name, values, "higher")))
        if "nearest" in self._chosen:
            closest = np.argsort(relations.distance, kind="stable")[:_SHOWN]
            self.neighbours = (
                self.samples.images(closest),
                self.reference.images([int(relations.nearest[i]) for i in closest]),
            )
        return found

    def _mean(self, name, values, better):
        means = self._means(values)
        return passports.score(name, np.mean(values), better, means)

    def _diverse(self, real, fake):
        count = min(len(real), len(fake))
        a, b = (
            manifold.radii(rows if len(rows) == count else rows[:count], (1,))
            for rows in (real, fake)
        )
        a, b = a[:, 0], b[:, 0]
        drawn = [
            manifold.diversity(a, np.repeat(b, times))
            for times in resampling.counts(count, self._draws, self._seed)
        ]
        value = manifold.diversity(a, b)
        copies = manifold.duplicates(a, b)
        return [
            ("diversity", passports.score("diversity", value, "1", drawn)),
            ("diversity", self._mean("duplicates", copies, "lower")),
        ]

    def _sliced(self):
        self.tell("Sliced Wasserstein distance")
        values = []
        pairs = zip(
            samples_lib.in_blocks(self.reference.batches(), _SWD_BLOCK),
            samples_lib.in_blocks(self.samples.batches(), _SWD_BLOCK),
        )
        for number, (real, fake) in enumerate(pairs):
            count = min(len(real), len(fake))
            if values and count < _SWD_BLOCK:
                break  # A smaller last block would weigh as much, and differ.
            values.append(
                sliced_wasserstein.distance(
                    real[:count],
                    fake[:count],
                    self._seed + number,
                    _SWD_PROJECTIONS,
                )
            )
        return passports.score(
            "swd",
            np.mean(values),
            "lower",
            self._means(values) if len(values) > 1 else None,
            blocks=len(values),
            images_in_a_block=min(_SWD_BLOCK, self.reference.count, self.samples.count),
        )

    def _path_length(self):
        self.tell("Path length")
        renderer = self.samples.renderer
        values = []
        for first in range(0, self._paths, self.samples.batch):
            last = min(first + self.samples.batch, self._paths)
            points = inr_scores.path_points(
                self.samples.path_styles(range(first, last)),
                (self._seed, first),
            )
            features = []
            for point in points:
                images = inr_scores.float_levels(renderer.render(point))
                found = self.extractor(samples_lib.to_rgb(images))
                features.append(found["features"])
            values.append(inr_scores.path_lengths(*features))
        values = np.concatenate(values)
        found = self._mean("ppl", values, "lower")
        found.extra["paths"] = self._paths
        return found

    @property
    def _paths(self):
        return max(1, self.samples.count // 4)

    def _scale(self):
        self.tell("Scale consistency")
        renderer = self.samples.renderer
        errors = []
        for first in range(0, self._paths, 16):  # Four times the pixels.
            numbers = range(first, min(first + 16, self._paths))
            styles = self.samples.styles(numbers)
            errors.append(inr_scores.scale_errors(renderer, styles))
        errors = np.concatenate(errors)
        drawn = np.sqrt(self._means(errors))
        return passports.score(
            "scale",
            np.sqrt(errors.mean()),
            "lower",
            drawn,
            images=self._paths,
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
        if metric in ("seam", "patch_fid"):
            passport["patch_size"] = self.settings.patch_size
        return dataclasses.replace(score, passport=passport)
