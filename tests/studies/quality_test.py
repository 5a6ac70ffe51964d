from unittest import mock

import numpy as np

from configs import tiny
from inr_keras import rendering
from inr_keras.config import Data
from inr_keras.evaluation import extractors
from inr_keras.evaluation import references
from inr_keras.studies import quality
from tests import testing
from tests.evaluation import small_sets
from tests.rendering.generators import small_generator


class ProtocolTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.reals = small_sets.drawings(80, 0, size=32)
        reference = references.Reference(
            small_sets.Source(self.reals), self.temporary_folder()
        )
        self.protocol = quality.Protocol(reference, extractors.open_extractor("pixels"))

    def test_the_real_images_themselves_and_worse_ones(self):
        same = self.protocol.score(self.reals)
        dark = self.protocol.score(self.reals // 3)
        for view in quality.VIEWS:
            self.assertAllClose(same[view]["fd"], 0.0, atol=1e-2)
            self.assertEqual(same[view]["coverage_3"], 1.0)
            self.assertGreater(dark[view]["fd_mean"], 1.0)
        self.assertGreater(same["pattern"], -1.0)

    def test_ceilings(self):
        titles, found = zip(*self.protocol.ceilings())
        self.assertEqual(len(set(titles)), 3)
        halves, mirrored, blurred = found
        self.assertEqual(halves["full"]["count"], 40)
        self.assertEqual(mirrored["full"]["count"], 80)
        # Blurred images differ less from each other, and lie beside the real ones.
        self.assertLess(blurred["full"]["diversity"], 1.0)
        self.assertGreater(blurred["full"]["fd"], 0.0)

    def test_of_a_generator(self):
        generator = small_generator(resolution=32, embedding_size=32)
        found = self.protocol.of_generator(generator, 90)
        self.assertEqual(found["full"]["count"], 80)
        self.assertGreater(found["full"]["fd"], 0.0)

    def test_classes_are_as_frequent_as_in_the_reals(self):
        generator = small_generator(
            resolution=32, embedding_size=32, class_names=("a", "b", "c")
        )
        source = small_sets.Source(self.reals)
        reference = references.Reference(source, self.temporary_folder())
        reference.labels = np.array([2, 2, 0], "int32")
        drawn = []
        with mock.patch.object(
            quality.Protocol, "score", lambda _, images: drawn.append(images)
        ):
            protocol = quality.Protocol(reference, extractors.open_extractor("pixels"))
            protocol.of_generator(generator, 6)
        [images] = drawn
        expected = generator.generate(
            seeds=range(10_000, 10_006), label=[2, 2, 0, 2, 2, 0]
        )
        self.assertAllEqual(images, expected)


class CeilingsTest(testing.TestCase):
    def test_once_for_a_folder(self):
        folder = self.temporary_folder()
        images = folder / "images"
        images.mkdir()
        for number, image in enumerate(small_sets.drawings(16, 0, size=32)):
            rendering.save_image(images / f"{number}.png", image)
        config = tiny.get_config()
        config.data = Data(source=str(images))
        found = quality.ceilings(config, "pixels", 2, folder)
        self.assertEqual(len(found), 4)
        self.assertIn("reconstructed", found[-1]["title"])
        self.assertGreater(found[-1]["scores"]["full"]["fd"], 0.0)
        with mock.patch.object(quality, "open_protocol", None):
            self.assertEqual(quality.ceilings(config, "pixels", 2, folder), found)
        # Those of other settings are not taken for them.
        self.assertEqual(len(quality.ceilings(config, "pixels", 0, folder)), 3)
        # Neither are those of other images in the same folder.
        rendering.save_image(images / "0.png", 255 - image)
        changed = quality.ceilings(config, "pixels", 0, folder)
        self.assertNotEqual(changed[0]["scores"], found[0]["scores"])


class BorderInkTest(testing.TestCase):
    def test_share_of_images(self):
        images = np.full((4, 16, 16, 3), 250, "uint8")
        images[0, 5:9, 5:9] = 0  # In the middle.
        images[1, 5:12, 14:] = (250, 250, 0)
        images[2, 0, 0] = 0  # One pixel of 112.
        self.assertEqual(quality.border_ink(images), 0.25)
        self.assertEqual(quality.border_ink(images[:1]), 0.0)
