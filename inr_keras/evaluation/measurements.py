"""Measurements of all samples, or of a part of them, from which scores are computed.

Processes may measure parts of the samples, which are then joined.
"""

import itertools

import numpy as np

from inr_keras.evaluation import array_file
from inr_keras.evaluation import fixed_patterns
from inr_keras.evaluation import image_views as views_lib
from inr_keras.evaluation import inr_scores
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.evaluation import moments
from inr_keras.evaluation import samples as samples_lib
from inr_keras.evaluation import sliced_wasserstein
from inr_keras.progress_lines import with_progress

# Parts begin at multiples of this number of images, over which sliced distances are
# computed, because they fall with the number. It is a multiple of all batch sizes.
BLOCK = 256
FRECHET = {"fid", "dfid", "fid_half", "fid_quarter", "patch_fid"}
_PROJECTIONS = 1
_SCALE_BATCH = 16  # Drawn at four times the pixels.
_FILE = "measurements.npz"


class Measurements:
    """Measurements of some samples.

    Attributes:
        rows: dict from views, and `logits`, to `array_file.Rows` of the samples.
        sums: dict from views to `Moments`, where Fréchet distances without intervals
            need no rows, and from `pattern` to `Edges`.
        values: dict from metrics to float64 arrays, of a row for each sample, path or
            block.
    """

    def __init__(self):
        self.rows = {}
        self.sums = {}
        self.values = {}

    def moments(self, view):
        """Moments of the features of a view."""
        return self.sums.get(view) or moments.moments(self.rows[view])

    def save(self, folder):
        """Writes the measurements other than rows into the folder of the rows."""
        arrays = {f"value {name}": values for name, values in self.values.items()}
        for name, sums in self.sums.items():
            for key, value in vars(sums).items():
                arrays[f"sum {name} {key}"] = value
        np.savez(folder / _FILE, **arrays)

    @classmethod
    def load(cls, folder):
        """Reads the measurements that `save` has written."""
        result = cls()
        result.rows = _rows(folder)
        with np.load(folder / _FILE) as arrays:
            for key in arrays:
                kind, name, *rest = key.split()
                if kind == "value":
                    result.values[name] = arrays[key]
                else:
                    sums = result.sums.setdefault(name, _new_sums(name))
                    setattr(sums, rest[0], arrays[key])
        return result


def joined(parts, folder):
    """Joins `Measurements` of consecutive parts; their rows are written to a folder."""
    result = Measurements()
    for name in parts[0].rows:
        rows = [part.rows[name] for part in parts]
        writer = array_file.RowsWriter(folder / f"{name}.npy", sum(map(len, rows)))
        for _, block in itertools.chain(*map(array_file.blocks, rows)):
            writer.append(block)
        writer.close()
    result.rows = _rows(folder)
    for name in parts[0].sums:
        result.sums[name] = _new_sums(name)
        for part in parts:
            result.sums[name].join(**vars(part.sums[name]))
    for name in parts[0].values:
        result.values[name] = np.concatenate([part.values[name] for part in parts])
    return result


def _rows(folder):
    return {path.stem: array_file.Rows(path) for path in folder.glob("*.npy")}


def _new_sums(name):
    return fixed_patterns.Edges() if name == "pattern" else moments.Moments()


class Drawing:
    """Drawing of a part of the samples, each once for all features.

    Args:
        settings: `metrics.Settings`.
        samples: Samples.
        reference: Reference.
        extractor: Extractor, or `None` where no metric needs one.
        log: Function of a line of text.
    """

    def __init__(self, settings, samples, reference, extractor, log):
        self.settings = settings
        self.samples = samples
        self.reference = reference
        self.extractor = extractor
        self.log = log
        self._chosen = set(settings.metrics)

    def measure(self, folder):
        """Returns the `Measurements`; their rows are written to a folder."""
        result = self._of_images(folder)
        for metric, values in (
            ("swd", self._sliced),
            ("ppl", self._path_lengths),
            ("scale", self._scale_errors),
        ):
            if metric in self._chosen:
                result.values[metric] = np.array(list(values()), "float64")
        return result

    def _of_images(self, folder):
        part = self.samples.part
        views = views_of(self._chosen - {"ppl"})
        logits = ["logits"] if "is" in self._chosen else []
        names = [*filter(self._needs_rows, views), *logits]
        result = Measurements()
        writers = {
            name: array_file.RowsWriter(folder / f"{name}.npy", len(part))
            for name in names
        }
        sums = set(views) - set(names) | self._chosen & {"pattern"}
        result.sums = {name: _new_sums(name) for name in sums}
        terms = []
        if views or self._chosen & {"seam", "pattern"}:
            self.log(f"Drawing {len(part)} samples: {', '.join([*views, *logits])}")
            for first, images in self._batches():
                for view in views:
                    outputs = self._outputs(view, images, first)
                    if view in writers:
                        writers[view].append(outputs["features"])
                    else:
                        result.sums[view].add(outputs["features"])
                    if view == "full" and "logits" in writers:
                        writers["logits"].append(outputs["logits"])
                if "seam" in self._chosen:
                    size = self.settings.patch_size
                    terms.append(inr_scores.seam_terms(images, size))
                if "pattern" in self._chosen:
                    result.sums["pattern"].add(images, first)
        for writer in writers.values():
            writer.close()
        if terms:
            result.values["seam"] = np.concatenate(terms)
        result.rows = _rows(folder)
        return result

    def _batches(self):
        return with_progress(
            self.samples.batches(),
            len(self.samples.part),
            self.log,
            size=lambda batch: len(batch[1]),
        )

    def _needs_rows(self, view):
        """Tells whether the features of a view are needed, not their moments alone."""
        metrics = {m for m in self._chosen if metrics_lib.METRICS[m] == view}
        return self.settings.bootstrap > 1 or bool(metrics - {"ppl"} - FRECHET)

    def _outputs(self, view, images, first):
        size = self.settings.patch_size
        return self.extractor(
            views_lib.view_of(view, images, first, size, self.samples.seed)
        )

    def _sliced(self):
        self.log("Sliced Wasserstein distance")
        first = self.samples.part.start // BLOCK
        reals = samples_lib.in_blocks(self.reference.batches(), BLOCK)
        pairs = zip(
            itertools.islice(reals, first, None),
            samples_lib.in_blocks(self._batches(), BLOCK),
        )
        for number, (real, fake) in enumerate(pairs, first):
            count = min(len(real), len(fake))
            if number and count < BLOCK:
                break  # A smaller last block would differ, and weigh as much.
            yield sliced_wasserstein.distance(
                real[:count],
                fake[:count],
                self.samples.seed + number,
                _PROJECTIONS,
                metrics_lib.BACKENDS[self.settings.backend],
            )

    def _path_lengths(self):
        self.log("Path length")
        samples = self.samples
        parts = samples_lib.in_batches(self._paths(), samples.batch)
        for numbers in with_progress(parts, len(parts), self.log):
            points = inr_scores.path_points(
                samples.path_styles(numbers), (samples.seed, numbers.start)
            )
            features = []
            for point in points:
                images = inr_scores.float_levels(samples.renderer.render(point))
                outputs = self.extractor(samples_lib.to_rgb(images))
                features.append(outputs["features"])
            yield from inr_scores.path_lengths(*features)

    def _scale_errors(self):
        self.log("Scale consistency")
        parts = samples_lib.in_batches(self._paths(), _SCALE_BATCH)
        for numbers in with_progress(parts, len(parts), self.log):
            styles = self.samples.styles(numbers)
            yield from inr_scores.scale_errors(self.samples.renderer, styles)

    def _paths(self):
        """Numbers of the part's paths: one for four samples, and one in all."""
        part, count = self.samples.part, self.samples.count
        last = part.stop // 4 if part.stop < count else max(1, count // 4)
        return range(part.start // 4, last)


def views_of(metrics):
    """Views of the images that some metrics see, in the order of their names."""
    return sorted({metrics_lib.METRICS[metric] for metric in metrics} - {None})
