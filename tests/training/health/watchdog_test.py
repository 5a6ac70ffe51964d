import json

from inr_keras.runs import record_files
from inr_keras.training.health import watchdog
from tests import testing


def fixture(name):
    lines = record_files.read(testing.FIXTURES / f"metrics_{name}.jsonl")
    assert lines, name
    return lines


def line(kimg, **changes):
    """A line of a healthy run."""
    values = {
        "images_seen": int(kimg * 1000),
        "d_loss": 1.0,
        "g_loss": 1.5,
        "real_logits": 0.7,
        "fake_logits": -0.8,
        "g_grad": 5.0,
        "d_grad": 2.0,
        "g_norm": 1000.0,
        "g_update": 3.0,
        "d_norm": 600.0,
        "d_update": 3.0,
    }
    return {**values, **changes}


WON = {"d_loss": 0.02, "real_logits": 9.0, "fake_logits": -8.0, "g_loss": 8.0}


def illnesses(findings):
    return [(f.illness, f.images_seen // 1000) for f in findings]


class LinesTest(testing.TestCase):
    def judge(self, lines, **settings):
        return illnesses(watchdog.replay(lines, **settings)[1])

    def test_healthy_runs(self):
        # The strongest discriminator of all runs, the lowest loss, and all norms.
        self.assertEqual(self.judge(fixture("strong_discriminator")), [])
        findings = self.judge(fixture("relativistic"), adversarial="relativistic")
        self.assertEqual(findings, [])
        self.assertEqual(self.judge(fixture("inr_gan")), [])

    def test_lines_without_a_step_of_the_generator(self):
        lines = [line(i, g_grad=1.0) for i in range(1, 101)]
        for i, one in enumerate(lines):
            if i % 2:
                del one["g_grad"], one["g_loss"], one["g_update"]
        self.assertEqual(self.judge(lines), [])
        for one in lines[70:]:
            if "g_grad" in one:
                one["g_grad"] = 1e4
        self.assertEqual([name for name, _ in self.judge(lines)], ["divergence"])

    def test_a_diverging_generator(self):
        # A rate of 0.6 on the demo: its discriminator wins too.
        _, findings = watchdog.replay(fixture("diverging_generator"))
        self.assertEqual(illnesses(findings), [("divergence", 2)])
        self.assertIn("the norm of the generator's gradient", findings[0].what)
        self.assertIn("Try a lower optimizer.learning_rate", findings[0].line())
        json.dumps(findings[0].numbers)

    def test_the_discriminator_has_won_and_is_told_once(self):
        lines = [line(i) for i in range(1, 11)]
        lines += [line(i, **WON) for i in range(11, 31)]
        dog, findings = watchdog.replay(lines)
        # Most of the last five lines.
        self.assertEqual(illnesses(findings), [("discriminator_won", 13)])
        self.assertEqual(findings[0].since, 8000)  # Of five lines.
        self.assertIn("reals lead by 17 (before: 1.5)", findings[0].what)
        self.assertIn("loss.r1_weight", findings[0].advice)

        with self.subTest("not over where it is only a little better"):
            for i in range(31, 41):
                better = {**WON, "d_loss": 0.12, "real_logits": 0.0}
                self.assertEqual(dog.on_line(line(i, **better)), [])
            for i in range(41, 51):
                self.assertEqual(dog.on_line(line(i, **WON)), [])

        with self.subTest("told again after it was over"):
            findings = [f for i in range(51, 61) for f in dog.on_line(line(i))]
            for i in range(61, 71):
                findings += dog.on_line(line(i, **WON))
            self.assertEqual(illnesses(findings), [("discriminator_won", 63)])

    def test_one_odd_line_is_no_illness(self):
        lines = [line(i) for i in range(1, 20)]
        lines[9] = line(10, **WON)
        lines[15] = line(16, g_loss=1e6, g_grad=1e9, g_update=500.0)
        self.assertEqual(self.judge(lines), [])

    def test_lines_of_few_images_make_a_longer_window(self):
        lines = [line(0.1 * i, **WON) for i in range(1, 19)]
        self.assertEqual(self.judge(lines), [])
        lines += [line(0.1 * i, **WON) for i in range(19, 24)]
        self.assertEqual(self.judge(lines), [("discriminator_won", 2)])

    def test_a_vanishing_gradient(self):
        lines = [line(i) for i in range(1, 11)]
        faint = {"d_loss": 0.05, "g_grad": 0.01}
        lines += [line(i, **faint) for i in range(11, 20)]
        self.assertEqual(self.judge(lines), [("discriminator_won", 13)])

    def test_divergence(self):
        start = [line(i) for i in range(1, 11)]
        for changes in (
            {"g_update": 100.0},
            {"d_update": 100.0},
            {"g_grad": 60.0},
            {"d_grad": 30.0},
            {"g_loss": 20.0},
            {"d_loss": -20.0},
        ):
            lines = start + [line(i, **changes) for i in range(11, 20)]
            self.assertEqual(self.judge(lines), [("divergence", 13)], changes)
        from_the_start = [line(i, g_loss=100.0) for i in range(1, 11)]
        self.assertEqual(self.judge(from_the_start), [("divergence", 5)])

    def test_losses_of_wgan_have_no_scale(self):
        large = {**WON, "d_loss": -300.0, "g_loss": 800.0, "g_grad": 700.0}
        lines = [line(i, **large) for i in range(1, 20)]
        self.assertEqual(self.judge(lines, adversarial="wgan"), [])
        lines += [line(i, **{**large, "g_grad": 1e4}) for i in range(20, 30)]
        findings = self.judge(lines, adversarial="wgan")
        self.assertEqual(findings, [("divergence", 22)])

    def test_a_failure(self):
        findings = watchdog.Watchdog().on_failure(7000, "g_loss is nan")
        self.assertTrue(findings.line().startswith("divergence at 7.0 kimg: g_l"))
        self.assertTrue(findings.is_grave)


class ScoresTest(testing.TestCase):
    def judge(self, values, **settings):
        points = [(1000 * i, scores) for i, scores in enumerate(values)]
        return watchdog.replay([], points, **settings)[1]

    def diversity(self, *values):
        return self.judge([{"diversity": v, "duplicates": 0.6} for v in values])

    def test_collapse_of_what_was_diverse(self):
        findings = self.diversity(0.8, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1)
        self.assertEqual(illnesses(findings), [("collapse", 4)])
        self.assertEqual(findings[0].since, 1000)  # Before those three.
        self.assertIn("by 10.0% of what reals do (at best 90.0%", findings[0].what)
        self.assertIn("60% of them have a twin", findings[0].what)

    def test_a_run_that_starts_alike_has_time(self):
        self.assertEqual(self.diversity(0.02, 0.05, 0.1, 0.2, 0.4, 0.7), [])
        findings = self.diversity(*[0.02] * 12)
        self.assertEqual(illnesses(findings), [("collapse", 9)])

    def test_collapse_is_over(self):
        ill, well = [0.1] * 4, [0.9] * 4
        findings = self.diversity(*well, *ill, *well, *ill)
        self.assertEqual(illnesses(findings), [("collapse", 5), ("collapse", 13)])

    def test_stale(self):
        values = [{"swd": v} for v in (5, 4, 3, 3.2, 3.5, 3.6, 3.9, 4.0, 4.1)]
        findings = self.judge(values, best_by="swd")
        self.assertEqual(illnesses(findings), [("stale", 7)])
        self.assertFalse(findings[0].is_grave)
        self.assertIn("the best swd was 3 at 2.0 kimg", findings[0].what)
        self.assertIn("now it is 3.9, 30% worse", findings[0].what)

        with self.subTest("higher is better"):
            values = [{"recall": v} for v in (0.1, 0.5, 0.6, 0.4, 0.3, 0.3)]
            findings = self.judge(values, best_by="recall", better="higher")
            self.assertEqual(illnesses(findings), [("stale", 5)])

        with self.subTest("no share of a distance of nothing"):
            values = [{"kid": v} for v in (0.1, -0.01, 0.1, 0.1, 0.1, 0.1)]
            self.assertEqual(self.judge(values, best_by="kid"), [])

        with self.subTest("a score that could not be had"):
            values = [{"swd": None}] * 8
            self.assertEqual(self.judge(values, best_by="swd"), [])
