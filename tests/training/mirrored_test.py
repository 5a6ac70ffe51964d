"""Two replicas train as one device does, through a change of stage."""

import dataclasses

import keras
import numpy as np
import pytest

from inr_keras import config as config_lib
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training import strategies
from inr_keras.training.stages import StageCallback
from tests import testing
from tests.training import small


class History(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(dict(logs))
        for metric in self.model.metrics:
            metric.reset_state()


@pytest.mark.slow
class MirroredStrategyTest(testing.TestCase):
    def train(self, strategy, steps=100, begin=None, **changes):
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
            gan = build.build_gan(config)
            if begin:
                gan.load_weights(begin)
        history = History()
        gan.fit(
            small.repeated(small.random_images()),
            steps_per_epoch=steps,
            verbose=0,
            shuffle=False,
            callbacks=[history, StageCallback(config.stages)],
        )
        return gan, history.losses

    def test_two_replicas_equal_one_device(self):
        one, one_losses = self.train("none")
        two, two_losses = self.train("mirrored")
        self.assertEqual(len(one_losses), 6)
        self.assertEqual(
            [sorted(step) for step in one_losses],
            [sorted(step) for step in two_losses],
        )
        for name in ("d_loss", "g_loss", "patch", "r1"):
            self.assertAllClose(
                np.array([step.get(name, 0.0) for step in two_losses]),
                np.array([step.get(name, 0.0) for step in one_losses]),
                rtol=1e-4,
                atol=1e-4,
            )
        self.assertEqual(two.count("images_seen"), one.count("images_seen"))
        for name in ("generator", "ema_generator", "frozen_generator"):
            for a, b in zip(getattr(one, name).weights, getattr(two, name).weights):
                self.assertAllClose(np.array(b), np.array(a), 1e-3, 1e-3)
        self.check_another_number_of_replicas(one_losses)

    def test_the_options_of_the_slides(self):
        changes = {
            "stages": (Stage(1, 0.008, random_stride=True, dense_weight=0.5),),
            "loss.adversarial": "wgan",
            "loss.r1_weight": 0.0,
            "loss.dense_discriminator": "second",
            "optimizer.mapping_rate": 0.5,
            "data.density": "center",
        }
        one, one_losses = self.train("none", **changes)
        two, two_losses = self.train("mirrored", **changes)
        self.assertEqual(len(one_losses), 2)
        for name in ("d_loss", "g_loss", "gp", "dense_d_loss", "dense_g_loss"):
            self.assertAllClose(
                np.array([step[name] for step in two_losses]),
                np.array([step[name] for step in one_losses]),
                rtol=1e-4,
                atol=1e-4,
            )
        for name in ("generator", "dense_discriminator"):
            for a, b in zip(getattr(one, name).weights, getattr(two, name).weights):
                self.assertAllClose(np.array(b), np.array(a), 1e-3, 1e-3)

    def check_another_number_of_replicas(self, whole):
        path = self.temporary_folder() / "three.weights.h5"
        begun, losses = self.train("none", steps=3)
        begun.save_weights(path)
        two, rest = self.train("mirrored", begin=path)
        self.assertEqual(two.count("images_seen"), 24)
        losses += rest
        self.assertEqual(len(losses), 6)
        for name in ("d_loss", "g_loss", "patch", "r1"):
            self.assertAllClose(
                np.array([step.get(name, 0.0) for step in losses]),
                np.array([step.get(name, 0.0) for step in whole]),
                rtol=1e-4,
                atol=1e-4,
            )
