"""The package as users get it: built, installed, and used outside of the repository.

The dependencies are those of the environment that runs the tests: TensorFlow would take
minutes to install again.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest

from tests import testing

ROOT = pathlib.Path(__file__).parents[1]
_PACKAGED = ("inr_keras", "apps", "configs")
_ABOUT = ("LICENSE", "README.md", "pyproject.toml")
_BUILD = "import sys; from setuptools import build_meta; build_meta.{}(sys.argv[1])"


def run(*command, cwd):
    process = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
    )
    assert not process.returncode, process.stdout + process.stderr
    return process.stdout


@pytest.mark.slow
class PackageTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def build(self):
        """Path of a wheel that is built from a source archive of the repository."""
        copy = self.folder / "repository"
        copy.mkdir()
        unwanted = shutil.ignore_patterns("__pycache__")
        for name in _PACKAGED:
            shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
        for name in _ABOUT:
            shutil.copy(ROOT / name, copy)
        built = self.folder / "built"
        run(sys.executable, "-c", _BUILD.format("build_sdist"), built, cwd=copy)
        [archive] = built.glob("*.tar.gz")
        shutil.unpack_archive(archive, self.folder / "unpacked")
        [source] = (self.folder / "unpacked").iterdir()
        run(sys.executable, "-c", _BUILD.format("build_wheel"), built, cwd=source)
        [wheel] = built.glob("*.whl")
        return wheel

    def test_built_installed_and_used_elsewhere(self):
        wheel = self.build()
        files = {
            path.relative_to(ROOT).as_posix()
            for name in _PACKAGED
            for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        with zipfile.ZipFile(wheel) as archive:
            packed = set(archive.namelist())
        self.assertEqual(files - packed, set())

        environment = self.folder / "environment"
        # Without a pip of its own, whose installation takes seconds.
        venv = (sys.executable, "-m", "venv", "--without-pip")
        run(*venv, environment, cwd=self.folder)
        binaries = environment / "bin"
        pip = (sys.executable, "-m", "pip", "--python", binaries / "python")
        flags = ("--no-deps", "--no-index", "--quiet")
        run(*pip, "install", *flags, wheel, cwd=self.folder)
        [packages] = (environment / "lib").glob("python*/site-packages")
        (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])

        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        code = "import inr_keras; print(inr_keras.__file__)"
        where = run(binaries / "python", "-c", code, cwd=elsewhere)
        self.assertTrue(where.startswith(str(packages)), where)
        program = binaries / "inr-keras"
        run(
            program,
            "train",
            "--config=tiny",
            "--config.method=patch",  # One stage, which is traced once.
            "--config.sample_kimg=1",
            "--workdir=runs/tiny",
            cwd=elsewhere,
        )
        lines = (elsewhere / "runs" / "tiny" / "metrics.jsonl").read_text()
        self.assertEqual(json.loads(lines.splitlines()[-1])["images_seen"], 48)
        run(program, "export", "--model=runs/tiny", "--out=models/tiny", cwd=elsewhere)
        self.assertTrue((elsewhere / "models/tiny/1/saved_model.pb").is_file())
