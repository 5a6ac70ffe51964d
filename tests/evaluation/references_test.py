import numpy as np
from PIL import Image

from inr_keras import config
from inr_keras.data import sources
from inr_keras.evaluation import extractors
from inr_keras.evaluation import inr_scores
from inr_keras.evaluation import references
from tests import testing
from tests.evaluation import small_sets


class ReferenceTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder() / "images"
        self.folder.mkdir()
        rng = np.random.default_rng(0)
        for i in range(9):
            pixels = rng.integers(0, 256, (16, 16, 3)).astype("uint8")
            Image.fromarray(pixels).save(self.folder / f"{i}.png")
        self.cache = self.temporary_folder() / "cache"
        self.told = []

    def reference(self, **kwargs):
        data = config.Data(source=str(self.folder))
        source = sources.open_source(data, 16)
        return references.Reference(source, self.cache, batch=4, **kwargs)

    def features(self, reference, views, patch_size=8, seed=0):
        self.told.clear()
        pixels = extractors.open_extractor("pixels")
        return reference.features(views, pixels, patch_size, seed, self.told.append)

    def test_images_and_their_hash(self):
        reference = self.reference()
        self.assertEqual(reference.count, 9)
        joined = np.concatenate([images for _, images in reference.batches()])
        self.assertAllEqual(reference.images([8, 0, 5]), joined[[8, 0, 5]])
        self.assertEqual(self.reference().sha256, reference.sha256)
        fewer = self.reference(limit=5)
        self.assertEqual(fewer.count, 5)
        self.assertNotEqual(fewer.sha256, reference.sha256)
        (self.folder / "3.png").unlink()
        self.assertNotEqual(self.reference().sha256, reference.sha256)

    def test_what_comes_with_images(self):
        self.assertIsNone(self.reference().labels)
        self.assertIsNone(self.reference().extents)
        images = np.zeros((9, 4, 4, 3), "uint8")
        labels = np.arange(9, dtype="int32")
        extents = np.stack([labels, labels + 1], axis=-1)
        for classes, shaped in (((), True), ("ab", False), ("ab", True)):
            source = small_sets.Source(
                images, labels, classes, extents if shaped else None
            )
            found = references.Reference(source, self.cache, batch=4)
            if classes:
                self.assertAllEqual(found.labels, labels)
            if shaped:
                self.assertAllEqual(found.extents, extents)
                self.assertEqual(found.filter, "none")

    def test_features_are_kept(self):
        reference = self.reference()
        found = self.features(reference, ["full", "patch"])
        self.assertEqual(len(self.told), 2)
        joined = np.concatenate([images for _, images in reference.batches()])
        pixels = extractors.open_extractor("pixels")
        self.assertAllClose(found["full"][:], pixels(joined)["features"])
        again = self.features(self.reference(), ["full", "patch"])
        self.assertEqual(self.told, [])
        self.assertAllEqual(again["patch"][:], found["patch"][:])
        other = self.features(reference, ["full", "patch"], seed=1)
        self.assertEqual(len(self.told), 1)
        self.assertGreater(np.abs(other["patch"][:] - found["patch"][:]).max(), 0)

    def test_features_without_a_cache(self):
        self.cache.write_text("")  # No folder.
        reference = self.reference()
        found = self.features(reference, ["full"])
        self.assertEqual(found["full"].shape[0], 9)
        self.assertEqual(len(self.told), 1)
        self.features(reference, ["full"])
        self.assertEqual(self.told, [])

    def test_damaged_features_are_made_anew(self):
        found = self.features(self.reference(), ["full"])["full"]
        expected = found[:]
        found.path.write_bytes(found.path.read_bytes()[:-8])
        again = self.features(self.reference(), ["full"])["full"]
        self.assertEqual(len(self.told), 1)
        self.assertAllEqual(again[:], expected)

    def test_labels(self):
        self.assertIsNone(self.reference().labels)
        images = small_sets.drawings(6, 0)
        labels = np.array([2, 0, 1, 1, 0, 2], "int32")
        source = small_sets.Source(images, labels, ("a", "b", "c"))
        reference = references.Reference(source, self.cache, 5, batch=2)
        self.assertAllEqual(reference.labels, labels[:5])
        self.assertAllEqual(reference.images([4, 1]), images[[4, 1]])

    def test_seam(self):
        reference = self.reference()
        images = reference.images(list(range(9)))
        terms = inr_scores.seam_terms(images, 4).mean(axis=0)
        expected = inr_scores.seam_ratio(terms)
        self.assertAllClose(reference.seam(4), expected)
