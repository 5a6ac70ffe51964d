"""Lines of text that say how far long work is."""

import unittest
from unittest import mock

from inr_keras import progress_lines


class ClockTest(unittest.TestCase):
    def test_minutes_and_hours(self):
        self.assertEqual(progress_lines.clock(59.9), "0:59")
        self.assertEqual(progress_lines.clock(3661), "1:01:01")
        self.assertEqual(progress_lines.clock(-1), "0:00")


class WithProgressTest(unittest.TestCase):
    def test_a_line_at_intervals_and_none_at_the_end(self):
        lines = []
        seconds = iter((100.0, 104.0, 110.0, 112.0, 140.0, 150.0))
        with mock.patch.object(progress_lines.time, "monotonic", lambda: next(seconds)):
            items = list(progress_lines.with_progress(range(5), 5, lines.append))
        self.assertEqual(items, [0, 1, 2, 3, 4])
        self.assertEqual(lines, ["40%, 0:15 left", "80%, 0:10 left"])

    def test_items_of_different_sizes(self):
        lines = []
        items = list(
            progress_lines.with_progress(["a", "bcd"], 4, lines.append, 0.0, size=len)
        )
        self.assertEqual(items, ["a", "bcd"])
        self.assertEqual([line.split(",")[0] for line in lines], ["25%"])


if __name__ == "__main__":
    unittest.main()
