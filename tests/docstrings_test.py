"""Docstrings can be understood by their first line alone."""

import ast
import re

from tests import imports_test
from tests import testing

# These begin a remark about something that the line does not name.
RIDDLES = re.compile(
    r"(Of|As|Those|Such|The same|Their|Its|What|Whether|How|Where|Which|Why|When)\b"
)


def docstrings(path):
    """Yields the place and the docstring of everything in a file that has one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield f"{path.name}:{getattr(node, 'lineno', 1)}", text


class DocstringsTest(testing.TestCase):
    def test_they_begin_with_a_verb_or_a_noun_phrase(self):
        for path in imports_test.sources("inr_keras", "apps", "configs"):
            for place, text in docstrings(path):
                self.assertNotRegex(text, rf"\A{RIDDLES.pattern}", place)
                self.assertRegex(text, r"\A[^\n]+[.:](\n|\Z)", place)

    def test_what_is_refused(self):
        for text in ("Of the averages, in a step.", "As `plan`.", "Those of x."):
            self.assertRegex(text, RIDDLES)
        self.assertNotRegex("Offsets of crops.", RIDDLES)
