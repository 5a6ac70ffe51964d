import json
import pathlib
import sys
from unittest import mock

import numpy as np

from inr_keras import export
from inr_keras.export import model_metadata
from inr_keras.export import plain_tensorflow
from inr_keras.export import self_test
from inr_keras.export import signatures
from tests import testing
from tests.serving.kinds import KINDS

# In place of the program that loads the model, which apps/export_test.py runs.
_PROGRAM = """
import json, sys
_, version, cases = sys.argv
open(version, "w").write(json.dumps([sys.path, cases]))
if {fails}:
    sys.exit("a warning\\nit draws nothing")
"""


class SelfTestTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = KINDS["cips"]()
        self.metadata = model_metadata.describe(self.generator, "small")

    def test_a_case_of_each_signature_and_of_single_regions(self):
        cases = self_test.cases(self.generator, self.metadata)
        told = {tuple(name.split("/")[:3]) for name in cases}
        for kind in ("inputs", "outputs"):
            found = [name for _, name, k in sorted(told) if k == kind]
            self.assertEqual(len(found), 15)
            self.assertEqual(set(found), set(signatures.names(self.generator)))
        shapes = {
            np.shape(value)
            for name, value in cases.items()
            if name.endswith("render_region/inputs/box")
        }
        self.assertEqual(shapes, {(4,), (2, 4)})

    def run_program(self, fails):
        folder = self.temporary_folder()
        program = folder / "program.py"
        program.write_text(_PROGRAM.format(fails=fails))
        self.told = folder / "told"
        with (
            mock.patch.object(plain_tensorflow, "__file__", str(program)),
            mock.patch.object(self_test, "cases", return_value={"x": [1]}),
        ):
            self_test.run(self.told, self.generator, self.metadata)

    def test_a_process_of_its_own(self):
        # Packages may come from PYTHONPATH or from a notebook's own changes.
        with mock.patch.object(sys, "path", [*sys.path, "/my/packages"]):
            self.run_program(fails=False)
            found, cases = json.loads(self.told.read_text())
            self.assertEqual(found, sys.path)
        self.assertFalse(pathlib.Path(cases).exists())

    def test_its_last_line_is_the_reason(self):
        with self.assertRaises(export.SelfTestError) as caught:
            self.run_program(fails=True)
        self.assertEqual(
            str(caught.exception),
            "the exported model fails its test: it draws nothing",
        )
