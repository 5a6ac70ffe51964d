"""Importing the package is cheap; its names are all there."""

import subprocess
import sys

import pytest

import inr_keras
from inr_keras import data


@pytest.mark.parametrize(
    "package, name",
    [(package, name) for package in (inr_keras, data) for name in package.__all__],
)
def test_every_name_resolves(package, name):
    assert getattr(package, name).__name__ == name


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        inr_keras.nothing


def test_settings_do_not_import_tensorflow():
    code = (
        "import sys, inr_keras.config, apps.arguments; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
