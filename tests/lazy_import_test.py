"""Importing the package is cheap; its names are all there."""

import subprocess
import sys

import pytest

import inr_keras


@pytest.mark.parametrize("name", inr_keras.__all__)
def test_every_name_resolves(name):
    assert getattr(inr_keras, name).__name__ == name


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        inr_keras.nothing


def test_settings_do_not_import_tensorflow():
    code = (
        "import sys, inr_keras.config, apps.arguments; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
