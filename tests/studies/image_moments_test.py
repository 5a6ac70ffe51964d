import numpy as np

from inr_keras.studies import image_moments
from tests import testing


def ellipse(x, y, a, b, angle, size=96):
    """A black ellipse on white: centre, half axes, angle of axis a."""
    at = (2 * np.arange(size) + 1) / size - 1
    dx, dy = at - x, at[:, None] - y
    along = np.cos(angle) * dx + np.sin(angle) * dy
    across = np.cos(angle) * dy - np.sin(angle) * dx
    inside = (along / a) ** 2 + (across / b) ** 2 <= 1
    return np.where(inside, 0, 255).astype("uint8")[..., None].repeat(3, -1)


def arrow(angle, size=96):
    """A triangle that points to `angle`, symmetric about its axis alone."""
    at = (2 * np.arange(size) + 1) / size - 1
    along = np.cos(angle) * at + np.sin(angle) * at[:, None]
    across = np.cos(angle) * at[:, None] - np.sin(angle) * at
    inside = (np.abs(along) < 0.6) & (np.abs(across) < 0.2 * (0.6 - along))
    return np.where(inside, 0, 255).astype("uint8")[..., None].repeat(3, -1)


class MomentsTest(testing.TestCase):
    def found(self, *images):
        return image_moments.moments(np.stack(images))

    def test_an_ellipse_by_hand(self):
        found = self.found(ellipse(0.2, -0.3, 0.5, 0.25, 0.0))
        for name, value in {
            "area": np.pi * 0.5 * 0.25 / 4,
            "centroid_x": 0.2,
            "centroid_y": -0.3,
            "extent_x": 0.25,  # Half of the half axis.
            "extent_y": 0.125,
            "orientation_cos": (4 - 1) / (4 + 1),
            "orientation_sin": 0.0,
            "symmetry_x": 0.0,
            "symmetry_y": 0.0,
        }.items():
            self.assertAllClose(found[name], [value], 0.02, 0.01)

    def test_orientation_turns_with_the_shape(self):
        angles = np.array([0.0, 0.4, 0.8, 1.6, 2.5])
        shapes = [ellipse(0.1, 0.1, 0.6, 0.3, t) for t in angles]
        found = self.found(*shapes)
        self.assertAllClose(
            found["orientation_cos"], 0.6 * np.cos(2 * angles), 0.02, 0.02
        )
        self.assertAllClose(
            found["orientation_sin"], 0.6 * np.sin(2 * angles), 0.02, 0.02
        )

    def test_symmetry_lies_on_the_axis(self):
        angles = np.array([0.0, 0.7, 1.9, 3.3, 5.0])
        found = self.found(*map(arrow, angles))
        vectors = found["symmetry_x"] + 1j * found["symmetry_y"]
        # The tip is farthest from the centroid, so it points there.
        self.assertGreater(np.abs(vectors).min(), 0.2)
        turned = np.angle(vectors * np.exp(-1j * angles))
        self.assertAllClose(turned, np.zeros(5), atol=0.05)

    def test_a_mirrored_image(self):
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (4, 16, 16, 3)).astype("uint8")
        found = image_moments.moments(images)
        mirrored = image_moments.moments(images[:, :, ::-1])
        odd = {"centroid_x", "orientation_sin", "symmetry_x"}
        for name, values in found.items():
            sign = -1 if name in odd else 1
            self.assertAllClose(mirrored[name], sign * values, 1e-6, 1e-9)

    def test_white_and_grey_images(self):
        for value in (255, 128):
            images = np.full((2, 8, 8, 1), value, "uint8")
            found = image_moments.moments(images)
            self.assertAllClose(found["centroid_x"], [0, 0], atol=1e-6)
            for name, values in found.items():
                self.assertFinite(values, name)
        self.assertAllClose(found["area"], [1 - 128 / 255] * 2)


class DetectorTest(testing.TestCase):
    def test_named_detector(self):
        found = image_moments.find_detector("inr_keras.studies.image_moments:moments")
        self.assertIs(found, image_moments.moments)

    def test_no_detector(self):
        for text in (
            "moments",
            "no.such.module:f",
            "inr_keras.studies.image_moments:none",
            "inr_keras.studies.image_moments:np",
            ":f",
        ):
            with self.assertRaisesRegex(ValueError, f"`detector`.*{text!r}"):
                image_moments.find_detector(text)

    def test_what_it_returns(self):
        images = np.zeros((3, 8, 8, 3), "uint8")
        found = image_moments.detect(lambda images: {"a": [1, 2, 3]}, images)
        self.assertAllEqual(found["a"], [1.0, 2.0, 3.0])
        for wrong in (
            [1, 2, 3],
            {},
            {"a": [1, 2]},
            {"a": [[1], [2], [3]]},
            {"a": [1, 2, np.nan]},
            {"a": ["x", "y", "z"]},
            {"a": [[1], [2, 3], 4]},
        ):
            with self.assertRaisesRegex(ValueError, "`detector` must return"):
                image_moments.detect(lambda images, w=wrong: w, images)
