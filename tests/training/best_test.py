import json

import numpy as np
import pytest

from inr_keras.evaluation import scores
from inr_keras.files import checksum
from inr_keras.training import best
from inr_keras.training import checkpoints
from tests import testing
from tests.training import small


class BestTest(testing.TestCase):
    @pytest.mark.slow
    def test_the_best_stays(self):
        folder = self.temporary_folder()
        gan = small.small_gan()
        gan.images_seen.assign(4)
        real = small.random_pictures(16)
        judge = best.Best(gan, folder, real)
        path = checkpoints.save(gan, folder / "checkpoints", keep=1)
        judge.judge(path)
        first = judge.read()
        self.assertEqual(first["images_seen"], 4)
        target = folder / "checkpoints" / "best.weights.h5"
        self.assertEqual(checksum(target), checksum(path))
        self.assertTrue((folder / "best_generator.keras").is_file())

        with self.subTest("the same state again is no better"):
            before = (folder / "best_generator.keras").read_bytes()
            gan.images_seen.assign(8)
            judge.judge(path)
            self.assertEqual(judge.read(), first)
            after = (folder / "best_generator.keras").read_bytes()
            self.assertEqual(after, before)

        with self.subTest("a worse record gives way"):
            worse = {**first, "score": first["score"] + 1.0}
            (folder / "best.json").write_text(json.dumps(worse))
            judge.judge(path)
            self.assertEqual(judge.read()["images_seen"], 8)
            self.assertEqual(judge.read()["score"], first["score"])

        with self.subTest("the last ones go, the best does not"):
            gan.images_seen.assign(12)
            checkpoints.save(gan, folder / "checkpoints", keep=1)
            names = {p.name for p in (folder / "checkpoints").iterdir()}
            self.assertEqual(
                names,
                {
                    "best.weights.h5",
                    "best.weights.h5.sha256",
                    "images_0000000012.weights.h5",
                    "images_0000000012.weights.h5.sha256",
                },
            )


class SlicedWassersteinTest(testing.TestCase):
    def test_order_and_repetition(self):
        rng = np.random.default_rng(0)
        base = np.kron(
            rng.integers(0, 256, (24, 8, 8, 3)), np.ones((1, 4, 4, 1))
        )
        real = base.astype("uint8")
        noisy = np.clip(base + rng.normal(0, 60, base.shape), 0, 255)
        noise = rng.integers(0, 256, base.shape).astype("uint8")
        state = np.random.get_state()[1].copy()
        same = scores.sliced_wasserstein(real, real)
        near = scores.sliced_wasserstein(real, noisy.astype("uint8"))
        far = scores.sliced_wasserstein(real, noise)
        self.assertLess(same, near)
        self.assertLess(near, far)
        self.assertEqual(scores.sliced_wasserstein(real, noise), far)
        np.testing.assert_array_equal(np.random.get_state()[1], state)
