import pytest
import tensorflow as tf

from inr_keras.config import Evaluation
from inr_keras.evaluation import references
from inr_keras.runs import record_files
from inr_keras.training import evaluations
from inr_keras.training.health import best
from tests import testing
from tests.evaluation import small_sets
from tests.training import small


def len_of_file():
    return tf.cast(tf.strings.length(tf.io.read_file("/etc/hostname")), tf.float32)


class EvaluationsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        original = references.cache_folder
        references.cache_folder = lambda: self.folder / "cache"
        self.addCleanup(setattr, references, "cache_folder", original)
        self.source = small_sets.Source(small_sets.drawings(16, 0, size=32))

    def config(self, **changes):
        return small.small_config(evaluation=Evaluation(images=8, **changes))

    def callback(self, gan, config, on_scores=None):
        judge = evaluations.Judge(config, self.source)
        callback = evaluations.Evaluations(self.folder, config, judge, on_scores)
        callback.set_model(gan)
        callback.on_train_begin()
        return callback

    def records(self):
        return record_files.read(self.folder / record_files.EVALUATIONS)

    @pytest.mark.slow
    def test_lines_best_and_events(self):
        gan = small.small_gan()
        reported = []
        config = self.config(metrics=("kid", "diversity"), best_by="kid", kimg=0.008)
        callback = self.callback(gan, config, lambda *a: reported.append(a))
        for seen in (4, 8, 12, 16):
            gan.images_seen.assign(seen)
            callback.on_train_batch_end(0)
        callback.on_train_end()
        records = self.records()
        self.assertEqual(
            [(r["metric"], r["images_seen"]) for r in records],
            [
                (metric, seen)
                for seen in (8, 16)
                for metric in ("kid", "diversity", "duplicates")
            ],
        )
        # The same weights, the same latents.
        self.assertEqual(records[0]["value"], records[3]["value"])
        self.assertEqual(records[0]["passport"]["real_images"], 8)
        self.assertEqual([seen for seen, _ in reported], [8, 16])
        self.assertEqual(reported[0][1][0]["metric"], "kid")
        self.assertEqual(best.read(self.folder)["images_seen"], 8)
        self.assertTrue((self.folder / "best_generator.keras").is_file())
        self.assertTrue(list((self.folder / "events").iterdir()))

        with self.subTest("a resumed run makes the lines after it again"):
            gan.images_seen.assign(12)
            again = self.callback(gan, config)
            self.assertEqual(len(self.records()), 3)
            gan.images_seen.assign(16)
            again.on_train_batch_end(0)
            self.assertEqual(self.records(), records)

        with self.subTest("the last of a run is judged whatever the interval"):
            gan.images_seen.assign(20)
            last = self.callback(gan, config)
            gan.images_seen.assign(24)
            last.total = 23.0
            last.on_train_batch_end(0)
            self.assertEqual(self.records()[-1]["images_seen"], 24)

    def test_savedmodels_are_to_be_trusted(self):
        model = tf.Module()
        model.read = tf.function(
            lambda x: {"features": x[:, 0, 0] + len_of_file()},
            input_signature=[tf.TensorSpec((None, None, None, 3))],
        )
        path = str(self.folder / "model")
        tf.saved_model.save(model, path, {"serving_default": model.read})
        config = self.config(features=path)
        rule = "unless config.evaluation.trust_model says .* ReadFile"
        with self.assertRaisesRegex(ValueError, rule):
            evaluations.Judge(config, self.source)
        config.evaluation.trust_model = True
        judge = evaluations.Judge(config, self.source)
        self.assertEqual(judge.extractor.name, "model")

    def test_what_the_images_do_not_allow(self):
        config = self.config(features="missing.keras")
        rule = "^config.evaluation.features must be .*'missing.keras'$"
        with self.assertRaisesRegex(ValueError, rule):
            evaluations.Judge(config, self.source)
        one = small_sets.Source(small_sets.drawings(1, 0, size=32))
        rule = (
            "^config.evaluation.metrics: with diversity, both .* 2 .* 8 samples and 1 "
        )
        with self.assertRaisesRegex(ValueError, rule):
            evaluations.Judge(self.config(), one)
