import dataclasses
import json
from unittest import mock

import numpy as np
import pytest

from inr_keras.runs import record_files
from inr_keras.training import metrics_log
from tests import testing
from tests.training import small


class MetricsLogTest(testing.TestCase):
    def train(self, gan, folder, steps):
        """Steps of `gan` with a line for every second one."""
        log = metrics_log.MetricsLog(folder, kimg=0.008)
        gan.fit(
            small.repeated(small.random_images()).map(lambda x: (x, 0.5)),
            steps_per_epoch=steps,
            verbose=0,
            shuffle=False,
            callbacks=[log],
        )
        return record_files.read(folder / "metrics.jsonl")

    @pytest.mark.slow
    def test_lines_and_events(self):
        folder = self.temporary_folder()
        gan = small.small_gan()
        records = self.train(gan, folder, 4)
        self.assertEqual([r["images_seen"] for r in records], [8, 16])
        self.assertEqual([r["step"] for r in records], [2, 4])
        for record in records:
            self.assertGreater(record["memory_mib"], 100.0)
            rate = 8 / record["seconds"]
            self.assertAllClose(record["images_per_second"], rate, 0.1, 0.1)
            margin = record["real_logits"] - record["fake_logits"]
            self.assertAllClose(record["margin"], margin)
            # Half a second a step, or all of the time where that is more.
            share = min(2 * 0.5 / record["seconds"], 1.0)
            self.assertAllClose(record["data_wait"], share, 0.01, 0.01)
            self.assertGreater(record["g_grad"], 0.0)
            self.assertGreater(record["d_grad"], 0.0)
        self.assertTrue(list((folder / "events").iterdir()))

    def test_values_that_no_step_had_are_left_out(self):
        folder = self.temporary_folder()
        gan = small.small_gan()
        log = metrics_log.MetricsLog(folder, kimg=0.008)
        log.set_model(gan)
        log.on_train_begin()
        for name, weight in (("d_loss", 1.0), ("r1", 0.0)):
            gan.trackers[name].update_state(2.0, weight)
        log.on_train_batch_begin(0)
        gan.images_seen.assign(8)
        log.on_train_batch_end(0, {"d_loss": 2.0, "r1": 0.0})
        log.on_train_end()
        [line] = record_files.read(folder / "metrics.jsonl")
        self.assertEqual(line["d_loss"], 2.0)
        # No step of the optimizers, either.
        for name in ("r1", "g_update", "d_update"):
            self.assertNotIn(name, line)
        self.assertGreater(line["g_norm"], 0.0)

    def test_seconds_are_those_of_steps(self):
        folder = self.temporary_folder()
        gan = small.small_gan()
        log = metrics_log.MetricsLog(folder, kimg=0.008)
        log.set_model(gan)
        clocks = np.zeros(2)
        with (
            mock.patch.object(metrics_log, "_clocks", lambda: clocks.copy()),
            mock.patch.object(log, "_state", dict),
        ):
            # The images of the fifth step belong to no line.
            for steps, seconds in ((5, 1.0), (3, 900.0)):
                log.on_train_begin()
                for batch in range(steps):
                    log.on_train_batch_begin(batch)
                    clocks += (seconds, 2 * seconds)  # Two threads.
                    gan.images_seen.assign_add(4)
                    log.on_train_batch_end(batch, {})
                    clocks += 100.0  # A checkpoint or a score.
                log.on_train_end()
        lines = record_files.read(folder / "metrics.jsonl")
        self.assertEqual([line["images_seen"] for line in lines], [8, 16, 24, 32])
        rates = (4.0, 4.0, 0.0044444, 0.0044444)
        for line, seconds, rate in zip(lines, (2.0, 2.0, 900.0, 1800.0), rates):
            self.assertEqual(line["seconds"], seconds)
            self.assertEqual(line["processor_seconds"], 2 * seconds)
            self.assertEqual(line["images_per_second"], rate)

    @pytest.mark.slow
    def test_norms_and_updates(self):
        folder = self.temporary_folder()
        # A rate of its own is in the norm of the update.
        adam = dataclasses.replace(small.small_config().optimizer, mapping_rate=0.5)
        gan = small.small_gan(optimizer=adam)
        before = {}
        gan_step = gan.train_step

        def step(data):
            before["g"] = [np.array(v) for v in gan.generator.trainable_variables]
            before["d"] = [np.array(v) for v in gan.discriminator.trainable_variables]
            return gan_step(data)

        gan.run_eagerly = True
        gan.train_step = step
        record = self.train(gan, folder, 4)[-1]
        for name, network in (("g", gan.generator), ("d", gan.discriminator)):
            after = [np.array(v) for v in network.trainable_variables]
            norm = np.sqrt(sum((a**2).sum() for a in after))
            self.assertAllClose(record[f"{name}_norm"], norm, 1e-5)
            changes = [a - b for a, b in zip(after, before[name])]
            norm = np.sqrt(sum((c**2).sum() for c in changes))
            self.assertAllClose(record[f"{name}_update"], norm, 1e-3)
        rate = gan.generator_optimizer.learning_rate
        self.assertAllClose(record["g_rate"], float(rate))

    def test_means_of_a_checkpoint_outlive_the_beginning_of_fit(self):
        gan = small.small_gan()
        gan.train_step(small.random_images())
        before = {m.name: float(m.result()) for m in gan.metrics}
        log = metrics_log.MetricsLog(self.temporary_folder(), kimg=1.0)
        log.set_model(gan)
        log.on_train_begin()
        gan.reset_metrics()  # As `fit` does in between.
        log.on_epoch_begin(0)
        log.on_train_end()
        after = {m.name: float(m.result()) for m in gan.metrics}
        self.assertEqual(after, before)
        self.assertNotEqual(after["d_loss"], 0.0)

    def test_lines_after_the_checkpoint_go(self):
        folder = self.temporary_folder()
        lines = [json.dumps({"images_seen": n}) for n in (0, 8, 16)]
        path = folder / "metrics.jsonl"
        path.write_text("\n".join(lines) + '\n{"images_se')
        log = metrics_log.MetricsLog(folder, kimg=0.008)
        gan = small.small_gan()
        gan.images_seen.assign(8)
        log.set_model(gan)
        log.on_train_begin()
        log.on_train_end()
        records = record_files.read(path)
        self.assertEqual([r["images_seen"] for r in records], [0, 8])

    @pytest.mark.slow
    def test_one_worker_writes(self):
        gan = small.small_gan()
        folder = self.temporary_folder()
        log = metrics_log.MetricsLog(folder, kimg=0.004, is_writing=False)
        log.set_model(gan)
        log.on_train_begin()
        log.on_epoch_begin(0)
        log.on_train_batch_begin(0)
        gan.train_step(small.random_images())
        log.on_train_batch_end(0, {"d_loss": 1.0})
        log.on_train_end()
        self.assertEqual(list(folder.iterdir()), [])
        # Its share of the means starts again too.
        self.assertEqual(float(gan.trackers["d_loss"].count), 0.0)
