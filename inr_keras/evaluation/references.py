"""Real images that a generator is compared with, and their features."""

import hashlib
import json
import math

import numpy as np

from inr_keras import paths as paths_lib
from inr_keras.evaluation import array_file
from inr_keras.evaluation import fixed_patterns
from inr_keras.evaluation import image_views as views_lib
from inr_keras.evaluation import inr_scores
from inr_keras.files import write_beside
from inr_keras.progress_lines import with_progress

_ORDER = 0  # Seed of the images' order, as in `pipeline.real_images`.


def cache_folder():
    """Folder where features of real images are kept."""
    return paths_lib.cache_folder() / "features"


class Reference:
    """First images of a source, in an order that no setting changes.

    Features are kept on the disk by a hash of the facts that decide them: the decoded
    images, the view and the extractor.

    Args:
        source: `data.base_source.Source`.
        cache: Path of a folder, created if needed.
        limit: int. Most images to take; 0: all.
        batch: int. Images in memory at once.

    Attributes:
        count: int. Number of readable images.
        sha256: str. Checksum of the decoded images.
        filter: str. Filter that they were resized with.
        labels: int array `(count,)` of their classes, or `None`.
        extents: int array `(count, 2)` of their shapes, or `None`.
    """

    def __init__(self, source, cache, limit=0, batch=64):
        self.source = source
        self.filter = source.filter
        self.cache = cache
        self.limit = limit
        self.batch = batch
        digest = hashlib.sha256()
        self.count = 0
        extras = []
        for images, *batch_extras in self._items():
            digest.update(images.tobytes())
            self.count += len(images)
            extras.append(batch_extras)
        extras = [np.concatenate(parts) for parts in zip(*extras)]
        self.labels = extras[0] if source.classes else None
        self.extents = extras[-1] if source.keeps_aspect else None
        self.sha256 = digest.hexdigest()

    def batches(self):
        """Yields the number of the first image, and the uint8 images, of each batch."""
        first = 0
        for images, *_ in self._items():
            yield first, images
            first += len(images)

    def _items(self):
        images = self.source.dataset(_ORDER)
        if self.limit:
            images = images.take(self.limit)
        for item in images.batch(self.batch).as_numpy_iterator():
            yield item if isinstance(item, tuple) else (item,)

    def images(self, numbers):
        """Returns some images by their numbers, in that order."""
        wanted = set(numbers)
        images_by_number = {}
        for first, images in self.batches():
            for i in wanted & set(range(first, first + len(images))):
                images_by_number[i] = images[i - first]
            if len(images_by_number) == len(wanted):
                break
        return np.stack([images_by_number[i] for i in numbers])

    def seam(self, patch_size):
        """Seam score of the real images themselves."""
        terms = [
            inr_scores.seam_terms(images, patch_size).sum(axis=0)
            for _, images in self.batches()
        ]
        return float(inr_scores.seam_ratio(np.sum(terms, axis=0)))

    def pattern(self):
        """Pattern score of the real images themselves."""
        edges = fixed_patterns.Edges()
        for first, images in self.batches():
            edges.add(images, first)
        return edges.score()

    def features(self, views, extractor, patch_size, seed, log):
        """Returns the `Rows` of the features of each view, computed where needed."""
        paths = {
            view: self.cache / self._key(view, extractor, patch_size, seed)
            for view in views
        }
        missing = [v for v in views if not _is_whole(paths[v], self.count)]
        for view in missing:
            log(f"Features of {self.count} real images: {view}")

            def write(path, view=view):
                writer = array_file.RowsWriter(path, self.count)
                count = math.ceil(self.count / self.batch)
                for first, images in with_progress(self.batches(), count, log):
                    images = views_lib.view_of(view, images, first, patch_size, seed)
                    writer.append(extractor(images)["features"])
                writer.close()

            try:
                write_beside(paths[view], write)
            except OSError as error:
                self.cache = paths_lib.without_cache(error)
                paths[view] = self.cache / paths[view].name
                write_beside(paths[view], write)
        return {view: array_file.Rows(path) for view, path in paths.items()}

    def _key(self, view, extractor, patch_size, seed):
        facts = [self.sha256, self.count, view, extractor.sha256]
        if view == "patch":
            facts += [patch_size, seed]
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        return f"{digest[:32]}.npy"


def _is_whole(path, count):
    try:
        return len(array_file.Rows(path)) == count
    except (OSError, ValueError):
        return False
