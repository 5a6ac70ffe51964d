import json
import os
import re

import keras

from inr_keras.benchmarks import machine
from tests import testing


class MachineTest(testing.TestCase):
    def test_facts(self):
        facts = json.loads(json.dumps(machine.describe()))
        self.assertEqual(facts["cores"], os.cpu_count())
        self.assertEqual(facts["keras"], keras.__version__)
        self.assertTrue(facts["processor"])
        self.assertRegex(facts["date"], r"^\d{4}-\d\d-\d\d$")

    def test_facts_of_a_page(self):
        facts = machine.page_facts("python -m apps.study")
        self.assertEqual(facts["command"], "python -m apps.study")
        expected = (
            rf"{os.cpu_count()} cores, {re.escape(machine.describe()['processor'])}"
        )
        self.assertRegex(facts["machine"], f"^{expected}$")
