from unittest import mock

import numpy as np
import pytest

from inr_keras.data import triangles
from tests import testing
from tests.rendering.mesh_views_test import cube


class TrianglesTest(testing.TestCase):
    def test_repeated(self):
        number, index = triangles.repeated(np.array([2, 0, 3]))
        self.assertAllEqual(number, [0, 0, 2, 2, 2])
        self.assertAllEqual(index, [0, 1, 0, 1, 2])

    def test_parts(self):
        counts = np.array([2, 3, 0, 9, 1])
        found = [(p.start, p.stop) for p in triangles.parts(counts, 5)]
        self.assertEqual(found, [(0, 3), (3, 4), (4, 5)])
        self.assertEqual(list(triangles.parts(np.array([], int), 5)), [])

    def test_barycentric(self):
        corners = np.tile(np.array([[0.0, 0], [4, 0], [0, 2]]), (3, 1, 1))
        points = np.array([[1.0, 0.5], [3.0, 1.0], [4.0, 0.0]])
        hit, shares = triangles.barycentric(corners, points)
        self.assertAllEqual(hit, [True, False, True])
        self.assertAllClose(shares[0], [0.5, 0.25, 0.25])
        flat = np.zeros((1, 3, 2))
        self.assertFalse(triangles.barycentric(flat, np.zeros((1, 2)))[0].any())

    def test_inside_of_a_cube(self):
        points = np.random.default_rng(0).uniform(-1, 1, (4000, 3))
        expected = (np.abs(points) < 0.5).all(axis=1)
        self.assertAllEqual(triangles.inside(*cube(), points), expected)
        with mock.patch.object(triangles, "PAIRS", 50):
            self.assertAllEqual(triangles.inside(*cube(), points), expected)

    def test_a_hole_is_outside(self):
        vertices, faces = cube()
        inner, _ = cube(0.4)
        both = np.concatenate([vertices, inner]), np.concatenate([faces, faces + 8])
        found = triangles.inside(*both, [[0, 0, 0], [0.3, 0, 0], [0, 0, 0.7]])
        self.assertAllEqual(found, [False, True, False])

    def test_inside_of_a_round_mesh(self):
        trimesh = pytest.importorskip("trimesh")
        ball = trimesh.creation.icosphere(subdivisions=4)
        points = np.random.default_rng(0).uniform(-1, 1, (20_000, 3))
        distance = np.linalg.norm(points, axis=1)
        clear = np.abs(distance - 1) > 0.003  # The flat sides lie within.
        found = triangles.inside(ball.vertices, ball.faces, points)
        self.assertAllEqual(found[clear], (distance < 1)[clear])
