import numpy as np
import pytest

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.rendering import surfaces
from tests import testing
from tests.rendering.generators import small_generator
from tests.serving.kinds import KINDS


def coords(surface, rows=None, columns=None):
    """Of a surface with one patch."""
    rows = np.arange(surface.height) if rows is None else rows
    columns = np.arange(surface.width) if columns is None else columns
    (patch,) = surface.patches(rows, columns)
    return patch.coords


def square(seed=0, shape=(5, 7, 2)):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, shape).astype("float32")


class PlaneTest(testing.TestCase):
    def test_is_a_region(self):
        box = (-2.0, -1.0, 0.5, 1.0)
        for alignment in coordinates.ALIGNMENTS:
            plane = surfaces.Plane(box, 5, 7, alignment)
            region = coordinates.region(box, 5, 7, alignment)
            self.assertAllEqual(coords(plane), region)
            part = coords(plane, np.arange(2, 4), np.arange(1, 6))
            self.assertAllEqual(part, region[2:4, 1:6])

    def test_spacing_is_the_largest_of_neighbours(self):
        plane = surfaces.Plane((-1, -1, 1, 0), 5, 5, "corner")
        self.assertEqual(plane.spacing, 0.5)
        plane = surfaces.Plane((-1, -1, 1, 0), 5, 40, "center")
        self.assertEqual(plane.spacing, 0.2)


class CylinderTest(testing.TestCase):
    def test_flat_images_are_blended_where_the_ends_meet(self):
        box = (-1.0, -1.0, 1.0, 1.0)
        cylinder = surfaces.BlendedCylinder(box, 3, 16, "corner")
        first, other = cylinder.patches(np.arange(3), np.arange(16))
        # An eighth of 16 columns, of which the very first is the end alone.
        self.assertAllClose(first.share, [0, 0.5] + [1] * 14)
        self.assertAllClose(other.share, [1, 0.5])
        self.assertEqual(other.columns, slice(0, 2))
        self.assertAllClose(first.coords[0, :, 0], -1 + np.arange(16) / 9)
        self.assertAllClose(other.coords[0, :, 0], [7 / 9, 8 / 9])
        self.assertAllClose(first.coords[:, 3, 1], [-1, 0, 1])
        self.assertLessEqual(np.abs(other.coords).max(), 1.0)

    def test_three_axes_hold_the_unit_cylinder(self):
        points = coords(surfaces.Cylinder(3, 8, "corner"))
        self.assertAllClose(np.hypot(points[..., 0], points[..., 2]), 1)
        self.assertAllClose(points[:, 0, 1], [-1, 0, 1])
        self.assertAllClose(points[1, 4], [0, 0, 1])  # The front.
        self.assertAllClose(points[1, 6], [1, 0, 0])  # To its right.

    def test_wraps_exactly(self):
        for round_ in (
            surfaces.Cylinder(4, 8, "corner"),
            surfaces.Sphere(4, 8, surfaces.on_sphere, 3),
            surfaces.Sphere(4, 8, surfaces.mirrored((-1, -1, 1, 1)), 2),
        ):
            again = coords(round_, columns=np.arange(8, 16))
            self.assertAllEqual(again, coords(round_))


class SphereTest(testing.TestCase):
    def test_directions(self):
        points = coords(surfaces.Sphere(4, 8, surfaces.on_sphere, 3))
        self.assertAllClose(np.linalg.norm(points, axis=-1), 1)
        middle = points[:, 4]
        self.assertAllClose(middle[:, 0], 0)
        self.assertGreater(0, middle[0, 1])  # Up is where y is less.
        self.assertAllClose(np.diff(np.arcsin(middle[:, 1])), np.pi / 4)
        self.assertGreater(points[1, 6, 0], 0.5)  # Right.

    def test_mirrored_halves_meet(self):
        place = surfaces.mirrored((-1.0, -1.0, 1.0, 1.0))
        x, y, z = np.random.default_rng(0).normal(size=(3, 50))
        length = np.sqrt(x * x + y * y + z * z)
        x, y, z = x / length, y / length, z / length
        front = place(x, y, np.abs(z))
        self.assertAllClose(place(x, y, -np.abs(z)), front)
        angle = np.arccos(np.abs(z)) / (np.pi / 2)
        self.assertAllClose(np.linalg.norm(front, axis=-1), angle)
        poles = place(np.zeros(2), np.zeros(2), np.array([1.0, -1.0]))
        self.assertAllEqual(poles, np.zeros((2, 2)))
        self.assertAllClose(place(0.0, 1.0, 0.0), [0, 1])
        shifted = surfaces.mirrored((0.0, -1.0, 4.0, 1.0))
        self.assertAllClose(shifted(1.0, 0.0, 0.0), [4, 0])

    def test_faces_of_a_cube_share_their_edges(self):
        side = 5
        cube = surfaces.Cube(side, surfaces.on_sphere, 3)
        faces = np.split(coords(cube), 6, axis=1)
        front, right, back, left, top, bottom = faces
        self.assertAllClose(front[2, 2], [0, 0, 1])
        self.assertAllClose(bottom[2, 2], [0, 1, 0])
        for one, other in zip(faces[:4], [right, back, left, front]):
            self.assertAllClose(one[:, -1], other[:, 0])
        for one, other in (
            (front[0], top[-1]),
            (right[0], top[::-1, -1]),
            (back[0], top[0, ::-1]),
            (left[0], top[:, 0]),
            (front[-1], bottom[0]),
            (right[-1], bottom[:, -1]),
            (back[-1], bottom[-1, ::-1]),
            (left[-1], bottom[::-1, 0]),
        ):
            self.assertAllClose(one, other)
        # Points of supersampling stay on their pixel's face.
        beyond = coords(cube, columns=np.array([4.25, 4.75]))
        self.assertGreater(beyond[2, 0, 2], beyond[2, 0, 0] - 0.1)
        self.assertAllClose(
            beyond[2, 0] * [1, 1, -1], beyond[2, 1] * [1, 1, -1], atol=0.4
        )

    def test_a_cube_shows_what_the_sphere_shows(self):
        cube = coords(surfaces.Cube(9, surfaces.on_sphere, 3))
        x, y, z = np.moveaxis(cube, -1, 0)
        self.assertAllClose(x * x + y * y + z * z, np.ones((9, 54)))
        largest = np.abs(cube).max(-1)
        self.assertGreater(largest.min(), 1 / np.sqrt(3) - 1e-6)


class MapTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_between_pixels(self):
        array = square()
        map_ = surfaces.Map(array)
        self.assertAllEqual(coords(map_), array)
        middle = coords(map_, np.array([0.5]), np.array([2.25]))
        top = 0.75 * array[0, 2] + 0.25 * array[0, 3]
        down = 0.75 * array[1, 2] + 0.25 * array[1, 3]
        self.assertAllClose(middle[0, 0], (top + down) / 2)
        beyond = coords(map_, np.array([-0.5]), np.array([1]))
        self.assertAllClose(beyond[0, 0], 1.5 * array[0, 1] - 0.5 * array[1, 1])
        one = surfaces.Map(array[:1, :1])
        self.assertAllClose(coords(one, np.array([0.25])), array[:1, :1])

    def test_files(self):
        array = square()
        np.save(self.folder / "a.npy", array)
        np.savez_compressed(self.folder / "b.npz", coords=array)
        for name in ("a.npy", "b.npz"):
            found = surfaces.load_map(self.folder / name)
            self.assertAllEqual(found, array)

    def test_broken_files(self):
        array = square()
        bad = array.copy()
        bad[3, 2, 1] = np.nan
        for name, value in {
            "f64.npy": array.astype("float64"),
            "flat.npy": array[0],
            "three.npy": square(shape=(4, 4, 3)),
            "empty.npy": array[:0],
            "nan.npy": bad,
            "object.npy": np.array([{"a": 1}], dtype=object),
        }.items():
            np.save(self.folder / name, value, allow_pickle=True)
        np.savez(self.folder / "two.npz", a=array, b=array)
        np.save(self.folder / "cut.npy", array)
        data = (self.folder / "cut.npy").read_bytes()
        (self.folder / "cut.npy").write_bytes(data[:-9])
        (self.folder / "text.npz").write_text("hello")
        (self.folder / "none.npy").write_text("")
        names = sorted(path.name for path in self.folder.iterdir())
        for name in (*names, "missing.npy", "cone", ""):
            with self.subTest(name):
                path = str(self.folder / name) if "." in name else name
                with self.assertRaises(ValueError) as caught:
                    surfaces.load_map(path)
                message = str(caught.exception)
                self.assertIn("`path` must be plane, cylinder,", message)
                self.assertIn(f"Received: {path!r}", message)
                self.assertNotIn("\n", message)


# Kinds that between them draw in every way, and on which surfaces.
EVERY = (*surfaces.SURFACES, "map")
SOME = {
    "cips": EVERY,
    "cips, grey, residual": EVERY,
    "inr_gan of classes": EVERY,
    "inr_gan, bilinear": ("plane", "map"),  # With a grid and without.
    "fourier": EVERY,
}


class SurfaceTest(testing.TestCase):
    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_a_crop_of_a_render_is_the_render_of_the_crop(self):
        latents = rendering.latents_from_seeds(range(2), 6)
        for kind, names in SOME.items():
            generator = KINDS[kind]()
            renderer = rendering.Renderer(generator)
            styles = renderer.styles(latents)
            for name in names:
                surface = surfaces.Map(square(shape=(3, 8, 2)))
                if name != "map":
                    size = (3, None if name == "cube" else 8)
                    surface = surfaces.surface(name, generator, *size)
                with self.subTest(f"{kind}, {name}"):
                    renderer.points = 65536
                    drawn = renderer.draw(styles, surface)
                    self.assertGreater(drawn.std(), 0.01)
                    renderer.points = 2 * 4  # Parts of rows.
                    # One row, as parts have: they share a graph.
                    row, columns = np.array([1]), np.arange(2, 6)
                    crop = renderer._tile(styles, surface, row, columns, 1)
                    expected = drawn[:, 1:2, 2:6]
                    self.assertAllClose(crop, expected, rtol=0, atol=1e-5)
                    if surface.wraps:
                        # A turn further is the same again.
                        last = np.array([surface.width])
                        crop = renderer._tile(styles, surface, row, last, 1)
                        expected = drawn[:, 1:2, :1]
                        self.assertAllClose(crop, expected, rtol=0, atol=1e-5)
                    tiled = renderer.draw(styles, surface)
                    self.assertAllClose(tiled, drawn, rtol=0, atol=1e-5)

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_the_region_of_a_crop_draws_the_crop(self):
        latents = rendering.latents_from_seeds([0], 6)
        for kind in SOME:
            generator = KINDS[kind]()
            renderer = rendering.Renderer(generator, 96)
            styles = renderer.styles(latents)
            whole = renderer.render(styles, 24, 24)
            ends = generator.alignment == "corner"
            box = [-1 + 2 * p / (24 - ends) for p in (0, 6, 24 - ends, 14 - ends)]
            with self.subTest(kind):
                crop = renderer.render(styles, 8, 24, box)
                self.assertAllClose(crop, whole[:, 6:14], rtol=0, atol=1e-5)

    def test_sizes(self):
        generator = small_generator()
        for name, size, expected in (
            ("plane", (None, None), (8, 8)),
            ("plane", (4, None), (4, 4)),
            ("plane", (4, 6), (4, 6)),
            ("cylinder", (4, 9), (4, 9)),
            ("sphere", (4, None), (4, 8)),
            ("cube", (4, None), (4, 24)),
        ):
            surface = surfaces.surface(name, generator, *size)
            self.assertEqual((surface.height, surface.width), expected)

    def test_volumes(self):
        generator = small_generator(coord_dim=3, embedding_size=4)
        renderer = rendering.Renderer(generator)
        styles = renderer.styles(rendering.latents_from_seeds([0], 6))
        for name in ("cylinder", "sphere", "cube"):
            surface = surfaces.surface(name, generator, 4)
            points = coords(surface)
            self.assertEqual(points.shape[-1], 3)
            self.assertAllClose(
                renderer.draw(styles, surface),
                renderer.render_coords(styles, points),
            )

    def test_errors(self):
        flat, volume = small_generator(), small_generator(coord_dim=3)
        path = str(self.temporary_folder() / "a.npy")
        np.save(path, np.zeros((4, 4, 2), "float32"))
        for name, generator, arguments, message in (
            ("plane", volume, {}, "`name` must fit .* 3 axes"),
            ("cone", flat, {}, "`name` must be plane"),
            ("cone", flat, {"height": 5}, "`name` must be plane"),
            (path, flat, {"height": 5}, "`name` must not be a map where `height`"),
            ("sphere", volume, {"box": (0, 0, 1, 1)}, "`box` must be"),
            ("cube", flat, {"height": 4, "width": 9}, "`height` must.* 9x4"),
            ("plane", flat, {"box": (0, 0, 0, 1)}, "`box` must be"),
            ("cylinder", flat, {"box": (0, 0, 0, 1)}, "`box` must be"),
            ("sphere", flat, {"box": (0, 0, 0, 1)}, "`box` must be"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValueError, message),
            ):
                surfaces.surface(name, generator, **arguments)
        with self.assertRaisesRegex(ValueError, "must have 2 axes.* 3"):
            renderer = rendering.Renderer(flat)
            styles = renderer.styles(rendering.latents_from_seeds([0], 6))
            renderer.draw(styles, surfaces.Cylinder(4, 4, "corner"))
