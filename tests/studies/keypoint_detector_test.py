import numpy as np
import pytest

from inr_keras.studies import keypoint_detector
from inr_keras.studies.keypoint_detector import Faces
from tests import testing


def marked_faces(count=6, side=24):
    """White images with a black square about each keypoint."""
    random = np.random.default_rng(0)
    keypoints = random.uniform(-0.5, 0.5, (count, 5, 2)).astype("float32")
    images = np.full((count, side, side, 3), 255, "uint8")
    axis = (2 * np.arange(side) + 1) / side - 1
    for image, points in zip(images, keypoints):
        for x, y in points:
            near = (abs(axis - x)[None] < 0.1) & (abs(axis - y)[:, None] < 0.1)
            image[near] = 0
    return Faces(images, keypoints)


class KeypointDetectorTest(testing.TestCase):
    def test_keypoints_move_with_the_image(self):
        faces = marked_faces()
        images, keypoints = keypoint_detector.augment(faces, np.random.default_rng(1))
        self.assertEqual(images.dtype, "float32")
        self.assertGreater(np.abs(keypoints - faces.keypoints).max(), 0.05)
        for image, points in zip(images, keypoints):
            for x, y in points:
                column, row = (np.array([x, y]) + 1) * 12 - 0.5
                self.assertLess(image[round(row), round(column)].mean(), 100.0)

    def test_a_mirror_exchanges_left_and_right(self):
        points = marked_faces(2).keypoints
        mirrored = keypoint_detector.mirrored(points)
        self.assertAllClose(mirrored[:, 0], points[:, 1] * [-1, 1])
        self.assertAllClose(mirrored[:, 4], points[:, 3] * [-1, 1])
        self.assertAllClose(keypoint_detector.mirrored(mirrored), points)

    def test_faces_held_out(self):
        faces = keypoint_detector.load_faces(16, limit=14)
        self.assertEqual(faces.images.shape[1:], (16, 16, 3))
        fitted, held_out = keypoint_detector.split(faces)
        count = len(faces.images)
        self.assertEqual(len(held_out.images), -(-count // 5))
        self.assertAllEqual(held_out.keypoints[0], faces.keypoints[0])
        self.assertEqual(len(fitted.images) + len(held_out.images), count)

    @pytest.mark.slow
    def test_it_learns(self):
        faces = keypoint_detector.load_faces(16, limit=30)
        errors = []
        for steps in (1, 150):
            detector = keypoint_detector.train(faces, steps, batch=16)
            found, moved = keypoint_detector.detect(detector, faces.images)
            errors.append(np.abs(found - faces.keypoints).mean())
            self.assertEqual(moved.shape, (len(faces.images),))
        self.assertLess(errors[1], errors[0] / 3)
