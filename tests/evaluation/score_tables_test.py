import io

import rich.console

from inr_keras.evaluation import passports
from inr_keras.evaluation import score_tables
from tests import testing


def record(metric, value, samples, interval=True):
    return {
        "metric": metric,
        "value": value,
        "interval": [value - 1, value + 1] if interval else None,
        "better": "lower",
        "passport": {"samples": samples, "code": {}},
    }


def shown(table):
    console = rich.console.Console(file=io.StringIO(), width=100)
    console.print(table)
    lines = console.file.getvalue().splitlines()
    return [" ".join(line.split()) for line in lines]


class ScoreTablesTest(testing.TestCase):
    def folders(self, *sides):
        found = []
        for records in sides:
            found.append(self.temporary_folder())
            passports.append(found[-1], records)
        return found

    def test_scores(self):
        records = [record("fd", 12.3456, 10), record("swd", 0.5, 10, False)]
        lines = shown(
            score_tables.scores("runs/a", [*records, {**records[1], "value": None}])
        )
        self.assertIn("runs/a", lines[0])
        self.assertIn("fd 12.35 11.35 .. 13.35 lower 10", lines)
        self.assertIn("swd 0.5 - lower 10", lines)
        self.assertIn("swd - - lower 10", lines)

    def test_like_scores_stand_side_by_side(self):
        folders = self.folders(
            [record("fd", 2.0, 10), record("kid", 2.0, 10), record("swd", 3.25, 5)],
            [record("swd", 1.0, 5), record("fd", 2.0, 20), record("kid", 2.0, 20)],
        )
        table, reasons = score_tables.side_by_side(folders)
        self.assertEqual(reasons, ["fd, kid: samples 10 and 20"])
        self.assertEqual(table.row_count, 1)
        self.assertIn("swd 3.25 (2.25 .. 4.25) 1 (0 .. 2) lower", shown(table))

    def test_scores_after_other_numbers_of_images_are_told_apart(self):
        def of(metric, kimg):
            return {**record(metric, 2.0, 10), "kimg": kimg}

        folders = self.folders(
            [of("fd", 60.0), of("kid", 60.0)], [of("fd", 1200.0), of("kid", 60.0)]
        )
        table, _ = score_tables.side_by_side(folders)
        heads = [column.header for column in table.columns]
        self.assertEqual(heads[1:3], [f"{folders[0]}, 60.0 kimg", str(folders[1])])
        lines = shown(table)
        self.assertIn("fd 2 (1 .. 3) 2 (1 .. 3), 1,200.0 kimg lower", lines)
        self.assertIn("kid 2 (1 .. 3) 2 (1 .. 3), 60.0 kimg lower", lines)

    def test_wrong_folders(self):
        with self.assertRaisesRegex(ValueError, "`folders` must name two.*'a'"):
            score_tables.side_by_side(["a"])
        with self.assertRaisesRegex(ValueError, "`folders` must .*'nothing'"):
            score_tables.side_by_side(["nothing", "nothing"])

    def test_nothing_in_common(self):
        folders = self.folders([record("fd", 2.0, 10)], [record("swd", 2.0, 10)])
        table, reasons = score_tables.side_by_side(folders)
        self.assertEqual((table.row_count, reasons), (0, ["no metric is in both"]))
