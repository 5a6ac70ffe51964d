from unittest import mock

import numpy as np
import pytest

from inr_keras.data import shape_files
from inr_keras.data.shape_files import UnreadableShapeError
from inr_keras.rendering import meshes
from tests import testing
from tests.rendering.mesh_views_test import cube
from tests.rendering.meshes_test import ball


class ShapeFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def assertRefused(self, path, why):
        with self.assertRaisesRegex(UnreadableShapeError, why):
            shape_files.read_shape(path)

    @pytest.mark.slow
    def test_distances_of_a_cube(self):
        pytest.importorskip("trimesh")
        vertices, faces = cube(3.0)
        path = self.folder / "cube.obj"
        meshes.save_mesh(path, meshes.Mesh(vertices + (5, 6, 7), faces))
        with mock.patch.multiple(shape_files, _SAMPLES=20_000, _UNIFORM=6000):
            shape = shape_files.read_shape(path)
        self.assertAllClose(shape.offset, (5, 6, 7))
        self.assertAllClose(shape.unit, 1.5 / 0.9)
        # The signed distance of a cube, by its formula.
        q = np.abs(shape.coords) - 0.9
        distance = np.linalg.norm(np.maximum(q, 0), axis=1)
        distance += np.minimum(q.max(axis=1), 0)
        expected = np.clip(-distance / 0.1, -1, 1)
        error = np.abs(shape.values[:, 0] - expected)
        # The nearest triangle may be none of the nearest samples', at an edge.
        self.assertLess(np.quantile(error, 0.995), 1e-4)
        self.assertLess(error.max(), 0.2)
        self.assertGreater(np.mean(np.abs(expected) < 0.99), 0.6)
        self.assertAllEqual(shape.contains(shape.coords), q.max(axis=1) < 0)

    def test_voxels(self):
        inside = np.zeros((10, 6, 4), bool)
        inside[2:8, 1:5, 1:3] = True
        for voxels in (inside, inside * 1.0, (inside * 255).astype("uint8")):
            np.save(self.folder / "v.npy", voxels)
            shape = shape_files.read_shape(self.folder / "v.npy")
            self.assertAllClose(shape.offset, (5, 3, 2))
            places = shape.coords * shape.unit + shape.offset
            index = np.floor(places).astype(int)
            within = ((index >= 0) & (index < inside.shape)).all(axis=1)
            index = np.clip(index, 0, np.array(inside.shape) - 1)
            expected = within & inside[tuple(index.T)]
            self.assertAllEqual(shape.values[:, 0] > 0, expected)
            self.assertAllEqual(shape.contains(shape.coords), expected)
            self.assertEqual(expected.sum(), inside.sum())

    def test_meshes_that_cannot_be_used(self):
        pytest.importorskip("trimesh")
        path = self.folder / "open.obj"
        vertices, faces = cube()
        meshes.save_mesh(path, meshes.Mesh(vertices, faces[1:]))
        self.assertRefused(path, "not watertight: 3 edges")
        for name, data, why in (
            ("empty.stl", b"", "empty file"),
            ("wrong.stl", b"no mesh", "not a mesh|no triangles"),
            ("wrong.ply", b"no mesh", "not a mesh"),
            ("wrong.obj", b"v 0 0 0\n", "not a mesh|no triangles"),
        ):
            (self.folder / name).write_bytes(data)
            self.assertRefused(self.folder / name, why)

    def test_voxels_that_cannot_be_used(self):
        path = self.folder / "v.npy"
        for voxels, why in (
            (np.zeros((4, 4, 4)), "no voxel is inside"),
            (np.zeros((4, 4)), "not three axes"),
            (np.zeros((300, 4, 4), bool), "more than 256"),
            (np.zeros((4, 4, 4), "U1"), "not of numbers"),
            (np.where(np.eye(4) > 0, np.nan, np.full((4, 4, 4), 200.0)), "not finite"),
        ):
            np.save(path, voxels)
            self.assertRefused(path, why)
        path.write_bytes(b"no array")
        self.assertRefused(path, "not an array")

    def test_a_ball_is_the_same_from_voxels(self):
        np.save(self.folder / "v.npy", ball(24) > 0)
        shape = shape_files.read_shape(self.folder / "v.npy")
        # 24 voxels take 1.8 units; the radius was 0.7 of half of them.
        distance = 0.7 * 0.9 - np.linalg.norm(shape.coords, axis=1)
        near = np.abs(shape.values[:, 0]) < 1
        error = shape.values[:, 0] * max(0.1, 2 / shape.unit) - distance
        self.assertLess(np.abs(error[near]).mean(), 0.5 / shape.unit)
