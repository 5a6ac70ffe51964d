import numpy as np

from inr_keras.evaluation import measurements
from inr_keras.evaluation import shards
from tests import testing


class Drawing:
    """Stands for `measurements.Drawing`, of one value."""

    def __init__(self, value):
        self.value = value

    def measure(self, folder):
        if self.value is None:
            raise KeyboardInterrupt
        result = measurements.Measurements()
        result.values["seam"] = np.array([self.value])
        return result


class ShardsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def write(self, number, total=12, value=0.0, **facts):
        facts = {"seed": 5, "model": "a" * 64, "metrics": ("seam",), **facts}
        name = shards.name(number, total)
        return shards.write(self.folder, name, facts, Drawing(value))

    def test_parts_are_all_samples_in_whole_blocks(self):
        for count, total in ((2, 1), (512, 2), (50_000, 8), (3000, 12)):
            parts = [shards.part(count, n + 1, total) for n in range(total)]
            numbers = [number for part in parts for number in part]
            self.assertEqual(numbers, list(range(count)))
            self.assertTrue(all(part.start % 256 == 0 for part in parts))
        for number, total in ((0, 2), (3, 2), (1, 0), (1, 3)):
            with self.assertRaisesRegex(ValueError, f"most 2.* {number}/{total}"):
                shards.part(512, number, total)

    def test_are_joined_in_the_order_of_their_samples(self):
        for number in range(1, 13):
            self.assertTrue(self.write(number, value=float(number)))
        facts = {"metrics": ["seam"]}
        found = shards.read(self.folder, facts, self.temporary_folder())
        self.assertAllEqual(found.values["seam"], np.arange(1.0, 13.0))

    def test_one_that_is_done_is_not_drawn_again(self):
        with self.assertRaises(KeyboardInterrupt):
            self.write(1, value=None)
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertTrue(self.write(1))
        self.assertFalse(self.write(1, value=None))

    def test_those_of_other_facts_are_refused(self):
        self.write(1)
        text = (
            "settings. Received: shard_1_of_12 of seed 5 and not 6; model aaaaaaaaaaaa"
        )
        with self.assertRaisesRegex(ValueError, text):
            self.write(2, seed=6, model="b" * 64)
        (self.folder / "shard_1_of_12" / "facts.json").unlink()
        with self.assertRaisesRegex(ValueError, "remove shard_1_of_12"):
            self.write(2)

    def test_missing_ones_are_named(self):
        with self.assertRaisesRegex(ValueError, "one division.* none"):
            shards.all_names(self.folder / "nothing")
        for number in (1, 2, 4):
            self.write(number, 5)
        with self.assertRaisesRegex(ValueError, "hold 5 shards; missing: 3, 5. R"):
            shards.all_names(self.folder)
        self.write(1, 2)
        with self.assertRaisesRegex(ValueError, "shard_1_of_2, shard_1_of_5"):
            shards.all_names(self.folder)
