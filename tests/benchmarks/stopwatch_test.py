import numpy as np
import tensorflow as tf

from inr_keras.benchmarks import stopwatch
from tests import testing


class StopwatchTest(testing.TestCase):
    def test_counts_runs_and_leaves_warm_up_out(self):
        calls = []

        def function():
            calls.append(None)
            return {"a": tf.zeros((2, 3)), "b": [tf.zeros(())]}

        seconds = stopwatch.measure(function, runs=4, warmup=3)
        self.assertEqual(len(calls), 7)
        self.assertEqual(seconds.shape, (4,))
        self.assertTrue(np.all(seconds > 0))

    def test_turns(self):
        calls = []

        def call(name):
            calls.append(name)
            return tf.zeros(())

        seconds = stopwatch.in_turns(
            {name: lambda name=name: call(name) for name in "ab"}, runs=2, warmup=1
        )
        self.assertEqual(calls, ["a", "b"] * 3)
        self.assertEqual(
            {name: len(s) for name, s in seconds.items()}, {"a": 2, "b": 2}
        )

    def test_waits_for_every_kind_of_result(self):
        slices = tf.IndexedSlices(tf.ones((2, 3)), tf.constant([0, 1]))
        for result in ([tf.constant(3), slices], slices, tf.constant(3)):
            [seconds] = stopwatch.measure(lambda result=result: result, runs=1)
            self.assertGreater(seconds, 0)
