import numpy as np

from inr_keras.evaluation import fixed_patterns
from tests import testing


def clouds(count, seed, side=32):
    """Images without any place that differs from others."""
    return np.random.default_rng(seed).integers(60, 180, (count, side, side, 3))


class FixedPatternsTest(testing.TestCase):
    def test_chance_is_no_pattern(self):
        self.assertLess(fixed_patterns.score(clouds(400, 0).astype("uint8")), 0.02)

    def test_a_lattice_is_one_and_its_strength_is_told(self):
        images = clouds(400, 0)
        scores = []
        for strength in (20, 60):
            marked = images.copy()
            marked[:, 4::8, 4::8] += strength
            scores.append(fixed_patterns.score(marked.astype("uint8")))
        self.assertGreater(scores[0], 0.03)
        self.assertGreater(scores[1], 3 * scores[0])

    def test_a_smooth_change_over_the_frame_is_none(self):
        slope = np.linspace(0.2, 1.0, 32)[:, None, None]
        images = 120 + (clouds(400, 1) - 120) * slope
        self.assertLess(fixed_patterns.score(images.astype("uint8")), 0.06)

    def test_parts_equal_the_whole(self):
        images = clouds(30, 2).astype("uint8")
        edges = fixed_patterns.Edges()
        edges.add(images[:7]), edges.add(images[7:], 7)
        self.assertAllClose(edges.score(), fixed_patterns.score(images))
