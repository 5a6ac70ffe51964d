import json

import numpy as np
import pytest
import tensorflow as tf

from inr_keras.evaluation import evaluate
from inr_keras.evaluation import extractors
from inr_keras.evaluation import metrics
from inr_keras.evaluation import neighbours
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from inr_keras.evaluation import samples
from inr_keras.evaluation import sliced_wasserstein
from inr_keras.evaluation import tfgan
from tests import testing
from tests.evaluation import small_sets
from tests.rendering.generators import small_generator


class EvaluateTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.real = small_sets.drawings(80, 0)
        path = small_sets.save_extractor(self.folder / "network.keras")
        self.extractor = extractors.open_extractor(path)

    def evaluation(self, drawn, chosen, bootstrap=5, real=None, kernel_block=0):
        if isinstance(drawn, np.ndarray):
            drawn = small_sets.Images(drawn)
        source = small_sets.Source(self.real if real is None else real)
        reference = references.Reference(source, self.folder / "cache", batch=32)
        settings = metrics.Settings(tuple(chosen), 8, bootstrap, kernel_block)
        return evaluate.Evaluation(
            settings, drawn, reference, self.extractor, self.folder / "out"
        )

    def values(self, drawn, *chosen, **kwargs):
        found = self.evaluation(drawn, chosen, **kwargs).run()
        return {score.metric: score.value for score in found}

    def test_streaming_equals_batch(self):
        fake = small_sets.blurred(small_sets.drawings(70, 1), 1)
        found = self.values(fake, "fid", "dfid", "kid", "is", "pr")
        real, all_at_once = (self.extractor(images) for images in (self.real, fake))
        evaluate_ = tfgan.load().eval
        pair = [tf.constant(f["features"], tf.float64) for f in (real, all_at_once)]
        fd = evaluate_.frechet_classifier_distance_from_activations(*pair)
        self.assertAllClose(found["fd"], fd, 1e-4)
        relations = neighbours.relate(*(a.numpy()[:70] for a in pair))
        for name in ("precision", "recall"):
            self.assertAllClose(found[name], getattr(relations, name)().mean())
        kid, _ = evaluate_.kernel_classifier_distance_and_std_from_activations(
            *pair, max_block_size=50
        )
        self.assertAllClose(found["kid"], kid, 1e-4)
        score = evaluate_.classifier_score_from_logits(
            tf.constant(all_at_once["logits"], tf.float64)
        )
        self.assertAllClose(found["is"], score, 1e-4)

    def test_moments_are_enough_for_distances_without_intervals(self):
        fake = small_sets.drawings(70, 1)
        chosen = ("fid", "dfid", "fid_half")
        expected = self.values(fake, *chosen)
        for counts in ({"bootstrap": 0}, {"bootstrap": 1}):
            evaluation = self.evaluation(fake, chosen, **counts)
            found = evaluation.drawing().measure(self.temporary_folder())
            self.assertEqual(found.rows, {})
            values = self.values(fake, *chosen, **counts)
            self.assertEqual(values.keys(), expected.keys())
            self.assertAllClose([*values.values()], [*expected.values()], 1e-9)

    @pytest.mark.slow
    def test_kernel_blocks_of_a_table(self):
        fake = small_sets.drawings(70, 1)
        [score] = self.evaluation(fake, ["kid"], kernel_block=30).run()
        self.assertEqual(score.extra["blocks"], 3)
        pair = [
            tf.constant(self.extractor(images)["features"], tf.float64)
            for images in (self.real, fake)
        ]
        expected = tfgan.load().eval.kernel_classifier_distance_from_activations(
            *pair, max_block_size=30
        )
        self.assertAllClose(score.value, expected, 1e-4)

    @pytest.mark.slow
    def test_sliced_distance_is_that_of_one_block(self):
        fake = small_sets.drawings(80, 1)
        found = self.values(fake, "swd")["swd"]
        expected = sliced_wasserstein.distance(self.real, fake, 0, 1)
        self.assertEqual(found, expected)

    @pytest.mark.slow
    def test_clean_blurred_noise(self):
        clean = small_sets.drawings(80, 1)
        noise = np.random.default_rng(2).integers(0, 256, clean.shape)
        chosen = ("fid", "patch_fid", "swd", "kid")
        found = [
            self.values(images, *chosen, bootstrap=0)
            for images in (
                clean,
                small_sets.blurred(clean, 4),
                noise.astype("uint8"),
            )
        ]
        for name in found[0]:
            first, second, third = (values[name] for values in found)
            self.assertLess(first, second, name)
            self.assertLess(second, third, name)

    @pytest.mark.slow
    def test_twice_the_same_to_the_last_digit(self):
        generator = small_generator(resolution=16, embedding_size=16)
        lines = []
        self.real = small_sets.drawings(40, 0, size=16)
        self.extractor = extractors.open_extractor("pixels")
        chosen = [m for m in metrics.METRICS if m not in ("is", "fid_quarter")]
        for number in range(2):
            drawn = samples.Samples(generator, 24, 5, 0.9, batch=10)
            found = self.evaluation(drawn, chosen).run()
            lines.append([json.dumps(passports.record(score)) for score in found])
        self.assertEqual(lines[0], lines[1])
        names = [json.loads(line)["metric"] for line in lines[0]]
        self.assertEqual(
            names,
            ["swd", "fd", "dfd", "kid", "precision", "recall", "density"]
            + ["coverage", "fd_half", "patch_fd", "ppl", "authenticity"]
            + ["diversity", "duplicates", "seam", "pattern", "scale"],
        )
        for line in lines[0]:
            self.assertTrue(np.isfinite(json.loads(line)["value"]), line)
        self.assertEqual(list((self.folder / "out").iterdir()), [])

    def test_passport(self):
        drawn = small_sets.Images(small_sets.drawings(30, 1))
        evaluation = self.evaluation(drawn, ("patch_fid", "is"))
        found = {score.metric: score for score in evaluation.run()}
        passport = found["patch_fd"].passport
        expected = {
            "samples": 30,
            "seed": 0,
            "truncation": 1.0,
            "classes": "none",
            "resolution": 16,
            "quantization": "uint8",
            "bootstrap": 5,
            "data": "drawings",
            "data_sha256": evaluation.reference.sha256,
            "real_images": 80,
            "filter": "none",
            "extractor": "network.keras",
            "extractor_sha256": self.extractor.sha256,
            "view": "patch",
            "patch_size": 8,
            "code": passports.code(),
        }
        self.assertEqual(passport, expected)
        self.assertNotIn("data", found["is"].passport)
        low, high = found["patch_fd"].interval
        self.assertLess(low, found["patch_fd"].value)
        self.assertLess(found["patch_fd"].value, high)

    def test_collapse_and_copies_show(self):
        other = small_sets.drawings(60, 1)
        good = self.values(other, "diversity", "nearest")
        collapsed = self.values(
            np.repeat(other[:3], 20, axis=0), "diversity", "nearest"
        )
        self.assertTrue(0.5 < good["diversity"] < 2.0)
        self.assertLess(good["duplicates"], 0.2)
        self.assertLess(collapsed["diversity"], 0.01)
        self.assertEqual(collapsed["duplicates"], 1.0)
        evaluation = self.evaluation(self.real[:60], ("nearest",))
        [authenticity] = evaluation.run()
        self.assertEqual(authenticity.value, 0.0)
        fakes, reals = evaluation.neighbours
        self.assertAllEqual(fakes, reals)
        self.assertEqual(fakes.shape, (8, 16, 16, 3))
