"""Checks of arguments that count something."""

import unittest

import numpy as np

from inr_keras.whole_numbers import check_positive


class CheckPositiveTest(unittest.TestCase):
    def test_counts_pass(self):
        check_positive(units=1, rank=np.int64(4))

    def test_everything_else_is_refused_by_its_name(self):
        for value in (0, -1, 2.0, True, "4", None, float("nan"), (2, 2)):
            with self.assertRaisesRegex(
                ValueError, "`rank` must be a positive integer.*rank="
            ):
                check_positive(units=1, rank=value)


if __name__ == "__main__":
    unittest.main()
