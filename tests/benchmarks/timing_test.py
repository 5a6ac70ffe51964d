from unittest import mock

import numpy as np
import pytest

from configs import siren_openmoji
from configs import tiny
from inr_keras.benchmarks import timing
from inr_keras.benchmarks import training_cost
from inr_keras.config import Stage
from inr_keras.training import networks
from tests import testing
from tests.rendering.generators import small_generator


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

    def test_other_generators_than_cips_have_none(self):
        config = siren_openmoji.get_config()
        generator = networks.build_generator(config)
        self.assertIsNone(timing.dense_shapes(generator))
        gan = mock.Mock(generator=generator)
        self.assertIsNone(training_cost.count_multiplications(gan, config))


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
