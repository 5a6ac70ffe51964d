import pathlib
import re
from unittest import mock

import pytest

from inr_keras import extras
from inr_keras import quiet_imports

PROJECT = pathlib.Path(__file__).parents[1] / "pyproject.toml"


def declared(extra):
    """Packages of an extra in pyproject.toml, without their bounds."""
    text = PROJECT.read_text(encoding="utf-8")
    [block] = re.findall(rf"^{extra} = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    return {re.match(r"[\w.-]+", item)[0] for item in re.findall(r'"(.+?)"', block)}


@pytest.mark.parametrize("extra", extras.EXTRAS)
def test_packages_are_those_of_the_project(extra):
    packages = extras.EXTRAS[extra].values()
    assert declared(extra) == {re.match(r"[\w.-]+", name)[0] for name in packages}


def test_one_line_names_the_extra():
    error = ImportError("No module named 'uvicorn'")
    command = "pip install .*starlette uvicorn .extra: serve."
    with mock.patch("importlib.import_module", side_effect=error):
        with pytest.raises(quiet_imports.UnfitEnvironment, match=command):
            extras.load("uvicorn", "serve")
    found = {"uvicorn": None}
    with mock.patch("importlib.util.find_spec", lambda m: found.get(m, "a spec")):
        with pytest.raises(
            quiet_imports.UnfitEnvironment, match=f"uvicorn.: {command}"
        ):
            extras.require("serve")
    with mock.patch("importlib.util.find_spec", return_value="a spec"):
        extras.require("serve")
