import dataclasses
import functools
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras.benchmarks import memory
from inr_keras.data import sources
from inr_keras.runs import config_file
from inr_keras.training import build
from tests import testing
from tests.training import small


def graph_of(function, *shapes):
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    return tf.function(function).get_concrete_function(*specs).graph


class PeakTest(testing.TestCase):
    def test_a_chain_holds_two_results_at_a_time(self):
        def chain(x):
            for _ in range(5):
                x = tf.matmul(x, x)
            return x

        # 100 x 100 floats are 40,000 bytes.
        self.assertEqual(memory.peak_bytes(graph_of(chain, (100, 100))), 80_000)

    def test_results_for_later_are_kept(self):
        def kept(x):
            results = [tf.matmul(x, x) for _ in range(5)]
            return tf.add_n(results)

        self.assertEqual(memory.peak_bytes(graph_of(kept, (100, 100))), 200_000)

    def test_views_and_writing_in_place_take_nothing(self):
        def views(x):
            x = tf.matmul(x, x)
            x = tf.reshape(x, (10, 1000))
            x = tf.nn.relu(tf.identity(x) * 2.0)
            return tf.reshape(x, (-1,))

        self.assertEqual(memory.peak_bytes(graph_of(views, (100, 100))), 40_000)

    def test_a_gradient_keeps_activations(self):
        def gradient(x, w):
            with tf.GradientTape() as tape:
                tape.watch(w)
                y = x
                for _ in range(8):
                    y = tf.sin(tf.matmul(y, w))
                loss = tf.reduce_sum(y)
            return tape.gradient(loss, w)

        most = memory.peak_bytes(graph_of(gradient, (100, 100), (100, 100)))
        # Both the product and its sine of each layer, and some more.
        self.assertGreaterEqual(most, 15 * 40_000)
        self.assertLess(most, 22 * 40_000)

    def test_branches_and_loops_count_while_they_run(self):
        def branch(x):
            y = tf.cond(
                x[0, 0] > 0,
                lambda: tf.matmul(tf.matmul(x, x), tf.matmul(x, x)),
                lambda: x,
            )
            return tf.while_loop(
                lambda i, z: i < 3,
                lambda i, z: (i + 1, tf.matmul(z, z)),
                (0, y),
            )

        most = memory.peak_bytes(graph_of(branch, (100, 100)))
        self.assertGreaterEqual(most, 120_000)
        self.assertLess(most, 200_000)


@functools.cache
def _estimate_here():
    return memory.estimate(small.small_config())


class EstimateTest(testing.TestCase):
    @pytest.mark.slow
    def test_weights_and_moments_are_exact(self):
        config = small.small_config()
        found = _estimate_here()
        gan = build.build_gan(config)
        weights = sum(np.array(w).size for w in gan.weights)
        self.assertAllClose(found.weights * memory.MIB, 4 * weights)
        table = np.array(gan.generator.embedding.table)
        self.assertAllClose(found.embedding * memory.MIB, 3 * table.nbytes)
        moments = [
            v
            for o in (gan.generator_optimizer, gan.discriminator_optimizer)
            for v in o.variables
        ]
        size = 4 * sum(np.array(v).size for v in moments)
        self.assertAllClose(found.optimizer * memory.MIB, size)
        self.assertGreater(found.total, found.step)

    @pytest.mark.slow
    def test_economies_save_activations(self):
        config = small.small_config(batch_size=16)

        def activations(**changes):
            changes = {k.replace("__", "."): v for k, v in changes.items()}
            changed = config_lib.changed(config, changes)
            return memory.estimate(changed).activations

        plain = activations()
        self.assertLess(activations(generator__remat=True), 0.9 * plain)
        self.assertLess(activations(accumulate=4), 0.5 * plain)
        self.assertLess(activations(dtype="mixed_bfloat16"), 0.8 * plain)
        self.assertGreater(activations(method="image"), 4 * plain)

    @pytest.mark.slow
    def test_a_process_of_its_own(self):
        config = small.small_config()
        one, two = memory.estimate_each([(config, 0), (config, -1)])
        self.assertAllClose(two.step, _estimate_here().step, rtol=0.01)
        # Without the stage before there is nothing to compare with.
        self.assertLess(one.runtime, two.runtime)
        self.assertGreater(two.idle, 100.0)
        self.assertGreater(two.data, 0.0)
        self.assertEqual(one.idle, two.idle)


class FitTest(testing.TestCase):
    def fit(self, limit, remat=60.0, **changes):
        """`fit` where an image takes 100 MiB, or as many as `remat` rematerialized."""

        def estimate_each(cases, limit):
            for config, _ in cases:
                each = remat if config.generator.remat else 100.0
                size = config.batch_size / config.accumulate * each
                yield memory.Estimate(size, 0.0, 0.0, 0.0, 0.0)

        config = small.small_config(**changes)
        with mock.patch.object(memory, "estimate_each", estimate_each):
            return config, *memory.fit(config, limit)

    def test_nothing_changes_where_it_fits(self):
        config, found, estimate = self.fit(400.0)
        self.assertEqual(found, config)
        self.assertEqual(estimate.total, 400.0)

    def test_rematerialization_then_micro_batches(self):
        _, found, _ = self.fit(399.0)
        self.assertTrue(found.generator.remat)
        self.assertEqual(found.accumulate, 1)
        _, found, estimate = self.fit(130.0)
        self.assertTrue(found.generator.remat)
        self.assertEqual(found.accumulate, 2)
        self.assertEqual(estimate.total, 120.0)

    def test_what_cannot_be(self):
        with self.assertRaisesRegex(
            ValueError, "`limit`.*remat=True, acc.*about 60 MiB. Received: 59 MiB"
        ):
            self.fit(59.0)
        with self.assertRaisesRegex(ValueError, r"\(as configured\), about 400 MiB"):
            self.fit(399.0, remat=2000.0)

    def test_less_than_an_idle_process_takes(self):
        rule = "`limit` must be more than a process takes before.*Received: 5 MiB"
        with (
            mock.patch.object(memory, "estimate") as estimate,
            self.assertRaisesRegex(ValueError, rule),
        ):
            list(memory.estimate_each_here([(small.small_config(), -1)], 5.0))
        estimate.assert_not_called()

    def test_matched_images_are_counted(self):
        plain = small.small_config()
        matched = config_lib.changed(plain, {"loss.match_weight": 1.0})
        estimate = memory.Estimate(1.0, 0.0, 0.0, 0.0, 0.0)
        with mock.patch.object(memory, "estimate", return_value=estimate):
            one, two = memory.estimate_each_here([(plain, -1), (matched, -1)])
        source = sources.open_source(plain.data, plain.resolution)
        self.assertAllClose(two["data"] - one["data"], source.bytes / 2**20)

    def test_settings_that_exclude_each_other_are_passed_over(self):
        config = small.small_config()
        generator = dataclasses.replace(config.generator, sparse_embedding=True)
        with self.assertRaisesRegex(ValueError, "about 240 MiB"):
            self.fit(100.0, generator=generator)

    def test_a_run_goes_on_as_it_was_begun(self):
        folder = self.temporary_folder()
        config = small.small_config(accumulate=2)
        config_file.write_config(config, folder)
        found = memory.fit_run(small.small_config(), folder, 1.0, print)
        self.assertEqual(found, config)
