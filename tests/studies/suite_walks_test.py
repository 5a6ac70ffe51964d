from unittest import mock

import numpy as np
from PIL import Image

from configs import tiny
from inr_keras import rendering
from inr_keras.studies import suite_walks
from inr_keras.training import networks
from tests import testing


class SuiteWalksTest(testing.TestCase):
    def test_even_walks_and_jumps(self):
        # One walk of equal steps to and fro, and one that jumps there and back.
        heights = np.array([[0, 1, 2, 1], [0, 0, 4, 4]], "float32")
        films = np.ones((2, 4, 3, 3, 1), "float32") * heights[..., None, None, None]
        self.assertAllClose(suite_walks.unevenness(films[:1]), 1.0)
        self.assertAllClose(suite_walks.unevenness(films[1:]), 2.0)
        self.assertAllClose(suite_walks.unevenness(films), 1.5)
        self.assertEqual(suite_walks.unevenness(0.0 * films), 0.0)

    def test_strip_and_film(self):
        folder = self.temporary_folder() / "page"
        config = tiny.get_config()
        config.resolution = 8
        generator = networks.build_generator(config)
        pairs = [
            ({"title": title, "seed": 3, "scores": {"ppl": ppl}}, generator)
            for title, ppl in (("free", 1234.5), ("clipped", 9.0))
        ]
        text, files = suite_walks.write(pairs, folder)
        for path in files:
            self.assertIn(f"(page/{path.name})", text)
        strip, film = (Image.open(path) for path in files)
        self.assertEqual(strip.size, (13 * 50 - 2, 2 * 50 - 2))
        self.assertEqual(film.n_frames, 40)
        self.assertEqual(film.size, (4 * 50 - 2, 2 * 50 - 2))
        rows = [line for line in text.splitlines() if "seed 3 |" in line]
        self.assertRegex(rows[0], r"^\| free, seed 3 \| 1,234 \| \d\.\d\d \|$")
        # The same generator walks alike.
        self.assertEqual(rows[0].split("|")[3], rows[1].split("|")[3])

    def test_a_walk_stays_in_a_class(self):
        config = tiny.get_config()
        config.resolution = 8
        config.data.labels, config.data.classes = True, ("a", "b", "c")
        renderer = rendering.Renderer(networks.build_generator(config))
        with mock.patch.object(renderer, "styles", wraps=renderer.styles) as styles:
            films = suite_walks._walks(renderer, [(4, 5), (2, 3)], 3, loop=True)
        self.assertEqual(films.shape[:2], (2, 3))
        labels = styles.call_args.kwargs["labels"]
        self.assertEqual([int(label) for label in labels], [1, 1, 1, 2, 2, 2])
