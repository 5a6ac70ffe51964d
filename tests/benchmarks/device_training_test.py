import os
from unittest import mock

import pytest

from configs import tiny
from inr_keras.benchmarks import device_training
from inr_keras.benchmarks import training_cost
from tests import testing
from tests.training import small


class DeviceTrainingTest(testing.TestCase):
    def test_cases(self):
        cases = device_training.list_cases(
            tiny.get_config(), ("image", "multi_stage"), (32,), is_gpu=True
        )
        names = [case[:4] for case in cases]
        self.assertEqual(
            names[:4],
            [("multi_stage", "plain", 32, i) for i in range(3)]
            + [("image", "plain", 32, 0)],
        )
        options = ["bfloat16", "xla", "float32 without TF32"]
        expected = [
            (method, option, 32, index)
            for option in options
            for method, index in (("multi_stage", 2), ("image", 0))
        ]
        self.assertEqual(names[4:], expected)
        self.assertEqual(cases[4][-1].dtype, "mixed_bfloat16")
        on_cpu = device_training.list_cases(tiny.get_config(), ("image",), (32,), False)
        self.assertEqual([case[1] for case in on_cpu], ["plain", "bfloat16", "xla"])

    def test_precision_of_a_case(self):
        seen = []

        def measure(config, runs, index):
            seen.append((os.environ.get("NVIDIA_TF32_OVERRIDE"), runs, index))
            if len(seen) > 1:
                raise RuntimeError("out of memory")
            return {"seconds": 1.0}

        with mock.patch.object(training_cost, "measure", measure):
            rows = [
                device_training.measure_case(
                    ("patch", option, 32, 0, tiny.get_config()), 3
                )
                for option in ("float32 without TF32", "plain")
            ]
        self.assertEqual(seen, [("0", 3, 0), (None, 3, 0)])
        self.assertEqual(rows[0]["seconds"], 1.0)
        self.assertEqual(rows[1]["error"], "out of memory")
        self.assertEqual((rows[1]["stage"], rows[1]["of"]), (1, 3))

    @pytest.mark.slow
    def test_replicas(self):
        row = device_training.measure_replicas(small.small_config(), 2, runs=1)
        self.assertEqual(row["replicas"], 2)
        self.assertGreater(row["images_per_second"], 0.0)
