from unittest import mock

import numpy as np

from inr_keras.data import triangles
from inr_keras.rendering import mesh_views
from tests import testing


def cube(side=1.0):
    """The 12 triangles of a cube, counter-clockwise seen from outside."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    quads = (
        *((0, 1, 3, 2), (4, 6, 7, 5)),
        *((0, 4, 5, 1), (2, 3, 7, 6)),
        *((0, 2, 6, 4), (1, 5, 7, 3)),
    )
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return corners * side / 2.0, np.array(faces)


def drawn(image):
    return (image < 250).any(axis=-1)


class MeshViewsTest(testing.TestCase):
    def test_a_cube_from_the_front_is_a_square(self):
        image = mesh_views.view(cube(), 64, azimuth=0, elevation=0, radius=1.0)
        rows, columns = np.nonzero(drawn(image))
        self.assertEqual(drawn(image).sum(), 32 * 32)
        self.assertEqual((rows.min(), rows.max()), (16, 47))
        self.assertEqual((columns.min(), columns.max()), (16, 47))

    def test_the_nearest_surface_is_seen(self):
        vertices, faces = cube()
        colours = np.where(vertices[:, 2:] > 0, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
        for azimuth, seen in ((0, 0), (180, 2)):
            image = mesh_views.view(
                (vertices, faces), 32, azimuth, 0, colours, radius=1.0
            )
            self.assertEqual(image[16, 16].argmax(), seen)

    def test_right_and_up(self):
        vertices, faces = cube(0.4)
        right = mesh_views.view((vertices + (0.6, 0, 0), faces), 32, 0, 0, radius=1.0)
        up = mesh_views.view((vertices + (0, 0.6, 0), faces), 32, 0, 0, radius=1.0)
        self.assertTrue(drawn(right)[16, 25] and not drawn(right)[16, :16].any())
        self.assertTrue(drawn(up)[6, 16] and not drawn(up)[16:].any())

    def test_the_viewer_goes_to_the_right_and_up(self):
        # What lies at the right, at x = 1, comes to the front, seen from there.
        turned = mesh_views._rotation(90, 0) @ (1.0, 0.0, 0.0)
        self.assertAllClose(turned, (0, 0, 1), atol=1e-9)
        turned = mesh_views._rotation(0, 90) @ (0.0, 1.0, 0.0)
        self.assertAllClose(turned, (0, 0, 1), atol=1e-9)

    def test_light_comes_from_above(self):
        image = mesh_views.view(cube(), 64, azimuth=45, elevation=30)
        top = image[18, 32].astype(int).sum()
        self.assertGreater(top, image[40, 44].astype(int).sum())

    def test_parts_make_no_difference(self):
        whole = mesh_views.view(cube(), 24)
        with mock.patch.object(triangles, "PAIRS", 100):
            self.assertAllEqual(mesh_views.view(cube(), 24), whole)

    def test_a_turn(self):
        views = list(mesh_views.turntable(cube(), length=8, size=24))
        self.assertEqual(len(views), 8)
        # A quarter of a turn brings the next side of a cube.
        self.assertAllClose(drawn(views[0]), drawn(views[2]))
        self.assertGreater((drawn(views[0]) != drawn(views[1])).sum(), 4)
