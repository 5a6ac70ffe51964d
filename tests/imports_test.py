"""The rules of the source tree: who imports whom, sizes, tests."""

import ast
import collections
import pathlib
import re
import sys

from tests import testing

ROOT = pathlib.Path(__file__).parents[1]
LIBRARY = ROOT / "inr_keras"
MAX_LINES = 400
# A package or module may import itself and those before it.
ORDER = (
    "config",
    "naming",
    "progress_lines",
    "whole_numbers",
    "quiet_imports",
    "extras",
    "remote_paths",
    "backend",
    "rectangles",
    "coordinates",
    "processes",
    "locks",
    "files",
    "markdown_pages",
    "paths",
    "client",
    "explorer",
    "losses",
    "layers",
    "models",
    "data",
    "rendering",
    "conversion",
    "runs",
    "evaluation",
    "metrics",
    "training",
    "export",
    "benchmarks",
    "serving",
    "studies",
)
# Of other packages these import Keras, NumPy and the standard library alone.
PURE = ("coordinates", "rectangles", "layers", "models", "losses")
# Both do without TensorFlow where it is not the backend.
IMPURE = {
    "inr_keras/layers/image_products.py",
    "inr_keras/models/rematerialization.py",
}
PAGE = LIBRARY / "explorer" / "page"
# Flags of programs that are not this project's, which the library may name.
FOREIGN_FLAGS = {
    "--check",  # sha256sum
    "--enable_per_model_batching_parameters",  # TensorFlow Serving
    "--error-unmatch",  # git
    "--force-reinstall",  # pip
    "--no-optional-locks",  # git
    "--porcelain",  # git
    "--untracked-files",  # git
}
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
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        assert found, f"{folder} holds no sources."
        yield from found


def room(path):
    """Name of the package or module of the library that a file belongs to."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def module(path):
    """Full name of a file's module."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


class ImportsTest(testing.TestCase):
    def test_imports_point_one_way(self):
        rooms = {room(path) for path in sources("inr_keras")}
        self.assertEqual(rooms - {"__init__"}, set(ORDER))
        for path in sources("inr_keras"):
            for imported in imports(path):
                package, *inner = imported.split(".")
                place = f"{path.relative_to(ROOT)} imports {imported}"
                self.assertNotIn(package, {"apps", "configs", "docs", "tests"}, place)
                if package == "inr_keras" and inner and inner[0] in ORDER:
                    before = ORDER[: ORDER.index(room(path)) + 1]
                    self.assertIn(inner[0], before, place)

    def test_no_files_import_each_other_in_a_circle(self):
        modules = {module(path): path for path in sources("inr_keras")}

        def needed(path):
            for name in imports(path):
                while name and name not in modules:
                    name = name.rpartition(".")[0]
                if name:
                    yield name

        # A package's own file imports its modules, for others to find.
        graph = {
            name: set(needed(path)) - {name}
            for name, path in modules.items()
            if path.name != "__init__.py"
        }
        while True:
            leaves = {name for name in graph if not graph[name] & graph.keys()}
            if not leaves:
                break
            for name in leaves:
                del graph[name]
        self.assertEqual(graph, {})

    def test_layers_models_and_losses_are_pure_keras(self):
        packages = {"keras", "numpy", "inr_keras"} | sys.stdlib_module_names
        for path in sources("inr_keras"):
            if room(path) not in PURE or str(path.relative_to(ROOT)) in IMPURE:
                continue
            for imported in imports(path):
                place = f"{path.relative_to(ROOT)} imports {imported}"
                self.assertIn(imported.split(".")[0], packages, place)


class MessagesTest(testing.TestCase):
    def test_the_library_knows_no_flags(self):
        for path in sources("inr_keras"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    found = set(re.findall(r"--[a-z][\w-]*", node.value))
                    self.assertLessEqual(found, FOREIGN_FLAGS, place)


def without_encoding(tree):
    """Calls that read or write text in the encoding of the machine."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        is_open = isinstance(node.func, ast.Name) or name == "fdopen"
        if name in ("open", "fdopen") and is_open:
            mode = given.get("mode", (*node.args, None, None)[1])
            is_text = "b" not in getattr(mode, "value", "") if mode else True
        else:
            text = getattr(given.get("text"), "value", False)
            is_text = name in ("read_text", "write_text") or text is True
        if is_text and "encoding" not in given:
            yield node


class EncodingTest(testing.TestCase):
    def test_texts_are_utf8_on_every_machine(self):
        for path in sources("inr_keras", "apps", "configs", "docs"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            places = [
                f"{path.relative_to(ROOT)}:{node.lineno}"
                for node in without_encoding(tree)
            ]
            self.assertEqual(places, [])

    def test_what_is_refused(self):
        for line, is_refused in (
            ("open(a)", True),
            ("open(a, 'w')", True),
            ("open(a, mode='a')", True),
            ("os.fdopen(a)", True),
            ("path.write_text(b)", True),
            ("path.read_text()", True),
            ("subprocess.run(a, text=True)", True),
            ("open(a, 'rb')", False),
            ("open(a, 'w', encoding='utf-8')", False),
            ("path.read_text(encoding='utf-8')", False),
            ("subprocess.run(a, text=True, encoding='utf-8')", False),
            ("Image.open(a)", False),
        ):
            self.assertEqual(any(without_encoding(ast.parse(line))), is_refused, line)


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

    def test_no_two_packages_have_a_file_of_one_name(self):
        names = collections.Counter(
            path.name for path in sources("inr_keras") if path.name not in UNTESTED
        )
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_every_source_has_a_test(self):
        tests = {path.name for path in sources("tests")}
        missing = [
            str(path.relative_to(ROOT))
            for path in sources("inr_keras")
            if path.name not in UNTESTED and f"{path.stem}_test.py" not in tests
        ]
        self.assertEqual(missing, [])
