import numpy as np
import pytest

from inr_keras.evaluation import sliced_wasserstein
from inr_keras.files import checksum
from inr_keras.training import checkpoints
from inr_keras.training.health import best
from tests import testing
from tests.training import small


def record(value, images_seen=4, metric="swd", better="lower", **passport):
    return {
        "metric": metric,
        "value": value,
        "better": better,
        "passport": {"samples": 8, **passport},
        "images_seen": images_seen,
    }


class BestTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.gan = small.small_gan()
        self.best = best.BestState(self.gan, self.folder, "swd")

    @pytest.mark.slow
    def test_is_better(self):
        self.assertTrue(self.best.is_better(record(0.5)))
        self.assertFalse(self.best.is_better(record(None)))
        self.best.keep(record(0.5))
        for value, expected in ((0.4, True), (0.5, False), (0.6, False)):
            self.assertEqual(self.best.is_better(record(value)), expected)
        # What cannot be compared gives way.
        self.assertTrue(self.best.is_better(record(0.9, samples=16)))
        self.assertTrue(self.best.is_better(record(0.9, metric="kid")))
        self.best.keep(record(0.5, metric="recall", better="higher"))
        for value, expected in ((0.4, False), (0.6, True)):
            new = record(value, metric="recall", better="higher")
            self.assertEqual(self.best.is_better(new), expected)

    def test_what_earlier_versions_wrote(self):
        (self.folder / "best.json").write_text('{"score": 0.1}')
        self.assertIsNone(self.best.read())
        self.assertEqual(best.summary(self.folder), [])

    @pytest.mark.slow
    def test_the_best_stays_and_comes_back(self):
        folder = self.folder / "checkpoints"
        self.gan.images_seen.assign(4)
        self.best.keep(record(0.5, 4))
        kernel = self.gan.generator.trainable_variables[0]
        at_best = np.array(kernel)
        for seen in (2, 8, 12):
            self.gan.images_seen.assign(seen)
            kernel.assign(kernel + 1.0)
            checkpoints.save(self.gan, folder, keep=3)
        self.assertEqual(best.restore(self.folder, 10), 4)
        names = {path.name for path in folder.iterdir()}
        self.assertEqual(
            names,
            {
                name + end
                for name in (
                    "best.weights.h5",
                    "images_0000000002.weights.h5",
                    "images_0000000004.weights.h5",
                )
                for end in ("", ".sha256")
            },
        )
        checkpoints.restore(self.gan, folder)
        self.assertEqual(self.gan.count("images_seen"), 4)
        self.assertAllEqual(kernel, at_best)
        [(path, meaning)] = best.summary(self.folder)
        self.assertTrue(path.is_file())
        self.assertIn("best swd, 0.5 at 0.0 kimg", meaning)

        with self.subTest("again, where a kill has come between"):
            before = checksum(folder / "images_0000000004.weights.h5")
            self.assertEqual(best.restore(self.folder, 10), 4)
            after = checksum(folder / "images_0000000004.weights.h5")
            self.assertEqual(after, before)

        with self.subTest("a torn one does not count"):
            (folder / "best.weights.h5").write_bytes(b"torn")
            self.assertEqual(best.restore(self.folder, 3), 2)
            self.assertEqual(len(checkpoints.paths(folder)), 1)


class SlicedWassersteinTest(testing.TestCase):
    @pytest.mark.slow
    def test_order_and_repetition(self):
        rng = np.random.default_rng(0)
        base = np.kron(rng.integers(0, 256, (24, 8, 8, 3)), np.ones((1, 4, 4, 1)))
        real = base.astype("uint8")
        noisy = np.clip(base + rng.normal(0, 60, base.shape), 0, 255)
        noise = rng.integers(0, 256, base.shape).astype("uint8")
        state = np.random.get_state()[1].copy()
        same = sliced_wasserstein.distance(real, real)
        near = sliced_wasserstein.distance(real, noisy.astype("uint8"))
        far = sliced_wasserstein.distance(real, noise)
        self.assertLess(same, near)
        self.assertLess(near, far)
        self.assertEqual(sliced_wasserstein.distance(real, noise), far)
        np.testing.assert_array_equal(np.random.get_state()[1], state)
