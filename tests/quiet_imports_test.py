import json
import os
import subprocess
import sys

import pytest

from tests import testing

_IMPORT = "from inr_keras import quiet_imports; quiet_imports.install()\n"


class QuietImportsTest(testing.TestCase):
    def run_program(self, body, **environment):
        return subprocess.run(
            [sys.executable, "-c", _IMPORT + body],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            cwd=self.folder,
        )

    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.package = self.folder / "tensorflow_gan.py"

    def test_what_an_import_writes(self):
        self.package.write_text(
            "import os, sys\nos.write(2, b'noise')\nprint('more', file=sys.stderr)\n"
        )
        process = self.run_program(
            "import sys\nsys.path.insert(0, '.')\nimport tensorflow_gan\n"
            "print('after', file=sys.stderr)\n"
        )
        self.assertEqual(process.stderr, "after\n")

    def test_an_import_that_fails_shows_it(self):
        self.package.write_text("import os\nos.write(2, b'why')\nraise ImportError\n")
        process = self.run_program("sys = __import__('sys')\nimport tensorflow_gan\n")
        self.assertEqual(process.returncode, 1)
        self.assertTrue(process.stderr.startswith("why"), process.stderr)

    @pytest.mark.slow
    def test_keras_as_networks_need_it(self):
        settings = {"floatx": "float16", "image_data_format": "channels_first"}
        text = json.dumps({**settings, "backend": "jax", "epsilon": 1e-7})
        (self.folder / "keras.json").write_text(text)
        process = self.run_program(
            "import keras\nc = keras.config\n"
            "print(c.backend(), c.floatx(), c.image_data_format())\n",
            KERAS_HOME=str(self.folder),
            KERAS_BACKEND="torch",
        )
        self.assertEqual(process.stdout, "tensorflow float32 channels_last\n")
        self.assertEqual(process.stderr, "")

    def test_the_backend_of_programs_that_run_on_several(self):
        body = (
            "import os\nquiet_imports.install(quiet_imports.BACKENDS)\n"
            "print(os.environ['KERAS_BACKEND'])\n"
        )
        for asked, chosen in (("jax", "jax"), ("tensorflow", "tensorflow")):
            process = self.run_program(body, KERAS_BACKEND=asked)
            self.assertEqual(process.stdout, f"{chosen}\n")
        process = self.run_program(body, KERAS_BACKEND="")
        self.assertEqual(process.stdout, "tensorflow\n")  # It is installed.
        process = self.run_program(body, KERAS_BACKEND="torch")
        rule = "KERAS_BACKEND must be tensorflow or jax. Received: 'torch'"
        self.assertIn(rule, process.stderr.splitlines()[-1])
