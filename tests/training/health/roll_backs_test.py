import dataclasses

import pytest

from inr_keras.training import checkpoints
from inr_keras.training.health import best
from inr_keras.training.health import roll_backs
from inr_keras.training.health import watchdog
from tests import testing
from tests.training import small
from tests.training.health.best_test import record

FINDING = watchdog.Finding("collapse", 8, 6, "all alike", "Try.", {})


class RollBacksTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.gan = small.small_gan()

    def save(self, *seen):
        for count in seen:
            self.gan.images_seen.assign(count)
            checkpoints.save(self.gan, self.folder / "checkpoints", keep=3)

    def keep_best(self, seen):
        self.gan.images_seen.assign(seen)
        best.BestState(self.gan, self.folder, "swd").keep(record(0.5, seen))

    @pytest.mark.slow
    def test_back_to_the_best(self):
        self.keep_best(4)
        self.save(8)
        (self.folder / "metrics.jsonl").write_text("{}\n")
        roll_backs.begin(self.folder, FINDING, 0.5)
        [entry] = roll_backs.read(self.folder)
        self.assertEqual(
            (entry["illness"], entry["images_seen"], entry["to"]),
            ("collapse", 8, 4),
        )
        self.assertTrue(entry["done"])
        kept = self.folder / "rolled_back" / "1" / "metrics.jsonl"
        self.assertEqual(kept.read_text(), "{}\n")

        with self.subTest("what follows is another attempt"):
            other = small.small_gan()
            optimizers = other.optimizers()
            rates = [float(o.learning_rate) for o in optimizers]
            seed = other.seed
            path = roll_backs.restore(other, self.folder)
            self.assertEqual(path.name, "images_0000000004.weights.h5")
            self.assertEqual(other.count("images_seen"), 4)
            self.assertEqual(other.seed, seed + 1_000_003)
            for optimizer, rate in zip(optimizers, rates):
                new_rate = float(optimizer.learning_rate)
                self.assertAllClose(new_rate, rate / 2, atol=0)

        with self.subTest("factors multiply, and not with what was saved"):
            self.keep_best(4)
            self.gan.generator_optimizer.learning_rate.assign(7.0)
            self.save(8)
            roll_backs.begin(self.folder, FINDING, 0.1)
            other = small.small_gan()
            roll_backs.restore(other, self.folder)
            new_rate = float(other.generator_optimizer.learning_rate)
            self.assertAllClose(new_rate, rates[0] / 20, atol=0)
            self.assertEqual(other.seed, seed + 2_000_006)

    @pytest.mark.slow
    def test_a_kill_at_any_moment(self):
        self.keep_best(4)
        self.save(8)
        begun = {
            "rate_factor": 0.5,
            "images_seen": 8,
            "since": 6,
            "done": False,
        }
        for steps in ("nothing", "restored"):
            with self.subTest(steps):
                roll_backs.write(self.folder, [dict(begun)])
                if steps == "restored":
                    best.restore(self.folder, 6)
                roll_backs.finish(self.folder)
                [entry] = roll_backs.read(self.folder)
                self.assertEqual((entry["done"], entry["to"]), (True, 4))
                paths = checkpoints.paths(self.folder / "checkpoints")
                self.assertEqual([checkpoints.images_seen(paths[-1])], [4])

        with self.subTest("nothing is undone that was done"):
            self.save(8)
            roll_backs.finish(self.folder)
            paths = checkpoints.paths(self.folder / "checkpoints")
            self.assertEqual(checkpoints.images_seen(paths[-1]), 8)

    def test_where_no_best_is_known(self):
        roll_backs.begin(self.folder, FINDING, 0.5)
        self.assertEqual(roll_backs.read(self.folder)[-1]["to"], 0)
        self.save(4, 8)
        roll_backs.begin(self.folder, FINDING, 0.5)
        self.assertEqual(roll_backs.read(self.folder)[-1]["to"], 4)

    @pytest.mark.slow
    def test_a_best_state_that_was_ill_already(self):
        self.save(4)
        self.keep_best(8)
        self.save(8)
        roll_backs.begin(self.folder, FINDING, 0.5)
        self.assertEqual(roll_backs.read(self.folder)[-1]["to"], 4)
        names = {path.name for path in (self.folder / "checkpoints").iterdir()}
        self.assertEqual(len(names), 2)
        self.assertIsNone(best.read(self.folder))
        kept = {p.name for p in (self.folder / "rolled_back" / "1").iterdir()}
        self.assertEqual(kept, {"best.json", "best_generator.keras"})

    def test_a_run_without_roll_backs_is_as_it_was(self):
        seed = self.gan.seed
        rate = float(self.gan.generator_optimizer.learning_rate)
        self.assertIsNone(roll_backs.restore(self.gan, self.folder))
        self.assertEqual(self.gan.seed, seed)
        new_rate = float(self.gan.generator_optimizer.learning_rate)
        self.assertEqual(new_rate, rate)

    @pytest.mark.slow
    def test_a_falling_rate(self):
        adam = dataclasses.replace(small.small_config().optimizer, final_rate=0.1)
        roll_backs.begin(self.folder, FINDING, 0.5)
        before, after = (small.small_gan(optimizer=adam) for _ in range(2))
        roll_backs.restore(after, self.folder)
        for step in (0, 5, 6):
            rates = [
                float(gan.generator_optimizer._learning_rate(step))
                for gan in (before, after)
            ]
            self.assertAllClose(rates[1], rates[0] / 2, atol=0)
