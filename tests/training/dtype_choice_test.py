import dataclasses
from unittest import mock

import pytest

from inr_keras.runs import config_file
from inr_keras.training import build
from inr_keras.training import dtype_choice
from tests import testing
from tests.training import small


def measured(half):
    """A measurement in which float32 takes 2 s, and one step of each is disturbed."""

    def measure(cases):
        assert [case.dtype for case in cases] == ["float32", "mixed_bfloat16"]
        return [[2.0, half], [20.0, half], [2.0, half * 20], [4.0, half * 2]]

    return measure


class DtypeChoiceTest(testing.TestCase):
    def test_what_is_worth_it(self):
        config = small.small_config(dtype="auto")
        for half, expected in ((1.0, "mixed_bfloat16"), (1.8, "mixed_bfloat16")):
            decided = dtype_choice.decide(config, "new", measure=measured(half))
            self.assertEqual(decided, dataclasses.replace(config, dtype=expected))
        for half in (1.9, 2.0, 3.0):
            with self.assertLogs("absl", "INFO") as logs:
                decided = dtype_choice.decide(config, "new", measure=measured(half))
            self.assertEqual(decided.dtype, "float32")
            [line, last] = logs.output
            self.assertIn("is float32 in this run", last)
            self.assertIn(f"takes {half / 2:.2f} of float32's time", line)

    def test_a_device_measures_its_share_of_the_batch(self):
        seen = []

        def measure(cases):
            seen.extend(case.batch_size for case in cases)
            return [[2.0, 1.0]]

        config = small.small_config(dtype="auto")
        two = mock.Mock(num_replicas_in_sync=2)
        decided = dtype_choice.decide(config, "new", two, measure)
        self.assertEqual(seen, [config.batch_size // 2] * 2)
        self.assertEqual(decided, dataclasses.replace(config, dtype="mixed_bfloat16"))

    def test_nothing_is_measured_where_settings_say_it(self):
        for dtype in ("float32", "mixed_bfloat16"):
            config = small.small_config(dtype=dtype)
            self.assertIs(dtype_choice.decide(config, "new"), config)
            self.assertIs(dtype_choice.kept(config, self.temporary_folder()), config)

    def test_a_run_keeps_its_dtype(self):
        workdir = self.temporary_folder()
        config = small.small_config(dtype="auto")
        self.assertIs(dtype_choice.kept(config, workdir), config)
        for dtype in ("mixed_bfloat16", "float32"):
            config_file.write_config(dataclasses.replace(config, dtype=dtype), workdir)
            self.assertEqual(dtype_choice.kept(config, workdir).dtype, dtype)

    def test_the_chief_alone_measures(self):
        config = small.small_config(dtype="auto")
        two = mock.Mock(num_replicas_in_sync=2)
        for is_chief in (True, False):
            measure = mock.Mock(return_value=[[2.0, 1.0]])
            with (
                mock.patch.object(
                    dtype_choice.strategies, "is_chief", lambda _: is_chief
                ),
                mock.patch.object(dtype_choice.strategies, "gather", lambda *_: [1, 0]),
            ):
                decided = dtype_choice.decide(config, "new", two, measure)
            self.assertEqual(decided.dtype, "mixed_bfloat16")
            self.assertEqual(measure.call_count, int(is_chief))

    def test_workers_take_the_dtype_of_the_first_though_they_do_not_see_its_run(self):
        seen = self.temporary_folder()
        config = small.small_config(dtype="auto")
        run = dataclasses.replace(config, dtype="mixed_bfloat16")
        config_file.write_config(run, seen)
        two = mock.Mock(num_replicas_in_sync=2)
        values = []

        def gather(strategy, value):
            values.append(value)
            return [1, value]

        with mock.patch.object(dtype_choice.strategies, "gather", gather):
            for workdir in (seen, "unseen"):  # Each gathers once: none waits for ever.
                decided = dtype_choice.decide(config, workdir, two, measured(3.0))
                self.assertEqual(decided, run)
        self.assertEqual(values, [1, 0])

    def test_without_a_run_it_is_float32(self):
        gan = build.build_gan(small.small_config(dtype="auto"))
        self.assertEqual(gan.generator.dtype_policy.name, "float32")
        self.assertEqual(gan.discriminator.dtype_policy.name, "float32")

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_the_measurement(self):
        seen, original = [], build.gan_at_stage

        def gan_at_stage(config):
            seen.append((config.batch_size, config.dtype))
            return original(config)

        with (
            mock.patch.object(dtype_choice, "_SECONDS", 0.0),
            mock.patch.object(dtype_choice, "_ROUNDS", 2),
            mock.patch.object(dtype_choice, "_POINTS", 2 * 64),
            mock.patch.object(dtype_choice.build, "gan_at_stage", gan_at_stage),
        ):
            for changes in (
                {},
                {"accumulate": 4},
                small.REPLAY,
                {"generator": small.GENERATORS["inr_gan"]},
            ):
                config = small.small_config(dtype="mixed_bfloat16", **changes)
                [[first], [second]] = dtype_choice.step_seconds([config])
                self.assertGreater(min(first, second), 0.0)
        # Two patches of 64 points, or a micro-batch.
        counts = [(2, "mixed_bfloat16"), (1, "mixed_bfloat16")]
        self.assertEqual(seen, [*counts, counts[0], counts[0]])
