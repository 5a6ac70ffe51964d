from unittest import mock

from inr_keras import quiet_imports
from inr_keras.evaluation import extractors
from inr_keras.evaluation import metrics
from inr_keras.evaluation import tfgan
from tests import testing


class MetricsTest(testing.TestCase):
    def check(self, metric, resolution, patch_size=8, **settings):
        settings = metrics.Settings((metric,), patch_size, **settings)
        pixels = extractors.open_extractor("pixels")
        metrics.check(settings, resolution, pixels)

    def test_what_can_be_had(self):
        for metric in metrics.METRICS:
            if metric != "is":
                self.check(metric, 32)

    def test_what_cannot(self):
        for metric, resolution, patch_size, text in (
            ("is", 32, 8, "logits. Received: extractor=pixels"),
            ("swd", 48, 8, "`metrics`: with swd.*power of two.*images of 48"),
            ("fid_quarter", 16, 8, "`metrics`: .*quarter.*images of 16"),
            ("patch_fid", 32, 64, "`patch_size`.*Received: 64"),
            ("seam", 32, 32, "`metrics`: with seam.*patch_size=32 of 32"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.check(metric, resolution, patch_size)

    def test_counts(self):
        for metric, samples, reals, fewest in (
            ("kid", 400, 15, 16),
            ("kid", 15, 400, 16),
            ("kid", 1, 1, 2),
            ("pr", 400, 5, 6),
            ("dc", 5, 400, 6),
            ("diversity", 400, 1, 2),
            ("fid", 1, 9, 2),
            ("swd", 400, 0, 1),
        ):
            settings = metrics.Settings((metric,), 8)
            rule = f"`metrics`: with {metric}, both .* {fewest} images.*{reals} real"
            with self.assertRaisesRegex(ValueError, rule):
                metrics.check_counts(settings, samples, reals)
            larger = max(fewest, samples), max(fewest, reals)
            metrics.check_counts(settings, *larger)
        metrics.check_counts(metrics.Settings(("kid",), 8, kernel_block=400), 400, 2)

    def test_without_tfgan(self):
        missing = quiet_imports.UnfitEnvironment("TF-GAN cannot be imported")
        with mock.patch.object(tfgan, "load", side_effect=missing):
            for metric in ("swd", "fid", "kid", "pr", "dc", "dfid"):
                self.check(metric, 32)
            with self.assertRaises(quiet_imports.UnfitEnvironment):
                self.check("swd", 32, backend="tfgan")

    def test_names(self):
        metrics.check_names(["swd", "all"])
        for names in (["swd", "ssim"], []):
            with self.assertRaisesRegex(
                ValueError, "`metrics` must be one of swd, .*all"
            ):
                metrics.check_names(names)

    def test_better(self):
        self.assertEqual(metrics.better("recall"), "higher")
        self.assertEqual(metrics.better("swd"), "lower")
