from inr_keras.studies import suite_comparisons
from tests import testing


def result(name, fd, seed=0, **more):
    return {
        "name": name,
        "title": name.upper(),
        "seed": seed,
        "scores": {"fd": fd},
        **more,
    }


class SuiteComparisonsTest(testing.TestCase):
    def test_changes_of_the_plain_recipe(self):
        # Results of earlier versions do not say what they are compared with.
        results = [
            result("plain", 100.0),
            result("plain", 50.0, seed=1),
            result("clip", 110.0),
            result("clip", 40.0, seed=1, against="plain"),
            result("clip", 40.0, seed=2),
        ]
        changes, noise = suite_comparisons.lines(results).split("\n\n")
        self.assertEqual(
            changes.splitlines(),
            [
                "- CLIP, seed 0: FD +10% against the plain recipe.",
                "- CLIP, seed 1: FD -20% against the plain recipe.",
            ],
        )
        # 50 / 75 and 70 / 63.
        self.assertIn("89% of their mean (the median of all runs) and by 111%", noise)

    def test_runs_of_unequal_lengths(self):
        # Lengths of stages are rounded, and runs of equal time see what they can.
        for lengths, told in (
            ((32.0, 32.0), False),
            ((0.0, 0.0), False),
            ((32.0, 42.0), True),
        ):
            runs = [
                result("run", 90.0, seed, kimg=31.9 + seed, settings={"kimg": length})
                for seed, length in enumerate(lengths)
            ]
            lines = suite_comparisons.lines(runs)
            self.assertEqual("unequal numbers of images" in lines, told)

    def test_a_run_that_the_first_seed_lacks(self):
        results = [
            result("a", 200.0, source="150"),
            result("a", 100.0, seed=1, source="150"),
            result("b", 150.0, seed=1, against="a"),
        ]
        lines = suite_comparisons.lines(results).splitlines()
        self.assertIn("| B | A |  | 150.0 | +50% |  |", lines)

    def test_chains_beside_the_source(self):
        results = [
            result("a", 200.0, source="150"),
            result("b", 100.0, against="a"),
            result("c", 150.0, against="b", source="58"),
            result("a", 100.0, seed=1, source="150"),
            result("b", 150.0, seed=1, against="a"),
        ]
        lines = suite_comparisons.lines(results).splitlines()
        self.assertIn("| A |  | 200.0 | 100.0 |  | 150 |", lines)
        self.assertIn("| B | A | 100.0 | 150.0 | -50%, +50% |  |", lines)
        self.assertIn("| C | B | 150.0 |  | +50% | 58 |", lines)
        # 100 / 150 and 50 / 125.
        self.assertIn(
            "53% of their mean (the median of all runs) and by 67%", lines[-1]
        )

    def test_order_of_methods(self):
        results = [
            result("a", fd, seed=seed, against="c", source="1")
            for seed, fd in enumerate((150.0, 130.0))
        ]
        results += [
            result("c", fd, seed=seed, against="")
            for seed, fd in enumerate((160.0, 90.0))
        ]
        lines = suite_comparisons.lines(results).splitlines()
        self.assertEqual(lines[-1], "By the mean FD, the best first: C; A.")
        lines = suite_comparisons.lines(results[::2]).splitlines()
        self.assertIn("runs are not ranked", lines[-1])

    def test_one_seed_ranks_nothing(self):
        results = [result("a", 200.0, source="150"), result("b", 1.0, against="a")]
        self.assertIn("runs are not ranked", suite_comparisons.lines(results))
