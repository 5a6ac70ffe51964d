import json

from inr_keras.runs import record_files
from tests import testing


class RecordFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_names_of_distances(self):
        for name, metric, expected in (
            ("fid", "fd", True),
            ("fid", "fid", True),
            ("dfid", "dfd", True),
            ("fid", "dfd", False),
            ("swd", "kid", False),
        ):
            found = record_files.is_of({"metric": metric}, name)
            self.assertEqual(found, expected, (name, metric))

    def test_seconds_of_lines_whole_and_after_a_resumption(self):
        lines = [
            {"images_seen": 40, "seconds": 4.0, "images_per_second": 10.0},
            {"images_seen": 80, "seconds": 1.0, "images_per_second": 20.0},
            {"images_seen": 81, "seconds": 300.0, "images_per_second": 0.0},
            {"images_seen": 90, "seconds": 3.0},
        ]
        self.assertEqual(record_files.step_seconds(lines), [4.0, 2.0, 300.0, 3.0])
        self.assertEqual(record_files.step_seconds([]), [])

    def test_a_half_written_line_is_left_out(self):
        path = self.folder / "lines.jsonl"
        self.assertEqual(record_files.read(path), [])
        path.write_text(json.dumps({"images_seen": 4}) + '\n{"images_s')
        self.assertEqual(record_files.read(path), [{"images_seen": 4}])
        record_files.drop(path, lambda r: r["images_seen"] > 2)
        self.assertEqual(record_files.read(path), [])
