import numpy as np
import pytest
import rich.console
from PIL import Image

from configs import tiny
from inr_keras.benchmarks import data_speed
from tests import testing


class WriteImagesTest(testing.TestCase):
    def test_images_differ_and_are_of_the_size(self):
        folder = self.temporary_folder()
        data_speed.write_images(folder, 3, 24)
        paths = sorted(folder.iterdir())
        self.assertEqual(len({path.read_bytes() for path in paths}), 3)
        with Image.open(paths[0]) as image:
            self.assertEqual(image.size, (24, 24))
            self.assertGreater(np.asarray(image).std(), 10)


class MeasureTest(testing.TestCase):
    def test_a_rate_counts_all_that_comes(self):
        calls = []
        rate = data_speed._rate(calls.append, 4, 0.02)
        self.assertEqual(calls, list(range(len(calls))))
        self.assertGreater(rate, 0)
        self.assertLessEqual(rate, 4 * len(calls) / 0.02)

    @pytest.mark.slow
    def test_measures_every_source_and_a_step(self):
        config = tiny.get_config()
        config.data.stored_levels = True
        told = []
        measured = data_speed.measure(
            config, (16, 32), count=8, seconds=0.05, tell=told.append
        )
        self.assertEqual([row["resolution"] for row in measured["rows"]], [16, 32])
        for row in measured["rows"]:
            self.assertEqual(set(row["pipeline"]), set(data_speed.SOURCES))
            for rate in (row["pillow"], *row["pipeline"].values()):
                self.assertGreater(rate, 0)
        step = measured["step"]
        self.assertEqual((step["config"], step["resolution"]), ("tiny", 32))
        self.assertGreater(step["images_per_second"], 0)
        self.assertBetween(step["waiting"])
        self.assertEqual(told[-1], "A step of tiny")
        console = rich.console.Console(width=120)
        with console.capture() as capture:
            console.print(data_speed.table(measured))
        self.assertIn("array_record", capture.get())

    def assertBetween(self, share):
        self.assertGreaterEqual(share, 0.0)
        self.assertLessEqual(share, 1.0)

    def test_no_images(self):
        config = tiny.get_config()
        config.data.source = "/nowhere"
        config.data.groups = ()
        with self.assertRaisesRegex(ValueError, "config.data.source must"):
            data_speed.step_rate(config, seconds=0.1)
