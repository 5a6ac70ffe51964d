"""The rules of the source tree: who imports whom, sizes, tests."""

import ast
import pathlib
import sys

from tests import testing

ROOT = pathlib.Path(__file__).parents[1]
LIBRARY = ROOT / "inr_keras"
MAX_LINES = 400
# What these may import of the library; of other packages, Keras and numpy.
PURE = {
    "coordinates.py": set(),
    "rectangles.py": set(),
    "layers": {"coordinates", "layers"},
    # Rematerialization is Keras's where the backend is another than TensorFlow.
    "models": {"coordinates", "layers", "models", "rematerialization"},
    "losses": {"coordinates", "losses"},
}
PAGE = LIBRARY / "serving" / "explorer"
# Files without a test of their own name.
UNTESTED = {"__init__.py"}


def imports(path):
    """Full names of what a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"{path}: relative import")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(*folders):
    for folder in folders:
        path = ROOT / folder
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


class ImportsTest(testing.TestCase):
    def test_layers_models_and_losses_are_pure_keras(self):
        packages = {"keras", "numpy", "inr_keras"} | sys.stdlib_module_names
        for name, allowed in PURE.items():
            paths = list(sources(f"inr_keras/{name}"))
            self.assertTrue(paths, name)
            for path in paths:
                for imported in imports(path):
                    package, *inner = imported.split(".")
                    place = f"{path.relative_to(ROOT)} imports {imported}"
                    self.assertIn(package, packages, place)
                    if package == "inr_keras":
                        self.assertIn(inner[0], allowed, place)

    def test_the_library_does_not_import_what_stands_on_it(self):
        for path in sources("inr_keras"):
            for imported in imports(path):
                package = imported.split(".")[0]
                place = f"{path.relative_to(ROOT)} imports {imported}"
                self.assertNotIn(package, {"apps", "configs", "tests"}, place)


class FilesTest(testing.TestCase):
    def test_files_are_short(self):
        lengths = {
            str(path.relative_to(ROOT)): len(
                path.read_text(encoding="utf-8").splitlines()
            )
            for path in sources("inr_keras", "apps", "configs", "tests")
        }
        long = {name: n for name, n in lengths.items() if n > MAX_LINES}
        self.assertEqual(long, {})

    def test_files_of_the_page_are_short_and_ask_no_other_server(self):
        paths = [
            path
            for path in PAGE.rglob("*.*")
            if path.suffix in (".css", ".html", ".js", ".svg")
            and "vendor" not in path.parts
        ]
        self.assertGreater(len(paths), 10)
        for path in paths:
            text = path.read_text(encoding="utf-8")
            self.assertLessEqual(len(text.splitlines()), MAX_LINES, path)
            text = text.replace("http://www.w3.org/2000/svg", "")
            self.assertNotRegex(text, r"(?:https?:|[\"'(])//\w", path)

    def test_every_source_has_a_test(self):
        tests = {path.name for path in sources("tests")}
        missing = [
            str(path.relative_to(ROOT))
            for path in sources("inr_keras")
            if path.name not in UNTESTED and f"{path.stem}_test.py" not in tests
        ]
        self.assertEqual(missing, [])
