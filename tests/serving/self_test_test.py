import json

import pytest

from inr_keras import serving
from inr_keras.serving import model_facts
from inr_keras.serving import plain_tensorflow
from inr_keras.serving import self_test
from inr_keras.serving.export import METADATA
from tests import testing
from tests.serving.kinds import KINDS


@pytest.mark.slow
def test_an_export_passes_in_this_process(tmp_path):
    # In one of its own: see export_test.py.
    generator = KINDS["inr_gan"]()
    version = serving.export(generator, tmp_path / "small", test=False)
    metadata = json.loads((version / METADATA).read_text())
    cases = self_test.cases(generator, metadata)
    count, warmed = plain_tensorflow.check(version, cases)
    assert (count, warmed) == (13, 40)


class FailuresTest(testing.TestCase):
    @pytest.mark.slow
    def test_a_model_that_cannot_be_loaded(self):
        generator = KINDS["cips"]()
        metadata = model_facts.describe(generator, "small")
        with self.assertRaisesRegex(
            serving.SelfTestError, "fails its test: .*saved_model.pb"
        ) as context:
            self_test.run(self.temporary_folder(), generator, metadata)
        self.assertEqual(len(str(context.exception).splitlines()), 1)
