import numpy as np

from inr_keras.evaluation import moments
from inr_keras.evaluation import neighbours
from inr_keras.evaluation import set_scores
from tests import testing


class SetScoresTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.real = rng.normal(size=(90, 4))
        self.same = rng.normal(size=(300, 4))

    def test_equal_numbers(self):
        found = set_scores.compare(self.real, self.same)
        first = self.same[:90]
        relations = neighbours.relate(self.real, first)
        for name in ("precision", "recall", "density", "coverage"):
            for k in (3, 5):
                expected = getattr(relations, name)(k).mean()
                self.assertAllClose(found[f"{name}_{k}"], expected)
        self.assertEqual(found["count"], 90)

    def test_fakes_beside_the_reals_lose_recall_with_their_number(self):
        wide = np.concatenate([self.real, np.zeros((90, 1))], axis=1)
        fakes = np.concatenate([self.same, np.ones((300, 1))], axis=1)
        equal = set_scores.compare(wide, fakes)["recall_3"]
        self.assertLess(neighbours.relate(wide, fakes).recall().mean() + 0.1, equal)

    def test_parts_of_the_distance(self):
        moved = self.same + [2.0, 0.0, 0.0, 0.0]
        found = set_scores.compare(self.real, moved)
        whole = moments.frechet(moments.moments(self.real), moments.moments(moved))
        self.assertAllClose(found["fd"], whole)
        self.assertAllClose(found["fd_mean"], 4.0, 0.3)
        self.assertAllClose(found["fd_mean"] + found["fd_covariance"], whole)
        wide = set_scores.compare(self.real, 3.0 * self.same)
        self.assertGreater(wide["fd_covariance"], 10 * wide["fd_mean"])

    def test_same_and_collapsed(self):
        found = set_scores.compare(self.real, self.same)
        for name in ("diversity", "nearest"):
            self.assertAllClose(found[name], 1.0, atol=0.3)
        collapsed = set_scores.compare(self.real, self.same * 1e-6)
        self.assertLess(collapsed["diversity"], 0.01)
        self.assertGreater(collapsed["duplicates"], 0.9)
        copies = set_scores.compare(self.real, self.real + 1e-9)
        self.assertLess(copies["nearest"], 1e-3)
