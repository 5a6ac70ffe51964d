import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from inr_keras.models import VideoGenerator
from inr_keras.training.step import ema
from tests import testing
from tests.rendering.generators import small_generator


def small_video(video_length=3, **kwargs):
    settings = {"coord_dim": 3, "embedding_size": 4, "alignment": "center"}
    settings = {**settings, "resolution": 8, **kwargs}
    return VideoGenerator(small_generator(**settings), video_length)


class VideoGeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.latents = rendering.latents_from_seeds(range(2), 6)

    def test_images_are_slices_of_the_volume(self):
        video = small_video(channels=2)
        self.assertEqual(video.channels, 6)
        styles = video.mapping(self.latents)
        volume = coordinates.lattice((5, 4, 3), "center")  # (t, y, x, 3)
        rgb = video.volume.synthesis(styles, tf.reshape(volume, (1, -1, 3)))
        expected = np.reshape(rgb, (2, 3, 20, 2))
        plane = tf.reshape(coordinates.grid(4, 5, 1, "center"), (1, 20, 2))
        outputs = video(self.latents, plane)
        self.assertEqual(outputs.shape, (2, 20, 6))
        images = rendering.split_videos(outputs, 3)
        for i in range(3):
            self.assertAllClose(images[i], expected[:, i])
        self.assertGreater(np.abs(images[0] - images[1]).max(), 1e-3)
        # A plane for each video.
        planes = tf.repeat(plane, 2, axis=0)
        self.assertAllClose(video(self.latents, planes), outputs)

    @pytest.mark.slow
    def test_reload_average_and_saved_model(self):
        video = small_video(class_names=("a", "b"))
        renderer = rendering.Renderer(video)
        expected = renderer.render(renderer.styles(self.latents))
        self.assertEqual(expected.shape, (2, 8, 8, 9))
        folder = self.temporary_folder()
        video.save(folder / "generator.keras")
        loaded = runs.load_generator(folder / "generator.keras")
        self.assertEqual(loaded.video_length, 3)
        version = export.export(video, folder / "m", test=False)
        exported = runs.load_generator(version)
        self.assertEqual(exported.video_length, 3)
        for generator in (loaded, ema.clone(video), exported):
            self.assertEqual(generator.class_names, ("a", "b"))
            again = rendering.Renderer(generator)
            images = again.render(again.styles(self.latents))
            self.assertAllClose(images, expected)

    def test_opens_what_earlier_versions_wrote(self):
        config = small_video().get_config()
        config["frames"] = config.pop("video_length")
        self.assertEqual(VideoGenerator.from_config(config).video_length, 3)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`volume`.*coord_dim=2"):
            VideoGenerator(small_generator(), 3)
        with self.assertRaisesRegex(ValueError, "`volume`.*noise=True"):
            small_video(noise=True)
        with self.assertRaisesRegex(ValueError, "`video_length`.*video_length=0"):
            small_video(0)
        video = small_video()
        with self.assertRaisesRegex(ValueError, "`noise`"):
            video.synthesis(np.ones((1, 5)), np.zeros((1, 1, 2)), noise=[0])
