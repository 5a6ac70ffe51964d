"""Two replicas train as one device does, through a change of stage."""

import dataclasses

import keras
import numpy as np
import pytest

from inr_keras import config as config_lib
from inr_keras.config import Stage
from inr_keras.metrics import FrechetDistance
from inr_keras.training import build
from inr_keras.training import matching
from inr_keras.training import strategies
from inr_keras.training.stages import StageCallback
from tests import testing
from tests.training import small


class History(keras.callbacks.Callback):
    """Keeps the losses of all steps, and saves the weights after some.

    Args:
        saved: Dict. Paths by numbers of steps.
    """

    def __init__(self, saved=None):
        super().__init__()
        self.losses = []
        self.saved = saved or {}

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(dict(logs))
        for metric in self.model.metrics:
            metric.reset_state()
        if len(self.losses) in self.saved:
            self.model.save_weights(self.saved[len(self.losses)])


@pytest.mark.slow
class MirroredStrategyTest(testing.TestCase):
    def build(self, strategy, **changes):
        """A GAN and its config."""
        config = small.small_config(
            strategy=strategy, style_mixing=0.5, augment=("color",)
        )
        config = config_lib.changed(config, changes)
        # A deviation across the batch would see half of it on each replica.
        discriminator = dataclasses.replace(config.discriminator, stddev_group=1)
        config.discriminator = discriminator
        # Adam's first steps are signs of gradients: with its usual epsilon a
        # rounding error in a gradient near zero moves a weight fully.
        config.optimizer = dataclasses.replace(config.optimizer, epsilon=1e-2)
        config.validate()
        with strategies.make(config).scope():
            return build.build_gan(config), config

    def train(self, strategy, initial=None, compiled=False, saved=None, **changes):
        """A trained GAN and the losses of its steps; see `History`."""
        self.run_eagerly(not compiled)
        gan, config = self.build(strategy, **changes)
        if initial:
            gan.load_weights(initial)
        history = History(saved)
        gan.fit(
            small.repeated(small.random_images()),
            steps_per_epoch=100,
            verbose=0,
            shuffle=False,
            callbacks=[history, StageCallback(config.stages)],
        )
        return gan, history.losses

    def assertSameLosses(self, actual, expected, names):
        self.assertEqual([sorted(step) for step in actual], [*map(sorted, expected)])
        for name in names:
            self.assertAllClose(
                np.array([step.get(name, 0.0) for step in actual]),
                np.array([step.get(name, 0.0) for step in expected]),
                rtol=1e-4,
                atol=1e-4,
            )

    def assertSameWeights(self, actual, expected, names):
        for name in names:
            a, b = getattr(actual, name).weights, getattr(expected, name).weights
            for one, other in zip(a, b, strict=True):
                self.assertAllClose(np.array(one), np.array(other), 1e-3, 1e-3)

    def test_two_replicas_equal_one_device(self):
        names = ("d_loss", "g_loss", "patch", "r1")
        networks = ("generator", "ema_generator", "frozen_generator")
        folder = self.temporary_folder()
        saved = {steps: folder / f"{steps}.weights.h5" for steps in (3, 4)}
        one, losses = self.train("none", saved=saved)
        self.assertEqual(len(losses), 6)
        with self.subTest("compiled, up to the end of the second stage"):
            two, two_losses = self.train(
                "mirrored", compiled=True, stages=small.STAGES[:2]
            )
            self.assertEqual(two.count("images_seen"), 16)
            self.assertSameLosses(two_losses, losses[:4], names)
            four, _ = self.build("none")
            four.load_weights(saved[4])
            self.assertSameWeights(two, four, networks)
        with self.subTest("two replicas go on from what one device has saved"):
            two, rest = self.train("mirrored", initial=saved[3])
            self.assertEqual(two.count("images_seen"), one.count("images_seen"))
            self.assertSameLosses(rest, losses[3:], names)
            self.assertSameWeights(two, one, networks)

    def test_matched_images(self):
        """All are matched: else the first of each replica's part would be."""
        ends = []
        for strategy in ("none", "mirrored"):
            self.run_eagerly()
            gan, _ = self.build(strategy, **{"loss.match_weight": 10.0})
            history = History()
            with gan.distribute_strategy.scope():
                gan.matches = matching.Matches(
                    small.random_images(3), 8, share=1.0, candidates=16
                )
            gan.fit(
                small.repeated(small.random_images()),
                steps_per_epoch=3,
                verbose=0,
                callbacks=[history, matching.MatchSearch(kimg=0.004)],
            )
            latents = np.array(gan.matches.latents)
            self.assertEqual(int(np.array(gan.matches.searches)), 4)
            ends.append((history.losses, latents, gan))
        (losses, latents, one), (two_losses, two_latents, two) = ends
        self.assertSameLosses(two_losses, losses, ("match", "d_loss", "g_loss"))
        self.assertSameWeights(two, one, ("generator",))
        self.assertAllEqual(two_latents, latents)

    def test_held_out_images(self):
        self.run_eagerly()
        images = small.random_images(count=8)
        found = []
        for strategy in ("none", "mirrored"):
            gan, _ = self.build(strategy)
            with gan.distribute_strategy.scope():
                gan.compile("adam", "adam", metrics=[FrechetDistance("pixels"), "mse"])
            options = {"batch_size": 4, "verbose": 0}
            scores = gan.evaluate(images, return_dict=True, **options)
            history = gan.fit(images[:4], validation_data=images, **options).history
            later = [history[f"val_{name}"][-1] for name in scores]
            found.append([*scores.values(), *later])
        self.assertIn("frechet_distance", scores)
        self.assertGreater(scores["mean_squared_error"], 0.0)
        self.assertAllClose(*found, rtol=1e-5, atol=1e-5)

    def test_batches_that_replicas_cannot_share(self):
        gan, _ = self.build("mirrored")
        images = small.random_images(count=6)
        with self.assertRaisesRegex(ValueError, "n is a multiple of the 2 replicas"):
            gan.fit(small.repeated(images[:3]), steps_per_epoch=1, verbose=0)

    def test_the_options_of_the_slides(self):
        changes = {
            "stages": (Stage(1, 0.008, random_stride=True, dense_weight=0.5),),
            "loss.adversarial": "wgan",
            "loss.r1_weight": 0.0,
            "loss.dense_discriminator": "second",
            "optimizer.mapping_rate": 0.5,
            "data.density": "center",
        }
        one, losses = self.train("none", **changes)
        two, two_losses = self.train("mirrored", **changes)
        self.assertEqual(len(losses), 2)
        names = ("d_loss", "g_loss", "gp", "dense_d_loss", "dense_g_loss")
        self.assertLess(set(names), set(losses[0]))
        self.assertSameLosses(two_losses, losses, names)
        self.assertSameWeights(two, one, ("generator", "dense_discriminator"))
