import tensorflow as tf

from inr_keras.export import graph_checks
from tests import testing


class ChecksTest(testing.TestCase):
    def assertRefuses(self, text, check, *arguments):
        with self.assertRaises(tf.errors.InvalidArgumentError) as error:
            check(*arguments)
        self.assertIn(text, str(error.exception))

    def test_good_values_pass(self):
        for check, *arguments in (
            (graph_checks.truncation, tf.constant([-10.0, 0.0, 10.0])),
            (graph_checks.label, tf.constant([0, 2]), 3),
            (graph_checks.finite, tf.constant([-1e38, 0.0]), "latents"),
        ):
            self.assertAllEqual(check(*arguments), arguments[0])
        heights, widths = graph_checks.sides(tf.constant([1]), tf.constant([4096]))
        self.assertEqual((heights[0], widths[0]), (1, 4096))
        boxes = tf.constant([[-1e6, 0.0, 1e6, 1.0]])
        self.assertAllEqual(graph_checks.boxes(boxes[0]), boxes)
        [values] = graph_checks.as_many(boxes, tf.constant([3]))
        self.assertAllEqual(values, [3])

    def test_bad_values_do_not(self):
        nan = float("nan")
        self.assertRefuses(
            "truncation must be from -10 to 10. Received:",
            graph_checks.truncation,
            tf.constant([1.0, nan]),
        )
        for label in (-1, 3):
            self.assertRefuses(
                "other_label must be from 0 to 2. Received:",
                graph_checks.label,
                tf.constant([0, label]),
                3,
                "other_label",
            )
        self.assertRefuses(
            "coords must be finite numbers. Received:",
            graph_checks.finite,
            tf.constant([[nan]]),
            "coords",
        )
        self.assertRefuses(
            "height and width must be from 1 to 4096. Received:",
            graph_checks.sides,
            tf.constant([4]),
            tf.constant([4097]),
        )
        for box in (((0.0, 0.0), (1.0, 1.0)), (0.0, 0.0, 1.0, 1.0) * 2, 0.0):
            self.assertRefuses(
                "box must be four numbers", graph_checks.boxes, tf.constant(box)
            )
        for box in ((0.0, 0.0, 1.0, nan), (1.0, 0.0, 0.0, 1.0)):
            self.assertRefuses(
                "x0 < x1 and y0 < y1", graph_checks.boxes, tf.constant([box])
            )
        self.assertRefuses(
            "of as many images as there are boxes",
            graph_checks.as_many,
            tf.zeros((2, 4)),
            tf.zeros(2),
            tf.zeros(3),
        )

    def test_limits_are_told(self):
        self.assertEqual(graph_checks.limits()["max_side"], 4096)
