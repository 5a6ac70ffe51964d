import numpy as np
import tensorflow as tf

from inr_keras.layers import PixelNorm
from tests import testing


class PixelNormTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(3, 8)).astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            PixelNorm,
            init_kwargs={"epsilon": 1e-6},
            inputs=self.inputs,
            expected_shape=(3, 8),
        )

    def test_mean_square_is_one(self):
        outputs = testing.to_numpy(PixelNorm()(self.inputs))
        self.assertAllClose(np.mean(np.square(outputs), axis=-1), np.ones(3))
        ratio = outputs / self.inputs
        self.assertAllClose(ratio, np.tile(ratio[:, :1], (1, 8)))

    def test_length_of_the_input_does_not_matter(self):
        self.assertAllClose(PixelNorm()(self.inputs * 50), PixelNorm()(self.inputs))

    def test_epsilon_matches_the_reference(self):
        arrays = testing.load_fixture("cips_generator")
        outputs = PixelNorm()(arrays["eps/pixelnorm_in"])
        self.assertMatchesReference(outputs, arrays["eps/pixelnorm_out"])

    def test_zeros_have_finite_outputs_and_gradients(self):
        zeros = tf.zeros((2, 8))
        with tf.GradientTape() as tape:
            tape.watch(zeros)
            outputs = PixelNorm()(zeros)
            loss = tf.reduce_sum(outputs)
        self.assertAllEqual(outputs, np.zeros((2, 8)))
        self.assertAllClose(tape.gradient(loss, zeros), np.full((2, 8), 1e4))

    def test_large_inputs_do_not_overflow_float16(self):
        outputs = PixelNorm(dtype="float16")(self.inputs * 1000)
        self.assertAllClose(outputs, PixelNorm()(self.inputs), atol=5e-3)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`epsilon`.*=-1"):
            PixelNorm(epsilon=-1)
