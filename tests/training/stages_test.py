import numpy as np
import pytest

from inr_keras.config import Stage
from inr_keras.training.stages import StageCallback
from inr_keras.training.stages import locate
from tests import testing
from tests.training import small


class LocateTest(testing.TestCase):
    def test_boundaries(self):
        stages = (Stage(4, 1.0), Stage(2, 0.5), Stage(1, 2.0))
        for seen, index in (
            (0, 0),
            (999, 0),
            (1000, 1),
            (1499, 1),
            (1500, 2),
            (3499, 2),
            (99999, 2),
        ):
            self.assertEqual(locate(stages, seen), index, seen)


class Spy(StageCallback):
    """Notes the weights around each change of stage."""

    def __init__(self, stages, *more):
        super().__init__(stages, *more)
        self.changes = []

    def _enter(self, index, freeze):
        gan = self.model
        before = {
            "generator": small.values(gan.generator.weights),
            "discriminator": small.values(gan.discriminator.weights),
            "ema": small.values(gan.ema_generator.weights),
            "optimizer": small.values(gan.generator_optimizer.variables),
        }
        super()._enter(index, freeze)
        after = {
            "generator": small.values(gan.generator.weights),
            "discriminator": small.values(gan.discriminator.weights),
            "ema": small.values(gan.ema_generator.weights),
            "optimizer": small.values(gan.generator_optimizer.variables),
        }
        frozen = small.values(gan.frozen_generator.weights)
        self.changes.append((index, int(gan.step), before, after, frozen))


class StageCallbackTest(testing.TestCase):
    def fit(self, gan, callback, compiled=False):
        self.run_eagerly(not compiled)
        dataset = small.repeated(small.random_images())
        gan.fit(
            dataset,
            steps_per_epoch=100,
            verbose=0,
            shuffle=False,
            callbacks=[callback],
        )

    @pytest.mark.slow
    def test_through_all_stages(self):
        gan = small.small_gan()
        ended = []
        spy = Spy(small.STAGES, ended.append)
        self.fit(gan, spy)
        self.assertEqual(ended, [0, 1, 2])
        self.assertEqual(int(gan.step), 6)
        with self.subTest("a change moves no weight, freezes the average"):
            self.check_changes(spy.changes)
        with self.subTest("compiled steps, two in one go, are the same steps"):
            two = small.small_gan(steps_per_execution=2)
            traced = self.trace(two)
            self.fit(two, StageCallback(small.STAGES), compiled=True)
            self.assertEqual(
                traced,
                [(4, ()), (2, small.STAGES[:1]), (1, small.STAGES[:2])],
            )
            for a, b in zip(gan.weights, two.weights, strict=True):
                self.assertAllClose(np.array(b), np.array(a), 1e-5, 1e-5)

    def trace(self, gan):
        """Strides and earlier stages of all calls of `train_step`, to be made."""
        traced = []
        original = gan.train_step

        def spy(data):
            traced.append((gan.frame.stride, gan.earlier_stages))
            return original(data)

        gan.train_step = spy
        return traced

    def check_changes(self, changes):
        self.assertEqual([c[0] for c in changes], [0, 1, 2])
        self.assertEqual([c[1] for c in changes], [0, 2, 4])
        for index, _, before, after, frozen in changes:
            for name, old in before.items():
                for a, b in zip(old, after[name], strict=True):
                    np.testing.assert_array_equal(a, b)
            if index:
                for a, b in zip(frozen, after["ema"], strict=True):
                    np.testing.assert_array_equal(a, b)

    @pytest.mark.slow
    def test_a_step_of_many_parts_is_traced_once_a_stage(self):
        stages = (Stage(2, 0.012), Stage(1, 0.024, 1.0))
        gan = small.small_gan(
            steps_per_execution=2, accumulate=2, dtype="mixed_bfloat16"
        )
        traced = self.trace(gan)
        self.fit(gan, StageCallback(stages), compiled=True)
        self.assertEqual(gan.count("step"), 10)
        self.assertEqual(traced, [(2, ()), (1, stages[:1])])

    @pytest.mark.slow
    def test_a_resumed_run_keeps_its_frozen_generator(self):
        gan = small.small_gan()
        gan.images_seen.assign(12)
        gan.stage_number.assign(2)
        frozen = small.values(gan.frozen_generator.weights)
        gan.ema_generator.set_weights([w + 1 for w in gan.ema_generator.get_weights()])
        spy = Spy(small.STAGES)
        self.fit(gan, spy)
        index, step, *_, at_start = spy.changes[0]
        self.assertEqual((index, step), (1, 0))
        for a, b in zip(frozen, at_start, strict=True):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.slow
    def test_a_run_stopped_right_before_a_change_makes_it(self):
        gan = small.small_gan()
        gan.images_seen.assign(8)
        gan.stage_number.assign(1)
        spy = Spy(small.STAGES)
        self.fit(gan, spy)
        self.assertEqual([c[0] for c in spy.changes], [0, 1, 2])
        index, _, _, after, frozen = spy.changes[1]
        for a, b in zip(frozen, after["ema"], strict=True):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.slow
    def test_a_later_stage_after_a_fit_without_stages_freezes_the_average(self):
        gan = small.small_gan()
        gan.images_seen.assign(12)
        gan.ema_generator.set_weights([w + 1 for w in gan.ema_generator.get_weights()])
        spy = Spy(small.STAGES)
        self.fit(gan, spy)
        index, _, _, after, frozen = spy.changes[0]
        self.assertEqual(index, 1)
        for a, b in zip(frozen, after["ema"], strict=True):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.slow
    def test_a_fit_that_ends_early_says_so(self):
        gan = small.small_gan()
        self.run_eagerly(True)
        dataset = small.repeated(small.random_images())
        with self.assertWarnsRegex(UserWarning, "after 12 of the 24.*stage 2 of 3"):
            gan.fit(
                dataset,
                steps_per_epoch=3,
                verbose=0,
                callbacks=[StageCallback(small.STAGES)],
            )

    def test_a_finished_schedule_is_refused(self):
        for seen, number, stages in ((24, 3, small.STAGES), (8, 3, small.STAGES[:2])):
            gan = small.small_gan()
            gan.images_seen.assign(seen)
            gan.stage_number.assign(number)
            ended = []
            with self.assertRaisesRegex(ValueError, "`stages` must be a schedule"):
                self.fit(gan, StageCallback(stages, ended.append))
            self.assertEqual((gan.count("step"), ended), (0, []))

    def test_no_stages(self):
        with self.assertRaisesRegex(ValueError, "`stages` must not be empty"):
            StageCallback([])
