from inr_keras.benchmarks import device_page
from tests import testing

NETWORK = {"network": "CIPS", "pass": "forward", "dtype": "float32", "xla": False}
NETWORK |= {"width": 32, "size": 16, "ms": 2.0, "gflop": 1.0, "megabytes": 30.0}
NETWORK |= {"gflops": 500.0, "plain_gflops": 1000.0, "share": 0.5}
RESULTS = {
    "machine": {"command": "python -m apps.benchmark", "date": "2026-01-02"},
    "device": {
        "device": "Some GPU",
        "devices": 2,
        "backend": "tensorflow 2",
        "keras": "3",
    }
    | {"is_gpu": True},
    "gb_per_s": 100.0,
    "parity": [{"network": "CIPS", "pass": "forward", "error": 1e-6}],
    "network": [NETWORK],
    "training": [
        {"method": "patch", "option": "plain", "resolution": 256, "stage": 1, "of": 1}
        | {"seconds": 0.5, "images_per_second": 8.0, "memory_mib": 1234.0},
        {"method": "image", "option": "xla", "resolution": 256, "stage": 1, "of": 1}
        | {"error": "a | b"},
    ],
    "replicas": [
        {"replicas": 1, "images_per_second": 10.0},
        {"replicas": 2, "images_per_second": 19.0},
    ],
    "left_out": "",
}


class DevicePageTest(testing.TestCase):
    def test_page(self):
        page = "\n".join(device_page.lines(RESULTS))
        for part in (
            "# Speed of Some GPU",
            "2026-01-02, Some GPU (2 in the machine), tensorflow 2, Keras 3.",
            "| CIPS | forward | 1.0e-06 |",
            "| CIPS | 32 | 16 | forward | float32 | off | 2 | 1 | 30 | 500 | 1,000 "
            "| 0.50 | 1 | products |",
            "| patch | plain | 256 | 1 of 1 | 0.5 | 8 | 1,234 |",
            "failed: a / b",
            "| 2 | 19 | 1.90 |",
        ):
            self.assertIn(part, page)
        self.assertNotIn("No GPU", page)
        self.assertNotIn("Left out", page)

    def test_a_cpu(self):
        results = {**RESULTS, "parity": [], "training": [], "replicas": []}
        results["device"] = {**RESULTS["device"], "is_gpu": False}
        results["left_out"] = "XLA"
        page = "\n".join(device_page.lines(results))
        for part in (
            "No GPU was at hand: all of it ran on a CPU.",
            "Parity with the CPU needs a GPU.",
            "Training steps need TensorFlow.",
            "Left out: XLA.",
        ):
            self.assertIn(part, page)

    def test_devices_that_fail(self):
        failed = {"replicas": 2, "error": "no | memory"}
        results = {**RESULTS, "replicas": [RESULTS["replicas"][0], failed]}
        page = "\n".join(device_page.lines(results))
        self.assertIn("| 1 | 10 | 1.00 |", page)
        self.assertIn("| 2 | failed: no / memory |  |", page)

    def test_roofline(self):
        self.assertEqual(device_page.roofline(NETWORK, 100.0), (1.0, "products"))
        self.assertEqual(device_page.roofline(NETWORK, 10.0), (3.0, "memory"))
