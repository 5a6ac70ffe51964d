import numpy as np
import pytest
import tensorflow as tf

from configs import tiny
from inr_keras.benchmarks import timing
from inr_keras.config import Stage
from tests import testing
from tests.rendering.generators import small_generator


class MeasureTest(testing.TestCase):
    def test_counts_runs_and_leaves_warm_up_out(self):
        calls = []

        def function():
            calls.append(None)
            return {"a": tf.zeros((2, 3)), "b": [tf.zeros(())]}

        seconds = timing.measure(function, runs=4, warmup=3)
        self.assertEqual(len(calls), 7)
        self.assertEqual(seconds.shape, (4,))
        self.assertTrue(np.all(seconds > 0))

    def test_waits_for_every_kind_of_result(self):
        slices = tf.IndexedSlices(tf.ones((2, 3)), tf.constant([0, 1]))
        seconds = timing.measure(lambda: [slices, tf.constant(3)], runs=1)
        self.assertGreater(seconds[0], 0)


class DenseShapesTest(testing.TestCase):
    def assertCountsProducts(self, **kwargs):
        """Kernels that points go through, by taking away all the others."""
        generator = small_generator(**kwargs)
        products = sum(i * o for i, o in timing.dense_shapes(generator))
        others = generator.mapping.count_params()
        if generator.embedding is not None:
            others += generator.embedding.count_params()
        for layer in generator._flatten_layers():
            if layer.name == "to_scale":
                others += layer.count_params()
        for variable in generator.variables:
            if variable.name in ("bias", "noise_strength"):
                if "mapping" not in variable.path:
                    if "to_scale" not in variable.path:
                        others += variable.value.shape.num_elements()
        self.assertEqual(products, generator.count_params() - others)

    def test_counts_what_points_go_through(self):
        self.assertCountsProducts()
        self.assertCountsProducts(width=[8, 6])
        self.assertCountsProducts(embedding_channels=0)
        self.assertCountsProducts(noise=True)
        self.assertCountsProducts(rgb="residual", width=[8, 6])

    def test_shapes(self):
        generator = small_generator(blocks=1)
        shapes = timing.dense_shapes(generator)
        self.assertEqual(
            sorted(shapes), sorted([(2, 7), (11, 8), (8, 8), (8, 8), (8, 3)])
        )


class GeneratorSpeedTest(testing.TestCase):
    def test_results_are_consistent(self):
        generator = small_generator(width=[9, 6])
        result = timing.measure_generator(generator, batch=2, points=5, runs=3)
        self.assertEqual(result["width"], 9)
        self.assertEqual(result["rows"], 10)
        products = sum(i * o for i, o in timing.dense_shapes(generator))
        self.assertAllClose(result["gflop"] * 1e9, 2 * 10 * products)
        for name in ("matmul_gflops", "generator_gflops", "share_min"):
            self.assertGreater(result[name], 0.0, name)
        self.assertLessEqual(result["share_min"], result["share"])
        self.assertLessEqual(result["share"], result["share_max"])
        ratio = result["generator_gflops"] / result["matmul_gflops"]
        # Medians keep to the bounds of the pairs.
        self.assertLessEqual(result["share_min"], ratio * (1 + 1e-9))
        self.assertLessEqual(ratio, result["share_max"] * (1 + 1e-9))

    def test_generator_in_the_proportions_of_the_paper(self):
        generator = timing.build_cips_generator(width=16, blocks=3)
        again = timing.build_cips_generator(width=16, blocks=3)
        for a, b in zip(generator.variables, again.variables):
            self.assertAllEqual(a, b)
        self.assertEqual(generator.num_layers, 7)
        shapes = timing.dense_shapes(generator)
        self.assertEqual(shapes.count((32, 16)), 1)
        self.assertEqual(shapes.count((16, 16)), 6)


@pytest.mark.usefixtures("eagerly")
class TrainingStepSpeedTest(testing.TestCase):
    @pytest.mark.slow
    def test_parts(self):
        config = tiny.get_config()
        config.stages = (
            Stage(stride=2),
            Stage(stride=1, patch_weight=1.0),
        )
        result = timing.measure_training_step(config, runs=2)
        whole = "whole step, R1 amortized"
        self.assertEqual(list(result)[-1], whole)
        self.assertEqual(len(result), 5)
        for name, seconds in result.items():
            self.assertEqual(seconds.shape, (1 if name == whole else 2,))
            self.assertTrue(np.all(seconds > 0), name)

    @pytest.mark.slow
    def test_image_based_training(self):
        config = tiny.get_config()
        config.patch_size = config.resolution = 8
        config.stages = (Stage(stride=1),)
        self.assertEqual(len(timing.measure_training_step(config, runs=1)), 5)
