import os
from unittest import mock

import numpy as np
import pytest

from inr_keras.training import checkpoints
from tests import testing
from tests.training import small


def state(gan):
    return small.values(
        [
            *gan.weights,
            *gan.generator_optimizer.variables,
            *gan.discriminator_optimizer.variables,
        ]
    )


class CheckpointsTest(testing.TestCase):
    def trained(self, steps=1, seed=0):
        gan = small.small_gan(seed=seed)
        for i in range(steps):
            gan.train_step(small.random_images(seed=i))
        return gan

    def assertSameState(self, a, b):
        for x, y in zip(state(a), state(b), strict=True):
            np.testing.assert_array_equal(x, y)

    @pytest.mark.slow
    def test_round_trip_of_all_state(self):
        gan = self.trained(2)
        gan.stage_number.assign(2)
        folder = self.temporary_folder()
        path = checkpoints.save(gan, folder, keep=2)
        self.assertEqual(path.name, "images_0000000008.weights.h5")
        other = small.small_gan(seed=5)
        self.assertEqual(checkpoints.restore(other, folder), path)
        self.assertSameState(gan, other)
        self.assertEqual(int(other.generator_optimizer.iterations), 2)
        # And both go on alike.
        for model in (gan, other):
            model.seed = 0
            model.train_step(small.random_images(seed=9))
        self.assertSameState(gan, other)

    def test_keeps_the_last(self):
        gan = small.small_gan()
        folder = self.temporary_folder()
        for seen in (4, 8, 12):
            gan.images_seen.assign(seen)
            checkpoints.save(gan, folder, keep=2)
        names = sorted(p.name for p in folder.iterdir())
        self.assertEqual(
            names,
            [
                "images_0000000008.weights.h5",
                "images_0000000008.weights.h5.sha256",
                "images_0000000012.weights.h5",
                "images_0000000012.weights.h5.sha256",
            ],
        )

    @pytest.mark.slow
    def test_a_damaged_one_yields_to_the_one_before(self):
        def cut(path):
            path.write_bytes(path.read_bytes()[:-1000])

        def flip(path):
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)

        for damage in (cut, flip):
            with self.subTest(damage.__name__):
                self.damaged(damage)

    def damaged(self, damage):
        gan = self.trained(1)
        folder = self.temporary_folder()
        first = checkpoints.save(gan, folder, keep=3)
        kept = state(gan)
        gan.train_step(small.random_images(seed=3))
        second = checkpoints.save(gan, folder, keep=3)
        damage(second)
        other = small.small_gan(seed=7)
        with self.assertLogs("absl", "WARNING") as logs:
            self.assertEqual(checkpoints.restore(other, folder), first)
        self.assertIn(second.name, logs.output[0])
        for x, y in zip(kept, state(other), strict=True):
            np.testing.assert_array_equal(x, y)

    @pytest.mark.slow
    def test_one_without_its_checksum(self):
        gan = self.trained(1)
        folder = self.temporary_folder()
        path = checkpoints.save(gan, folder, keep=3)
        checkpoints.sum_path(path).unlink()
        self.assertTrue(checkpoints.is_whole(path))
        other = small.small_gan(seed=7)
        with self.assertLogs("absl", "WARNING") as logs:
            self.assertEqual(checkpoints.restore(other, folder), path)
        self.assertIn("has no checksum: it is read unverified", logs.output[0])
        self.assertSameState(gan, other)

    @pytest.mark.slow
    def test_a_kill_while_one_is_replaced(self):
        gan = self.trained(1)
        folder = self.temporary_folder()
        path = checkpoints.save(gan, folder, keep=1)
        gan.step.assign_add(1)  # Another state of the same name.
        replace = os.replace

        def kill(source, target):
            if str(target).endswith(".h5"):
                raise KeyboardInterrupt
            replace(source, target)

        with mock.patch("inr_keras.files.os.replace", kill):
            with self.assertRaises(KeyboardInterrupt):
                checkpoints.save(gan, folder, keep=1)
        self.assertEqual(checkpoints.restore(small.small_gan(), folder), path)

    def test_none_readable(self):
        folder = self.temporary_folder() / "checkpoints"
        folder.mkdir()
        (folder / "images_0000000004.weights.h5").write_bytes(b"")
        gan = small.small_gan()
        rule = (
            r"^No checkpoint.*put a copy of one there, or remove them to begin again\. "
        )
        with self.assertRaisesRegex(ValueError, rule):
            checkpoints.restore(gan, folder)
        (folder.parent / "generator.keras").write_text("")
        with self.assertRaisesRegex(ValueError, "/generator.keras can still be used"):
            checkpoints.restore(gan, folder)
        with mock.patch.object(checkpoints, "load", side_effect=OSError()):
            with self.assertLogs("absl", "WARNING") as logs:
                with self.assertRaisesRegex(ValueError, "No checkpoint"):
                    checkpoints.restore(gan, folder)
        self.assertIn("cannot be read (OSError)", logs.output[0])

    def test_none_there(self):
        gan = small.small_gan()
        folder = self.temporary_folder()
        self.assertIsNone(checkpoints.restore(gan, folder / "nothing"))
        (folder / ".writing_1_images_0000000004.weights.h5").write_bytes(b"x")
        self.assertIsNone(checkpoints.restore(gan, folder))
