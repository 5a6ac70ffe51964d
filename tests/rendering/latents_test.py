import numpy as np

from inr_keras import rendering
from inr_keras.rendering import latents
from tests import testing
from tests.rendering.generators import small_generator


class LatentsFromSeedsTest(testing.TestCase):
    def test_shape_and_type(self):
        drawn = rendering.latents_from_seeds([4, 0, 9], 7)
        self.assertEqual(drawn.shape, (3, 7))
        self.assertEqual(drawn.dtype, np.float32)

    def test_a_seed_does_not_depend_on_its_neighbours(self):
        together = rendering.latents_from_seeds([5, 2, 1000, 2], 8)
        for row, seed in zip(together, [5, 2, 1000, 2]):
            self.assertAllEqual(rendering.latents_from_seeds([seed], 8)[0], row)
        self.assertAllEqual(together[1], together[3])

    def test_are_the_same_in_every_run_and_release(self):
        latents = rendering.latents_from_seeds([0, 2**31 - 1], 2)
        expected = [[-1.697034, -0.4813767], [1.0025762, 0.1193349]]
        self.assertAllClose(latents, expected)

    def test_are_standard_normal(self):
        latents = rendering.latents_from_seeds(range(500), 64)
        self.assertLess(abs(latents.mean()), 0.03)
        self.assertLess(abs(latents.std() - 1.0), 0.03)
        # Seeds that follow each other are not alike.
        near = np.corrcoef(latents[:-1].ravel(), latents[1:].ravel())[0, 1]
        self.assertLess(abs(near), 0.03)


class LabelsInTurnTest(testing.TestCase):
    def test_a_seed_does_not_depend_on_its_neighbours(self):
        generator = small_generator(class_names=("a", "b", "c"))
        seeds = [0, 1, 2, 3, 8, 2**31 - 1, 3 * 2**40 + 1, 3 * 2**40 + 2]
        labels = rendering.labels_in_turn(seeds, generator)
        self.assertAllEqual(labels, [0, 1, 2, 0, 2, 1, 1, 2])
        for label in (1, "b"):
            labels = rendering.labels_in_turn([0, 5], generator, label)
            self.assertAllEqual(labels, [1, 1])

    def test_a_class_for_each_seed(self):
        generator = small_generator(class_names=("a", "b", "c"))
        for label in (["c", "a"], (2, "a"), np.array([2, 0])):
            labels = rendering.labels_in_turn([0, 5], generator, label)
            self.assertAllEqual(labels, [2, 0])
        for label in (["a"], ["a", None], [], ["a", "b", "c"]):
            with self.assertRaisesRegex(ValueError, "one for each of 2 seeds. Rec"):
                rendering.labels_in_turn([0, 5], generator, label)
        with self.assertRaisesRegex(ValueError, "one of a, b, c or .*'d'"):
            rendering.labels_in_turn([0, 5], generator, ["a", "d"])

    def test_no_classes(self):
        self.assertIsNone(rendering.labels_in_turn([0], small_generator()))


class ClassNumberTest(testing.TestCase):
    def test_good(self):
        names = ("cats", "owls", "1")
        for label, number in {"cats": 0, "owls": 1, "0": 0, "2": 2, 1: 1}.items():
            self.assertEqual(latents.class_number(label, names), number)
        self.assertEqual(latents.class_number("1", names), 2)  # A name first.
        self.assertIsNone(latents.class_number(None, ()))

    def test_bad(self):
        for label in ("Cats", "", "3", "-1", "1.0", "9" * 5000, 3, -1, 0.5):
            with self.assertRaisesRegex(
                ValueError, "`label` must be one of cats, owls, b or a number"
            ) as context:
                latents.class_number(label, ("cats", "owls", "b"))
            self.assertIn(f"Received: {label!r}", str(context.exception))
        with self.assertRaisesRegex(ValueError, "without classes.*'cats'"):
            latents.class_number("cats", ())
        many = [str(i) for i in range(1000)]
        with self.assertRaisesRegex(ValueError, "18, 19, ... or .* to 999"):
            latents.class_number("x", many)
