import dataclasses
import types
from unittest import mock

import pytest

from configs import ms_cips_quarter256
from configs import tiny
from inr_keras import config as config_lib
from inr_keras.benchmarks import training_cost
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training import networks
from tests import testing


class CasesTest(testing.TestCase):
    def test_methods_and_options(self):
        config = tiny.get_config()
        image = training_cost.build_case(config, "image", "remat").resolved()
        self.assertEqual(image.patch_size, 32)
        self.assertTrue(image.generator.remat)
        self.assertFalse(config.generator.remat)
        parts = training_cost.build_case(config, "accumulate")
        self.assertEqual((parts.method, parts.accumulate), ("image", 4))

    def test_lean_discriminator_is_half_as_wide_at_full_size(self):
        config = ms_cips_quarter256.get_config()
        for channels in ((), (128, 128, 128, 128, 96)):
            config.discriminator.channels = channels
            case = training_cost.build_case(config, option="lean_discriminator")
            widths = [
                networks.build_discriminator(c).from_rgb.filters for c in (config, case)
            ]
            self.assertEqual(widths, [128, 64])
        cases = training_cost.list_cases(
            config, ["image", "multi_stage"], ["lean_discriminator"], [512]
        )
        names = [names for names, _ in cases if names[1] == "lean_discriminator"]
        self.assertEqual(names, [("multi_stage", "lean_discriminator", 256)])

    def test_resolutions_keep_patches_and_batch(self):
        config = ms_cips_quarter256.get_config()
        for side, strides in (
            (128, [2, 1]),
            (256, [4, 2, 1]),
            (1024, [16, 2, 1]),
        ):
            case = training_cost.build_case(config, resolution=side)
            self.assertEqual([s.stride for s in case.stages], strides)
            self.assertEqual((case.resolution, case.patch_size), (side, 64))

    def test_every_pair_once(self):
        config = ms_cips_quarter256.get_config()
        cases = training_cost.list_cases(
            config, ["image", "multi_stage"], ["remat"], [128, 256, 512]
        )
        names = [names for names, _ in cases]
        self.assertEqual(len(set(names)), len(names))
        # At 512 the image-based method would take all memory.
        self.assertEqual(len(names), 2 * 2 + 1 + 2)
        self.assertNotIn(("image", "plain", 512), names)
        self.assertIn(("image", "remat", 256), names)
        cases = training_cost.list_cases(
            config, ["image", "multi_stage"], ["dense_table"], [512]
        )
        tables = [names for names, _ in cases if names[1] == "dense_table"]
        self.assertEqual(
            tables,
            [
                ("multi_stage", "dense_table", 256),
                ("multi_stage", "dense_table", 512),
            ],
        )


class CountTest(testing.TestCase):
    def test_generator_and_discriminator_by_hand(self):
        config = tiny.get_config()
        config.loss = dataclasses.replace(config.loss, r1_weight=0.0)
        gan = build.build_gan(config)
        counted = training_cost.count_multiplications(gan, config)
        # Fourier 2 -> 8; 8 + 4 features -> 8; 4 layers of 8; two of RGB.
        per_point = 2 * 8 + 12 * 8 + 4 * 8 * 8 + 2 * 8 * 3
        # Three passes over 8x8 points, one over the frozen 4x4.
        points = 3 * 64 + 16
        self.assertEqual(counted["generator"], 4 * per_point * points)
        discriminator = 64 * 3 * 8  # From RGB, at 8 pixels.
        discriminator += 64 * 9 * 8 * 8  # Down to 4: two convolutions and a skip.
        discriminator += 16 * (9 * 8 * 8 + 8 * 8)
        discriminator += 16 * 9 * 9 * 8 + 16 * 8 * 8  # With the deviation.
        self.assertEqual(counted["discriminator"], 4 * 8 * discriminator)

    def test_options_of_training_by_hand(self):
        config = tiny.get_config()
        config.stages = (Stage(4, 0.016),)
        config.loss = dataclasses.replace(config.loss, r1_weight=0.0)
        gan = build.build_gan(config)

        def counted(**changes):
            case = config_lib.changed(config, changes)
            return training_cost.count_multiplications(gan, case)

        plain = counted()
        forward = plain["generator"] / 3
        discriminator = plain["discriminator"] / 8
        dense = counted(stages=(Stage(4, 0.016, dense_weight=1.0),))
        self.assertEqual(dense["generator"], 7 * forward)
        self.assertEqual(dense["discriminator"], 16 * discriminator)
        rare = counted(discriminator_steps=2)
        self.assertEqual(rare["generator"], 2.5 * forward)
        self.assertEqual(rare["discriminator"], 7 * discriminator)
        wgan = counted(**{"loss.adversarial": "wgan"})
        self.assertEqual(wgan["discriminator"], 14 * discriminator)
        without = counted(**{"loss.adversarial": "wgan", "loss.gp_weight": 0.0})
        self.assertEqual(without["discriminator"], plain["discriminator"])

    def test_the_papers_proportions(self):
        # Issue and paper: 16 times the generator's points.
        config = ms_cips_quarter256.get_config()
        totals = []
        for method in ("image", "multi_stage"):
            case = training_cost.build_case(config, method)
            resolved = case.resolved()
            gan = types.SimpleNamespace(
                generator=networks.build_generator(resolved),
                discriminator=networks.build_discriminator(resolved),
            )
            totals.append(training_cost.count_multiplications(gan, case))
        ratio = totals[0]["generator"] / totals[1]["generator"]
        # The frozen generator's quarter of a patch comes on top.
        self.assertAllClose(ratio, 16 * 3 / 3.25)
        ratio = totals[0]["discriminator"] / totals[1]["discriminator"]
        self.assertGreater(ratio, 2.5)
        self.assertLess(ratio, 3.1)


class StepKindsTest(testing.TestCase):
    def test_shares_of_steps_with_lazy_terms(self):
        config = tiny.get_config()
        config.loss.r1_interval, config.loss.dense_interval = 8, 4
        self.assertEqual(training_cost.step_kinds(config), {0: 1 / 8, 1: 7 / 8})
        first, *others = config.stages
        first = dataclasses.replace(first, dense_weight=0.25)
        config.stages = (first, *others)
        kinds = training_cost.step_kinds(config, 0)
        self.assertEqual(kinds, {0: 1 / 8, 1: 6 / 8, 4: 1 / 8})


@pytest.mark.slow
class MeasureTest(testing.TestCase):
    def test_a_process_of_its_own(self):
        case = training_cost.build_case(tiny.get_config())
        cost = training_cost.measure(case, runs=2)
        self.assertGreater(cost["seconds"], 0)
        self.assertLessEqual(cost["seconds_min"], cost["seconds_max"])
        self.assertEqual(cost["points"], 4 * 64)
        self.assertGreater(cost["memory_mib"], 1)
        self.assertGreater(cost["parameters"], 1000)

    def test_a_failure_is_a_row(self):
        case = training_cost.build_case(tiny.get_config())
        for error in (RuntimeError, ValueError):
            with mock.patch.object(training_cost, "measure", side_effect=error("a b")):
                result = training_cost.measure_case(("patch", "plain", 32), case, 1)
            names = {"method": "patch", "option": "plain", "resolution": 32}
            self.assertEqual(result, {**names, "error": "a b"})
