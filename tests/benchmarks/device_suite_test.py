import json
from unittest import mock

from configs import tiny
from inr_keras.benchmarks import device_training
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import suites
from tests import testing
from tests.benchmarks import device_page_test


class DeviceSuiteTest(testing.TestCase):
    def measure(self, backend="tensorflow 2", minutes=9.0, **kwargs):
        """Page, results, and the calls of training steps."""
        device = {**device_page_test.RESULTS["device"], "backend": backend}
        asked, trained = {}, []

        def rows(function, **arguments):
            asked.update(arguments)
            self.has_begun = False
            yield {"kind": "device", **device}
            self.has_begun = True
            yield {"kind": "bandwidth", "gb_per_s": 100.0}
            yield {"kind": "network", **device_page_test.NETWORK}

        def step(case, runs):
            trained.append((*case[:4], runs))
            return {**device_page_test.RESULTS["training"][0], "method": case[0]}

        out = self.temporary_folder() / "a.json"
        request = suites.Request(
            "device",
            tiny.get_config(),
            str(out),
            runs=2,
            widths=(8,),
            minutes=minutes,
            command="python",
            **kwargs,
        )
        replicas = device_page_test.RESULTS["replicas"]
        with (
            mock.patch.object(fresh_process, "stream", rows),
            mock.patch.object(device_training, "measure_case", step),
            mock.patch.object(
                device_training, "measure_replicas", side_effect=replicas
            ),
        ):
            tables, files = suites.measure(request)
        self.assertEqual(list(tables[0].columns[0].cells), ["CIPS"])
        self.assertEqual(
            [path for path, _ in files], [out.with_suffix(".md"), str(out)]
        )
        self.asked = asked
        return files[0][0].read_text(), json.loads(out.read_text()), trained

    def test_tensorflow(self):
        page, results, trained = self.measure(methods=("patch",), resolutions=(32,))
        self.assertEqual(self.asked["widths"], [8])
        self.assertEqual((self.asked["sizes"], self.asked["batch"]), ([64], None))
        options = ["plain", "bfloat16", "xla", "float32 without TF32"]
        self.assertEqual(trained, [("patch", name, 32, 0, 2) for name in options])
        self.assertEqual(len(results["replicas"]), 2)
        self.assertEqual(results["left_out"], "")
        self.assertIn("| patch | plain | 256 |", page)

    def test_what_is_unfit_is_refused_before_the_work(self):
        for unfit, text in (
            ({"methods": ("none",)}, "`methods` must be one of"),
            ({"resolutions": (100,)}, "config.resolution"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.measure(**unfit)
            self.assertFalse(self.has_begun)

    def test_sides_are_multiples_of_the_configs(self):
        *_, trained = self.measure(methods=("patch",))
        self.assertEqual([side for _, _, side, *_ in trained[:3]], [32, 64, 128])

    def test_jax(self):
        page, results, trained = self.measure("jax 0.9", sizes=(16, 8), batch=3)
        self.assertEqual((self.asked["sizes"], self.asked["batch"]), ([8, 16], 3))
        self.assertEqual((trained, results["training"]), ([], []))
        self.assertIn("Training steps need TensorFlow.", page)

    def test_its_time(self):
        page, results, trained = self.measure(minutes=1e-9)
        self.assertEqual(trained, [])
        self.assertIn(
            "Left out: more networks, training steps, for lack of time.", page
        )
