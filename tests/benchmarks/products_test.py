import tensorflow as tf

from inr_keras.benchmarks import products
from inr_keras.benchmarks import timing
from inr_keras.benchmarks import training_cost
from inr_keras.benchmarks.products import Product
from inr_keras.models import StyleGAN2Discriminator
from tests import testing
from tests.rendering.generators import small_generator


class ProductsTest(testing.TestCase):
    def test_a_generator_is_recorded(self):
        generator = small_generator()
        with products.recorded(generator) as found:
            generator.synthesis(tf.zeros((2, 5)), tf.zeros((1, 16, 2)))
        of_points = sorted(p[1:] for p in found if p.rows >= 16)
        self.assertEqual(of_points, sorted(timing.dense_shapes(generator)))
        self.assertIn(Product(32, 8, 8), found)
        self.assertIn(Product(16, 2, 7), found)  # Features, which images share.
        count = len(found)
        generator.synthesis(tf.zeros((2, 5)), tf.zeros((1, 16, 2)))
        self.assertEqual(len(found), count)

    def test_a_discriminator_is_recorded(self):
        discriminator = StyleGAN2Discriminator(16, channels=(4, 6, 8))
        with products.recorded(discriminator) as found:
            discriminator(tf.zeros((1, 16, 16, 3)))
        total = sum(product.multiplications for product in found)
        expected = training_cost.count_discriminator_multiplications(discriminator)
        self.assertEqual(total - 8, expected)  # The logit's are not counted there.

    def test_counts(self):
        found = [Product(10, 2, 3), Product(1, 4, 5)]
        self.assertAlmostEqual(products.gflop(found) * 1e9, 2 * (60 + 20))
        numbers = (20 + 30 + 6) + (4 + 5 + 20)
        self.assertAlmostEqual(products.megabytes(found, "float32") * 1e6, 4 * numbers)
        self.assertAlmostEqual(products.megabytes(found, "bfloat16") * 1e6, 2 * numbers)

    def test_plain_products(self):
        found = [Product(64, 4, 3), Product(64, 4, 3), Product(1, 1, 1)]
        for dtype in ("float32", "bfloat16"):
            call, gflop = products.plain(found, dtype)
            self.assertEqual(len(call()), 2)  # One is too small to count.
            self.assertAlmostEqual(gflop * 1e9, 2 * 2 * 64 * 4 * 3)
            call, gflop = products.plain(found, dtype, with_backward=True)
            self.assertEqual([value.dtype for value in call()], [dtype] * 6)
            self.assertAlmostEqual(gflop * 1e9, 3 * 2 * 2 * 64 * 4 * 3)
        _, gflop = products.plain([Product(20000, 4, 3)], "float32")
        self.assertAlmostEqual(gflop * 1e9, 2 * 8192 * 4 * 3)

    def test_bandwidth(self):
        call, gigabytes = products.bandwidth_call(0.4)
        self.assertEqual(call().shape, (100_000,))
        self.assertAlmostEqual(gigabytes, 8e-4)
