import numpy as np
import tensorflow as tf

from inr_keras.layers import MinibatchStddev
from tests import testing


def slow_stddev(images, group_size, epsilon=1e-8):
    batch = len(images)
    size = max(s for s in range(1, group_size + 1) if batch % s == 0)
    groups = batch // size
    values = np.zeros(batch)
    for group in range(groups):
        members = [n for n in range(batch) if n % groups == group]
        deviation = np.sqrt(np.var(images[members], axis=0) + epsilon)
        values[members] = np.mean(deviation)
    return values


class MinibatchStddevTest(testing.TestCase):
    def images(self, batch):
        rng = np.random.default_rng(batch)
        return rng.normal(size=(batch, 2, 3, 4)).astype("float32")

    def assertIsStddev(self, outputs, images, group_size):
        self.assertAllEqual(outputs[..., :-1], images)
        values = slow_stddev(images.astype("float64"), group_size)
        expected = np.tile(values[:, None, None], (1, 2, 3))
        self.assertAllClose(outputs[..., -1], expected)

    def test_layer_basics(self):
        self.run_layer_test(
            MinibatchStddev,
            init_kwargs={"group_size": 2, "epsilon": 1e-6},
            inputs=self.images(4),
            expected_shape=(4, 2, 3, 5),
        )

    def test_matches_a_slow_reference_for_every_batch(self):
        for group_size in (1, 2, 4):
            layer = MinibatchStddev(group_size)
            for batch in (1, 2, 3, 4, 5, 6, 8, 10, 12):
                with self.subTest(group_size=group_size, batch=batch):
                    images = self.images(batch)
                    self.assertIsStddev(layer(images), images, group_size)

    def test_a_dynamic_batch_gives_the_same(self):
        for group_size in (1, 4):
            layer = MinibatchStddev(group_size)
            signature = tf.TensorSpec((None, 2, 3, 4), tf.float32)
            call = tf.function(layer, input_signature=[signature])
            for batch in (1, 2, 3, 4, 6, 8, 9):
                with self.subTest(group_size=group_size, batch=batch):
                    images = self.images(batch)
                    self.assertIsStddev(call(images), images, group_size)

    def test_matches_the_reference_implementation(self):
        arrays = testing.load_fixture("cips_discriminator")
        images = testing.channels_last(arrays["mid/features"])
        outputs = MinibatchStddev(4)(images)
        values = arrays["mid/minibatch_stddev"]
        self.assertMatchesReference(outputs[:, 0, 0, -1], values)

    def test_gradient_of_identical_samples_is_finite(self):
        images = tf.tile(self.images(1), (4, 1, 1, 1))
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = tf.reduce_sum(MinibatchStddev()(images)[..., -1])
        self.assertAllEqual(tape.gradient(loss, images), np.zeros_like(images))

    def test_second_gradient_is_finite(self):
        images = tf.constant(self.images(4))
        with tf.GradientTape() as outer:
            outer.watch(images)
            with tf.GradientTape() as inner:
                inner.watch(images)
                loss = tf.reduce_sum(MinibatchStddev()(images)[..., -1])
            gradient = inner.gradient(loss, images)
            loss = tf.reduce_sum(tf.square(gradient))
        self.assertFinite(outer.gradient(loss, images))

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`group_size`.*=0"):
            MinibatchStddev(group_size=0)
        with self.assertRaisesRegex(ValueError, "`epsilon`.*=0"):
            MinibatchStddev(epsilon=0)
