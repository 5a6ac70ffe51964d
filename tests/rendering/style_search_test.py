import json
import math
from unittest import mock

import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras import rendering
from inr_keras.models import VideoGenerator
from inr_keras.rendering import inversion
from inr_keras.rendering import style_search
from tests import testing
from tests.rendering.generators import small_generator


class FindingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.image = self.folder / "in.png"
        self.mask = self.folder / "mask.png"
        rng = np.random.default_rng(0)
        self.pixels = rng.integers(0, 256, (12, 8, 3)).astype("uint8")
        Image.fromarray(self.pixels).save(self.image)
        self.generator = small_generator()
        patch = mock.patch.object(inversion, "CANDIDATES", 2)
        patch.start()
        self.addCleanup(patch.stop)
        self.addCleanup(tf.config.run_functions_eagerly, False)

    def test_images_that_are_not_square(self):
        read = style_search.read_target
        target = read(self.image, None, self.generator)
        self.assertEqual((target.height, target.width), (8, 5))
        target = read(self.image, None, self.generator, "square")
        self.assertAllClose(target.pixels, self.pixels[2:10] / 127.5 - 1.0)
        mask = np.zeros((12, 8), "uint8")
        mask[2:6] = 255
        Image.fromarray(mask).save(self.mask)
        target = read(self.image, self.mask, self.generator, "square")
        self.assertAllEqual(target.mask, np.arange(8)[:, None] < [4] * 8)

    def test_no_generator_of_images(self):
        volume = small_generator(coord_dim=3, embedding_size=4)
        with self.assertRaisesRegex(ValueError, "a generator of images"):
            style_search.read_target(self.image, None, VideoGenerator(volume, 3))

    def test_the_best_is_kept_and_written(self):
        tf.config.run_functions_eagerly(True)
        target = style_search.read_target(self.image, None, self.generator)
        search = style_search.Search(self.generator, target, 4, space="z", points=32)
        self.assertEqual(search.patience, 1)
        told = []

        def interrupt(share, text):
            told.append((share, text))
            if share >= 0.5:
                raise KeyboardInterrupt

        self.assertTrue(search.run(interrupt))
        self.assertEqual([share for share, _ in told], [0.0, 0.25, 0.5])
        self.assertEqual(len(search.snapshots), 3)
        best = min(search.snapshots, key=lambda snapshot: snapshot.loss)
        self.assertIs(search.best, best)
        self.assertEqual(told[-1][1], f"{best.psnr:.1f} dB")

        search.save(self.folder / "out", {"seed": 7}, animation=True)
        path = self.folder / "out" / "style.npz"
        styles = rendering.load_styles(path, self.generator)
        self.assertAllEqual(styles, best.styles)
        with np.load(path, allow_pickle=False) as arrays:
            self.assertAllEqual(arrays["latents"], best.latents)
            about = json.loads(str(arrays["about"]))
        self.assertEqual(about["settings"], {"seed": 7})
        self.assertEqual(about["psnr"], best.psnr)
        with Image.open(self.folder / "out" / "search.webp") as image:
            self.assertEqual(image.n_frames, 3)
            size = image.size
        with Image.open(self.folder / "out" / "comparison.png") as image:
            self.assertEqual(image.size, size)

    def test_a_comparison(self):
        mask = np.full((12, 8), 255, "uint8")
        mask[:, :4] = 0
        Image.fromarray(mask).save(self.mask)
        target = style_search.read_target(
            self.image, self.mask, self.generator, "square"
        )
        renderer = rendering.Renderer(self.generator)
        styles = self.generator.mapping.mean_style.numpy()[None]
        found = renderer.render(styles)[0]
        image = style_search.comparison(renderer, target, styles)
        zoom = 192 // 8
        self.assertEqual(image.shape, (192, 3 * 192 + 8, 3))
        parts = [
            image[zoom // 2 :: zoom, left : left + 192][:, zoom // 2 :: zoom]
            for left in (0, 196, 392)
        ]
        self.assertAllEqual(parts[0][:, :4], np.full((8, 4, 3), 128))
        self.assertAllEqual(parts[0][:, 4:], self.pixels[2:10, 4:])
        self.assertAllEqual(parts[1], rendering.to_uint8(found))
        error = 4.0 * (found - target.pixels)
        error[:, :4] = 0.0
        self.assertAllEqual(parts[2], rendering.to_uint8(error))

    def test_an_interruption_before_anything_is_found(self):
        target = style_search.read_target(self.image, None, self.generator)
        search = style_search.Search(self.generator, target, 4, points=32)
        with (
            mock.patch.object(
                search.inversion, "search", side_effect=KeyboardInterrupt
            ),
            self.assertRaises(KeyboardInterrupt),
        ):
            search.run()

    def test_a_loss_that_is_no_number(self):
        tf.config.run_functions_eagerly(True)
        target = style_search.read_target(self.image, None, self.generator)
        search = style_search.Search(self.generator, target, 2, 0, math.inf, points=32)
        search.inversion.variable.assign(np.full((1, 5, 5), np.nan))
        with self.assertRaisesRegex(FloatingPointError, "smaller `rate`"):
            search.run()
