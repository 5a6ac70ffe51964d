import numpy as np
from PIL import Image
from PIL import ImageSequence

from inr_keras import rendering
from tests import testing


class AnimationTest(testing.TestCase):
    def test_frames_out_of_channels(self):
        images = np.arange(2 * 4 * 5 * 6).reshape(2, 4, 5, 6)
        frames = rendering.to_frames(images, 3)
        self.assertEqual(frames.shape, (3, 2, 4, 5, 2))
        for i in range(3):
            self.assertAllEqual(frames[i], images[..., 2 * i : 2 * i + 2])

    def test_files_that_move(self):
        frames = np.zeros((4, 16, 16, 3), "uint8")
        for i, frame in enumerate(frames):
            frame[:, 4 * i : 4 * i + 4] = 255
        folder = self.temporary_folder()
        for name in ("a.gif", "a.webp"):
            for channels in (1, 3):
                rendering.save_animation(
                    folder / name, frames[..., :channels], seconds=2.0
                )
                with Image.open(folder / name) as image:
                    self.assertEqual(image.n_frames, 4)
                    self.assertEqual(image.info["loop"], 0)
                    found = [
                        np.asarray(frame.convert("L")).astype(int)
                        for frame in ImageSequence.Iterator(image)
                    ]
                    self.assertEqual(image.info["duration"], 500)
                difference = np.stack(found) - frames[..., 0].astype(int)
                self.assertLess(np.abs(difference).mean(), 8)

    def test_other_endings(self):
        for name in ("a.png", "a"):
            with self.assertRaisesRegex(
                ValueError, r"--out must end in .gif or .webp .*Received: 'a"
            ):
                rendering.save_animation(name, np.zeros((1, 2, 2, 3), "uint8"))
