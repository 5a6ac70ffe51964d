import sys
from unittest import mock

import numpy as np
import pytest

from inr_keras.quiet_imports import UnfitEnvironment
from inr_keras.rendering import meshes
from tests import testing


def ball(size=32, radius=0.7, middle=(0.0, 0.0, 0.0)):
    coords = meshes.grid_coords(size)
    return radius - np.linalg.norm(coords - middle, axis=-1)


class MeshesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.trimesh = pytest.importorskip("trimesh")
        pytest.importorskip("skimage")

    def test_the_volume_of_a_ball(self):
        mesh = self.trimesh.Trimesh(*meshes.field_mesh(ball()))
        self.assertTrue(mesh.is_watertight)
        # Positive: triangles look outwards.
        self.assertAllClose(mesh.volume, 4 / 3 * np.pi * 0.7**3, rtol=0.02)

    def test_places_in_the_order_x_y_z(self):
        mesh = meshes.field_mesh(ball((40, 32, 24), 0.2, (0.6, -0.3, 0.1)))
        middle = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2
        self.assertAllClose(middle, (0.6, -0.3, 0.1), atol=0.01)

    def test_other_ends(self):
        field = ball(16, 0.7)
        mesh = meshes.field_mesh(field, low=(0, 0, 0), high=(2, 4, 6))
        middle = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2
        self.assertAllClose(middle, (1, 2, 3), atol=1e-5)

    def test_what_reaches_the_border_is_closed_there(self):
        mesh = meshes.field_mesh(np.ones((6, 6, 6)))
        self.assertTrue(self.trimesh.Trimesh(*mesh).is_watertight)
        self.assertAllClose(np.abs(mesh.vertices).max(axis=0), (1, 1, 1), atol=1e-6)

    def test_nothing_inside(self):
        with self.assertRaisesRegex(ValueError, "`field` must be above 0.5 somewhere"):
            meshes.field_mesh(np.zeros((4, 4, 4)), 0.5)
        with self.assertRaisesRegex(ValueError, "`field` must have three axes"):
            meshes.field_mesh(np.ones((4, 4)))

    def test_files_come_back(self):
        mesh = meshes.field_mesh(ball(12))
        for ending in meshes.ENDINGS:
            path = self.temporary_folder() / f"ball{ending}"
            meshes.save_mesh(path, mesh)
            read = self.trimesh.load_mesh(path)
            self.assertTrue(read.is_watertight)
            volume = self.trimesh.Trimesh(*mesh).volume
            self.assertAllClose(read.volume, volume, rtol=1e-4)
            self.assertEqual([p.name for p in path.parent.iterdir()], [path.name])

    def test_other_endings(self):
        with self.assertRaisesRegex(ValueError, "must end in .obj, .stl, .ply"):
            meshes.check_mesh_path("ball.glb")

    def test_without_the_package(self):
        with mock.patch.dict(sys.modules, {"trimesh": None}):
            with self.assertRaisesRegex(UnfitEnvironment, "pip install trimesh"):
                meshes.check_mesh_path("ball.obj")
