import numpy as np
import tensorflow as tf

from inr_keras.layers import ModulatedDense
from inr_keras.layers import modulated_dense
from tests import testing


def slow_modulated_dense(layer, inputs, styles, noise=None):
    """The paper's definition: a kernel for each image."""
    outputs = []
    scales = testing.to_numpy(layer.to_scale(styles)).astype("float64")
    for b, scale in enumerate(scales):
        kernel = layer.kernel.numpy() / np.sqrt(inputs.shape[-1])
        kernel = kernel * scale[:, None]
        if layer.demodulate:
            norm_sq = np.sum(np.square(kernel), axis=0)
            kernel = kernel / np.sqrt(norm_sq + 1e-8)
        x = inputs[b % len(inputs)] @ kernel
        if layer.noise and noise is not None:
            x = x + layer.noise_strength.numpy() * noise[b]
        x = x + layer.bias.numpy()
        if layer.activation:
            x = np.where(x > 0, x, 0.2 * x) * np.sqrt(2)
        outputs.append(x)
    return np.stack(outputs)


class ModulatedDenseTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 6, 4)).astype("float32")
        self.styles = rng.normal(size=(2, 3)).astype("float32")
        self.noise = rng.normal(size=(2, 6, 1)).astype("float32")

    def layer(self, **kwargs):
        layer = ModulatedDense(units=5, **kwargs)
        layer.build((None, None, 4), (None, 3))
        layer.bias.assign(np.linspace(-1, 1, 5))
        if layer.noise:
            layer.noise_strength.assign(0.7)
        return layer

    def test_layer_basics(self):
        self.run_layer_test(
            ModulatedDense,
            init_kwargs={"units": 5, "noise": True},
            inputs={
                "inputs": self.inputs,
                "styles": self.styles,
                "noise": self.noise,
            },
            expected_shape=(2, 6, 5),
        )
        self.run_layer_test(
            ModulatedDense,
            init_kwargs={"units": 5, "demodulate": False, "activation": None},
            inputs={"inputs": self.inputs, "styles": self.styles},
            expected_shape=(2, 6, 5),
        )

    def test_matches_one_kernel_per_image(self):
        for demodulate in (True, False):
            for activation in ("leaky_relu", None):
                with self.subTest(demodulate=demodulate, activation=activation):
                    layer = self.layer(
                        demodulate=demodulate, activation=activation, noise=True
                    )
                    arguments = (self.inputs, self.styles, self.noise)
                    self.assertAllClose(
                        layer(*arguments),
                        slow_modulated_dense(layer, *arguments),
                    )

    def test_many_points_of_a_kernel_per_image(self):
        inputs = np.random.default_rng(1).normal(size=(2, 60, 4)).astype("float32")
        self.assertTrue(modulated_dense.has_many_points(60, 4, 5))
        for demodulate in (True, False):
            layer = self.layer(demodulate=demodulate)
            for points in (inputs, inputs[:1]):
                self.assertAllClose(
                    layer(points, self.styles),
                    slow_modulated_dense(layer, points, self.styles),
                )

    def test_both_forms_are_equal(self):
        inputs, kernel = tf.constant(self.inputs), self.layer().kernel.value
        scale, factor = tf.random.stateless_normal((2, 2, 5), (1, 2))
        scale, shared = scale[:, :4], inputs[:1]
        for arguments in (
            (inputs, kernel, scale, factor),
            (shared, kernel, scale, factor),
            (inputs, kernel, scale, 1.4),
        ):
            results = []
            for form in (
                modulated_dense.kernel_per_image,
                modulated_dense.shared_kernel,
            ):
                tensors = [a for a in arguments if not isinstance(a, float)]
                with tf.GradientTape() as tape:
                    tape.watch(tensors)
                    outputs = form(*arguments)
                    total = tf.reduce_sum(tf.sin(outputs))
                results.append([outputs, *tape.gradient(total, tensors)])
            for a, b in zip(*results, strict=True):
                self.assertAllClose(a, b, 1e-5, 1e-5)

    def test_rule_of_the_forms(self):
        for points, channels, units, expected in (
            (1024, 512, 512, True),
            (1023, 512, 512, False),
            (256, 96, 3, True),
            (11, 96, 3, False),
            (None, 4, 4, False),
        ):
            found = modulated_dense.has_many_points(points, channels, units)
            self.assertEqual(found, expected, (points, channels, units))

    def test_inputs_that_all_images_share(self):
        layer = self.layer()
        shared = layer(self.inputs[:1], self.styles)
        self.assertEqual(shared.shape, (2, 6, 5))
        repeated = layer(np.repeat(self.inputs[:1], 2, axis=0), self.styles)
        self.assertAllClose(shared, repeated)

    def test_noise_is_used_where_it_is_learned_and_given(self):
        layer = self.layer(noise=True)
        silent = layer(self.inputs, self.styles)
        noisy = layer(self.inputs, self.styles, noise=self.noise)
        self.assertGreater(np.max(np.abs(noisy - silent)), 0.1)
        layer = self.layer(noise=False)
        self.assertAllEqual(
            layer(self.inputs, self.styles, noise=self.noise),
            layer(self.inputs, self.styles),
        )

    def test_pixels_are_independent(self):
        layer = self.layer()
        order = np.random.default_rng(1).permutation(6)
        shuffled = layer(self.inputs[:, order], self.styles)
        outputs = testing.to_numpy(layer(self.inputs, self.styles))
        self.assertAllClose(shuffled, outputs[:, order])

    def test_starts_unmodulated(self):
        layer = ModulatedDense(units=5)
        zeros = np.zeros_like(self.styles)
        outputs = layer(self.inputs, zeros)
        self.assertAllClose(layer.to_scale(zeros), np.ones((2, 4)))
        kernel = layer.kernel.numpy()
        kernel = kernel / np.linalg.norm(kernel, axis=0)
        x = self.inputs @ kernel
        expected = np.where(x > 0, x, 0.2 * x) * np.sqrt(2)
        self.assertAllClose(outputs, expected)

    def test_epsilon_matches_the_reference(self):
        # Weights of about 1e-4, where the 1e-8 under the root matters.
        arrays = testing.load_fixture("cips_generator")
        layer = ModulatedDense(units=5, activation=None)
        layer.build((None, None, 6), (None, 4))
        layer.kernel.assign(arrays["eps/modconv_weight"][0, :, :, 0, 0].T)
        layer.to_scale.kernel.assign(arrays["eps/modconv_modulation_weight"].T)
        layer.to_scale.bias.assign(arrays["eps/modconv_modulation_bias"])
        outputs = layer(
            testing.points(arrays["eps/modconv_x"]), arrays["eps/modconv_style"]
        )
        expected = testing.points(arrays["eps/modconv_out"])
        self.assertMatchesReference(outputs, expected)

    def test_large_styles_do_not_overflow_float16(self):
        layer = ModulatedDense(units=5, dtype="mixed_float16")
        self.assertFinite(layer(self.inputs, self.styles * 300))

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`units`.*units=0"):
            ModulatedDense(units=0)
        with self.assertRaisesRegex(ValueError, "`activation`.*'relu'"):
            ModulatedDense(units=4, activation="relu")
