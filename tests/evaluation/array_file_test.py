import numpy as np

from inr_keras.evaluation import array_file
from tests import testing


class RowsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.path = self.temporary_folder() / "rows.npy"
        self.array = np.random.default_rng(0).normal(size=(10, 3))
        self.array = self.array.astype("float32")

    def write(self, count=10):
        writer = array_file.RowsWriter(self.path, count)
        for part in (self.array[:4], self.array[4:9], self.array[9:]):
            writer.append(part)
        writer.close()

    def test_reads_what_was_written(self):
        self.write()
        found = array_file.Rows(self.path)
        self.assertEqual((len(found), found.shape), (10, (10, 3)))
        self.assertAllEqual(found[:], self.array)
        self.assertAllEqual(found[3:7], self.array[3:7])
        self.assertAllEqual(found[8:20], self.array[8:])
        self.assertAllEqual(found[np.array([9, 0, 9])], self.array[[9, 0, 9]])
        self.assertEqual(found[2:4].dtype, np.float64)
        self.assertAllEqual(np.load(self.path), self.array)

    def test_blocks_of_rows_and_of_arrays(self):
        self.write()
        for source in (array_file.Rows(self.path), self.array):
            parts = list(array_file.blocks(source, 4))
            self.assertEqual([start for start, _ in parts], [0, 4, 8])
            joined = np.concatenate([block for _, block in parts])
            self.assertAllEqual(joined, self.array)

    def test_incomplete_files(self):
        with self.assertRaisesRegex(ValueError, "12 rows. Received: 10"):
            self.write(12)
        with self.assertRaisesRegex(ValueError, "must be of .* bytes"):
            array_file.Rows(self.path)
