from apps import arguments
from tests import testing


class RefusedTest(testing.TestCase):
    def test_texts(self):
        for parse, rule, texts in (
            (
                arguments.parse_seeds,
                "--seeds must be",
                (
                    *("", " ", "-", ",", "1,", ",1", "a", "1-a", "0x3", "1.5", "1e3"),
                    *("-1", "-1-3", "3-1", "1--2", "1-2-3", "0..3", "1 2", "²"),
                    *("2147483648", "99999999999", "9" * 5000, "0-" + "9" * 5000),
                ),
            ),
            (
                lambda text: arguments.parse_pair(text, "range", 10),
                "--range must be two numbers from -10 to 10",
                ("", "1", "1,2,3", "a,1", "nan,0", "11,0"),
            ),
            (
                arguments.parse_aspect,
                "--aspect must be width:height",
                (
                    *("", "3", "3:", ":2", "3:2:1", "3/2", "1.5:1", "-3:2", "0:2"),
                    *("3:0", "123456:1", "³:2", "3 :2"),
                ),
            ),
            (
                arguments.parse_losses,
                "--loss must be names",
                ("", "pixel:0", "pixel:-1", "pixel,pixel", "pixel:1:2", "1"),
            ),
            (
                arguments.parse_memory,
                "--memory_limit must be a number with",
                ("", "1", "GB", "-1GB", "1TB", "1e3GB", "nanGB", "0GB"),
            ),
            (
                arguments.parse_region,
                "--region must be",
                (
                    *("", "1", "0,0,1", "0,0,1,1,1", "0,0,1,", "a,0,1,1", "0 0 1 1"),
                    *("0,0,0,1", "0,0,1,0", "1,0,0,1", "0,1,1,0", "0,0,0,0"),
                    *("nan,0,1,1", "0,0,inf,1", "0,0,2e6,1", "-2e6,0,0,1"),
                ),
            ),
            (
                arguments.parse_size,
                "--size must be",
                (
                    *("0", "-1", "1000001", "1000000000", "9" * 5000, "", "x", "big"),
                    *("1x", "x1", "0x5", "5x0", "5x5x5", "5 x 5", "1.5", "５"),
                ),
            ),
        ):
            for text in texts:
                with self.assertRaisesRegex(ValueError, f"^{rule}") as context:
                    parse(text)
                self.assertIn(f"Received: {text!r}", str(context.exception))


class ParseSeedsTest(testing.TestCase):
    def test_good(self):
        for text, seeds in {
            "3": [3],
            "0-3": [0, 1, 2, 3],
            "5-5": [5],
            "0-1,8,10-11": [0, 1, 8, 10, 11],
            "7, 2": [7, 2],
            "1,1": [1, 1],
            "007": [7],
            "2147483647": [2**31 - 1],
        }.items():
            self.assertEqual(arguments.parse_seeds(text), seeds, text)
        self.assertEqual(len(arguments.parse_seeds("0-9999")), 10000)

    def test_too_many(self):
        for text in ("0-10000", "0-9998,3-5", "0-2147483647"):
            with self.assertRaisesRegex(
                ValueError, "--seeds must name at most 10000 .* '0-"
            ):
                arguments.parse_seeds(text)


class ParsePairTest(testing.TestCase):
    def test_good(self):
        self.assertEqual(arguments.parse_pair("-1, 0.5", "range", 10), (-1.0, 0.5))


class ParseAspectTest(testing.TestCase):
    def test_good(self):
        for text, aspect in {
            "3:2": (3, 2),
            " 9:16 ": (9, 16),
            "1:1": (1, 1),
            "99999:1": (99999, 1),
        }.items():
            self.assertEqual(arguments.parse_aspect(text), aspect)


class AbsentTest(testing.TestCase):
    def test_what_is_not_given_stays(self):
        self.assertIsNone(arguments.parse_aspect(None))
        self.assertIsNone(arguments.parse_point(None))
        self.assertEqual(arguments.parse_size(None), (None, None))


class ParseLossesTest(testing.TestCase):
    def test_good(self):
        for text, losses in {
            "pixel": {"pixel": 1.0},
            "pixel:2, features:0.1": {"pixel": 2.0, "features": 0.1},
        }.items():
            self.assertEqual(arguments.parse_losses(text), losses)


class ParseMemoryTest(testing.TestCase):
    def test_good(self):
        for text, mib in {
            "1GiB": 1024.0,
            "1.5 gb": 1430.51,
            "900MB": 858.31,
            "64mib": 64.0,
        }.items():
            found = arguments.parse_memory(text)
            self.assertAllClose(found, mib, 1e-4)


class ParseKimgTest(testing.TestCase):
    names = ("image", "patch")

    def test_good(self):
        for text, lengths in {
            "16": {"": 16.0},
            "60, image:1.5": {"": 60.0, "image": 1.5},
            "patch:2,image:1": {"image": 1.0, "patch": 2.0},
        }.items():
            self.assertEqual(arguments.parse_kimg(text, self.names), lengths)

    def test_bad(self):
        for text in (
            "",
            "0",
            "-1",
            "1,2",
            "other:1",
            "image:0",
            "image",
            "image:",
            "a",
        ):
            with self.assertRaisesRegex(ValueError, "--kimg must be.*Received: "):
                arguments.parse_kimg(text, self.names)


class ParseRegionTest(testing.TestCase):
    def test_good(self):
        for text, box in {
            "-1,-1,1,1": (-1.0, -1.0, 1.0, 1.0),
            " 0, .5 ,1e1,2": (0.0, 0.5, 10.0, 2.0),
            "-1e6,-1e6,1e6,1e6": (-1e6, -1e6, 1e6, 1e6),
        }.items():
            self.assertEqual(arguments.parse_region(text), box, text)


class ParseSizeTest(testing.TestCase):
    def test_good(self):
        for text, size in {
            "1": (1, None),
            "16384": (16384, None),
            "640x480": (480, 640),
            "1000000x1": (1, 1000000),
        }.items():
            self.assertEqual(arguments.parse_size(text), size)


class CheckOutTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.file = self.folder / "file"
        self.file.write_text("mine")

    def test_good(self):
        for path in (self.file, self.folder / "new", self.folder / "a/b/c"):
            arguments.check_out(path)
            arguments.check_out(str(path))
        arguments.check_out("new.png")
        self.assertEqual(list(self.folder.iterdir()), [self.file])

    def test_bad(self):
        for path, rule in {
            self.folder: "a file, not a folder",
            self.file / "a.png": f"in a folder, and {self.file} is a file",
            self.file / "a" / "b.png": "is a file",
        }.items():
            with self.assertRaises(ValueError) as context:
                arguments.check_out(path)
            message = str(context.exception)
            self.assertTrue(message.startswith("--out must be "), message)
            self.assertIn(rule, message)
            self.assertIn(f"Received: {str(path)!r}", message)

    def test_files(self):
        arguments.check_file(str(self.file), "image")
        with self.assertRaisesRegex(ValueError, "--image must be an existing file"):
            arguments.check_file(str(self.folder), "image")

    def test_other_flags(self):
        arguments.check_png(str(self.folder / "a.PNG"), "trust_map")
        for name, rule in (("a.jpg", "end in .png"), ("file/a.png", "be in")):
            path = str(self.folder / name)
            with self.assertRaisesRegex(
                ValueError, f"--trust_map must {rule}.* Received: '{path}'"
            ):
                arguments.check_png(path, "trust_map")


class CheckOriginsTest(testing.TestCase):
    def test_good(self):
        arguments.check_origins([], "connect")
        arguments.check_origins(
            ["http://host:8501", "https://a-b.example", "http://[::1]:80"],
            "connect",
        )
        arguments.check_origins(["*"], "cors", every=True)

    def test_bad(self):
        for origin in (
            "*",
            "host:8501",
            "http://host/",
            "ftp://host",
            "http://h\u00f6st",
            "http://host; script-src *",
            "http://host\nx",
            "",
        ):
            with self.assertRaisesRegex(ValueError, "--connect must be http"):
                arguments.check_origins([origin], "connect")


class CheckPageTest(testing.TestCase):
    def test_pages_and_folders(self):
        folder = self.temporary_folder()
        for out, page in (
            (folder, folder / "fourier.md"),
            (folder / "new", folder / "new" / "fourier.md"),
            (folder / "a.md", folder / "a.md"),
        ):
            self.assertEqual(arguments.check_page(str(out), "fourier"), page)
        with self.assertRaisesRegex(ValueError, "--out must end in .md.*'x.txt'"):
            arguments.check_page("x.txt", "fourier")

    def test_distinct_files(self):
        folder = self.temporary_folder()
        (folder / "link").symlink_to(folder)
        arguments.check_distinct(out="a.png", trust_map=None, points_map=None)
        with self.assertRaisesRegex(ValueError, "--out must be another .* --signal"):
            arguments.check_distinct(
                signal=folder / "a.png", other="a.png", out=folder / "link" / "a.png"
            )

    def test_images_beside_a_page(self):
        folder = self.temporary_folder()
        (folder / "page").write_text("")
        arguments.check_out_with_images(folder / "other.md")
        with self.assertRaisesRegex(ValueError, "--out must leave .*page to a folder"):
            arguments.check_page(str(folder / "page.md"), "fourier")
        with self.assertRaisesRegex(ValueError, "--out must end in .md. .*table"):
            arguments.check_out_with_images(folder / "table")


class NumbersTest(testing.TestCase):
    def test_lists(self):
        self.assertEqual(arguments.parse_numbers(["8", "64"], "sizes", 8, 64), (8, 64))
        self.assertEqual(arguments.parse_numbers([], "sizes", 8, 64), ())
        for text in ("7", "65", "a", "", "-8", "8.0", "\u00b3", "9" * 5000):
            with self.assertRaisesRegex(
                ValueError, "--sizes must be numbers from 8 to 64. "
            ) as context:
                arguments.parse_numbers(["8", text], "sizes", 8, 64)
            self.assertIn(f"Received: {text!r}", str(context.exception))

    def test_ranges(self):
        arguments.check_range(-1.0, "prior", -1, 2)
        arguments.check_range(2, "prior", -1, 2)
        for value in (-2, 2.5, float("nan"), float("inf")):
            with self.assertRaisesRegex(
                ValueError, f"--prior must be from -1 to 2. Received: {value}"
            ):
                arguments.check_range(value, "prior", -1, 2)


class PathsTest(testing.TestCase):
    def test_commas_in_paths(self):
        folder = self.temporary_folder()
        for name in ("a", "b,c", "d,"):
            (folder / name).mkdir()
        a, b, d = (f"{folder}/{name}" for name in ("a", "b,c", "d,"))
        for paths in ([a], [a, b, d], [b, a], [d, d, b]):
            parts = ",".join(paths).split(",")
            self.assertEqual(arguments.joined_paths(parts), paths)
        missing = [a, f"{folder}/b", "e"]
        self.assertEqual(arguments.joined_paths(missing), missing)


class TypedTest(testing.TestCase):
    def test_paths_of_a_machine_are_left_out(self):
        given = ["--features=/home/me/net.keras", "--minutes=2"]
        text = arguments.typed("experiment", given, "/home/me/net.keras")
        self.assertEqual(
            text,
            "python -m apps.experiment \\\n    --features=net.keras \\\n"
            "    --minutes=2",
        )
