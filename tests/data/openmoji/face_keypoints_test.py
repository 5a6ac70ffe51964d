import numpy as np

from inr_keras.data.openmoji import face_keypoints
from inr_keras.data.openmoji import svg_images
from tests import testing


class FaceKeypointsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.paths = {p.stem: p for p in svg_images.find_svgs(("faces",))}

    def test_a_grinning_face(self):
        points = face_keypoints.face_keypoints(self.paths["1F600"])
        units = (points + 1) * 36
        # The file draws eyes as circles of radius 3 about (27, 31) and (45, 31), and a
        # mouth from 21.41 to 50.6, with a stroke of 2.
        self.assertAllClose(units[0], [27.0, 31.0], atol=0.34)
        self.assertAllClose(units[1], [45.0, 31.0], atol=0.34)
        self.assertAllClose(units[3, 0], 21.41 - 1, atol=0.8)
        self.assertAllClose(units[4, 0], 50.6 + 1, atol=0.8)
        self.assertAllClose(units[2], (units[3] + units[4]) / 2)

    def test_brows_are_no_eyes(self):
        # A worried face, whose brows stand above round eyes.
        points = face_keypoints.face_keypoints(self.paths["1F61F"])
        self.assertAllClose(((points[:2] + 1) * 36)[:, 1], [31.0, 31.0], atol=0.4)

    def test_a_face_without_a_mouth(self):
        self.assertIsNone(face_keypoints.face_keypoints(self.paths["1F636"]))
        plain = self.temporary_folder() / "plain.svg"
        plain.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        self.assertIsNone(face_keypoints.face_keypoints(plain))

    def test_points_are_in_order(self):
        for name in ("1F603", "1F641", "1F916"):
            points = face_keypoints.face_keypoints(self.paths[name])
            self.assertLess(points[0, 0], points[1, 0])
            self.assertLess(points[3, 0], points[4, 0])
            self.assertTrue(np.all(points[2:, 1] > points[:2, 1].max()))
