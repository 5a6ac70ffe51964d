import pytest

from inr_keras.benchmarks import device_speed
from inr_keras.benchmarks import network_speed
from tests import testing


class DeviceSpeedTest(testing.TestCase):
    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_rows(self):
        rows = list(device_speed.measure([8], [8], None, 1))
        kinds = [row["kind"] for row in rows]
        self.assertEqual(kinds[:2], ["device", "bandwidth"])
        self.assertEqual(set(kinds[2:]), {"network"})  # Parity needs a GPU.
        networks = rows[2:]
        # Four passes of generators and four of the discriminator, two dtypes, XLA.
        self.assertEqual(len(networks), 8 * 2 * 2)
        self.assertEqual({row["dtype"] for row in networks}, set(network_speed.DTYPES))
        self.assertEqual([row["xla"] for row in networks], [False] * 16 + [True] * 16)
        for row in networks:
            self.assertEqual((row["width"], row["size"]), (8, 8))
            self.assertGreater(row["ms"], 0.0)

    @pytest.mark.usefixtures("eagerly")
    def test_parity_of_a_device_with_itself(self):
        rows = list(device_speed.measure_parity(8, 8, batch=2))
        self.assertEqual(len(rows), 8)
        for row in rows:
            self.assertLess(row["error"], 1e-5, row)
