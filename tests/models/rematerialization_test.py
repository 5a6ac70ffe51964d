import numpy as np
import tensorflow as tf

from inr_keras.models.rematerialization import remat
from tests import testing


class RematTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        self.table = tf.Variable(random.normal(size=(5, 3)).astype("float32"))
        self.kernel = tf.Variable(random.normal(size=(3, 4)).astype("float32"))
        self.x = tf.constant(random.normal(size=(6, 3)).astype("float32"))
        self.calls = 0

    def function(self, x, shift):
        self.calls += 1
        x = x + tf.gather(self.table, [0, 2, 2, 1, 0, 4])
        return tf.nn.tanh(x @ self.kernel + shift), x * shift[0]

    def gradients(self, function, graph=True):
        variables = [self.table, self.kernel]

        def run(x, shift):
            with tf.GradientTape() as tape:
                tape.watch([x, shift])
                y, z = function(x, shift)
                loss = tf.reduce_sum(y**2) + tf.reduce_sum(tf.sin(z))
            return tape.gradient(loss, [x, shift, *variables])

        if graph:
            run = tf.function(run)
        return run(self.x, tf.constant([0.5, -1.0, 2.0, 0.1]))

    def test_gradients_equal_plain_ones(self):
        for graph in (False, True):
            plain = self.gradients(self.function, graph)
            remade = self.gradients(remat(self.function), graph)
            for a, b in zip(plain, remade, strict=True):
                a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
                self.assertAllClose(b, a, 1e-6, 1e-6)

    def test_gradients_of_tables_stay_sparse(self):
        gradient = self.gradients(remat(self.function))[2]
        self.assertIsInstance(gradient, tf.IndexedSlices)

    def test_runs_forward_twice(self):
        self.gradients(remat(self.function), graph=False)
        self.assertEqual(self.calls, 2)

    def test_gradients_of_weights_are_done_before_those_of_arguments(self):
        value = self.kernel.numpy()
        with tf.Graph().as_default():
            kernel = tf.Variable(value)

            def function(x):
                return tf.nn.tanh(x @ kernel)

            x = tf.constant(self.x.numpy())
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(remat(function)(x))
            gradient, of_kernel = tape.gradient(y, [x, kernel])
            waits = _ancestors(gradient.op, by_control=True)
            self.assertIn(of_kernel.op.name, waits)

    def test_second_pass_waits_for_its_gradient(self):
        with tf.Graph().as_default() as graph:
            x, upstream = tf.constant(self.x.numpy()), tf.constant(2.0)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = remat(tf.nn.tanh)(x)
            tape.gradient(y, x, upstream * tf.ones_like(x))
            ops = graph.get_operations()
            first, second = [op for op in ops if op.type == "Tanh"]
            # By numbers too, which is all that XLA heeds.
            for by_control in (False, True):
                waits = _ancestors(second, by_control)
                self.assertIn(upstream.op.name, waits)
                self.assertNotIn(upstream.op.name, _ancestors(first, by_control))


def _ancestors(op, by_control):
    """Names of all that must run before `op`."""
    names, waiting = set(), [op]
    while waiting:
        op = waiting.pop()
        before = [tensor.op for tensor in op.inputs]
        if by_control:
            before += op.control_inputs
        waiting += [b for b in before if b.name not in names]
        names.update(b.name for b in before)
    return names
