import dataclasses
import json

from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Watchdog
from inr_keras.runs import record_files
from inr_keras.training.health import guard
from tests import testing
from tests.training.callbacks_test import FakeModel
from tests.training.health.watchdog_test import WON
from tests.training.health.watchdog_test import line

ILL = [line(i, **WON) for i in range(1, 10)]


class GuardTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.config = Experiment(
            evaluation=Evaluation(images=8),
            watchdog=Watchdog(action="warn"),
        )

    def guard(self, seen=0, roll_backs=0, **changes):
        self.config.watchdog = dataclasses.replace(self.config.watchdog, **changes)
        callback = guard.Guard(self.folder, self.config, roll_backs)
        callback.set_model(FakeModel(images_seen=seen))
        callback.on_train_begin()
        return callback

    def feed(self, callback, lines):
        """Writes lines and calls back, in the order of `MetricsLog`."""
        for record in lines:
            with open(self.folder / "metrics.jsonl", "a") as file:
                file.write(json.dumps(record) + "\n")
            callback.on_line(record)

    def findings(self):
        records = record_files.read(self.folder / guard.FILE)
        return [(r["illness"], r["images_seen"]) for r in records]

    def test_a_finding_is_a_line_and_a_warning(self):
        with self.assertLogs("absl", "WARNING") as logs:
            self.feed(self.guard(), ILL)
        [text] = logs.output
        self.assertIn(
            "Watchdog: discriminator won at 5.0 kimg: the discriminator's", text
        )
        self.assertEqual(self.findings(), [("discriminator_won", 5000)])
        [(path, meaning)] = guard.summary(self.folder)
        self.assertEqual(path.name, guard.FILE)
        self.assertIn("discriminator won at 5.0 kimg", meaning)

    def test_a_healthy_run_leaves_nothing(self):
        self.feed(self.guard(), [line(i) for i in range(1, 10)])
        self.assertFalse((self.folder / guard.FILE).exists())
        self.assertEqual(guard.summary(self.folder), [])

    def test_a_resumed_run_reports_nothing_twice(self):
        self.feed(self.guard(), ILL[:6])
        again = self.guard(seen=6000)
        self.feed(again, ILL[6:])
        self.assertEqual(self.findings(), [("discriminator_won", 5000)])

    def test_findings_that_will_come_again_are_dropped(self):
        self.feed(self.guard(), ILL[:6])
        lines = "".join(json.dumps(record) + "\n" for record in ILL[:4])
        (self.folder / "metrics.jsonl").write_text(lines)
        again = self.guard(seen=4000)
        self.assertEqual(self.findings(), [])
        self.feed(again, ILL[4:])
        self.assertEqual(self.findings(), [("discriminator_won", 5000)])

        with self.subTest("that of another attempt stays"):
            self.guard(seen=4000, roll_backs=1)
            self.assertEqual(self.findings(), [("discriminator_won", 5000)])

    def test_stop(self):
        rule = "config.watchdog.action is stop: discriminator won at 5.0 kimg.*Try"
        with self.assertRaisesRegex(guard.RunStopped, rule):
            self.feed(self.guard(action="stop"), ILL)

    def test_roll_back_and_its_end(self):
        callback = self.guard(action="roll_back", max_roll_backs=2)
        with self.assertRaises(guard.RollBack) as caught:
            self.feed(callback, ILL)
        self.assertEqual(caught.exception.finding.illness, "discriminator_won")
        (self.folder / "metrics.jsonl").unlink()
        callback = self.guard(roll_backs=2)
        with self.assertRaisesRegex(
            guard.RunStopped, "After 2 roll backs: discriminator"
        ):
            self.feed(callback, ILL)

    def test_failures(self):
        error = FloatingPointError("g_loss is nan in step 7. The last one")
        with self.assertRaises(FloatingPointError):
            self.guard(action="warn").on_failure(28, error)
        with self.assertRaisesRegex(guard.RollBack, "g_loss is nan in step 7"):
            self.guard(action="roll_back").on_failure(28, error)

    def test_scores(self):
        self.config.evaluation.best_by = "fid"
        callback = self.guard(action="stop")
        for i in range(9):
            # A grave illness alone ends a run.
            callback.on_scores(
                1000 * i, [{"metric": "fd", "value": 5.0 + i, "images_seen": i}]
            )
        self.assertEqual(self.findings(), [("stale", 5000)])
