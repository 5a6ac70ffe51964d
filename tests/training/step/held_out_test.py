import dataclasses
import inspect
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.evaluation import extractors
from inr_keras.evaluation import moments
from inr_keras.metrics import FrechetDistance
from inr_keras.rendering import to_uint8
from inr_keras.training.step import held_out
from tests import testing
from tests.training import small


class FittedGANTest(testing.TestCase):
    def test_losses_of_held_out_images(self):
        self.run_eagerly()
        gan = small.small_gan()
        images = small.random_images(count=6)
        before = small.values(gan.weights)
        loss = gan.stage_losses.framed_losses[0].adversarial
        with mock.patch.object(loss, "logits", side_effect=loss.logits) as logits:
            scores = gan.evaluate(images, batch_size=2, verbose=0, return_dict=True)
        # Real and fake patches of three batches, from which both losses follow.
        self.assertEqual(logits.call_count, 6)
        self.assertEqual(set(scores), set(held_out.TERMS))
        # The same by hand: the means of three batches.
        values = []
        for number in range(3):
            draws = gan.draw(2, step=number)
            batch = tf.constant(images[2 * number : 2 * number + 2])
            [own] = gan.stage_losses.patches(batch, draws)
            real = gan.discriminator(own.pair.real)
            fake = gan.discriminator(own.pair.fake)
            loss = tf.math.softplus(fake) + tf.math.softplus(-real)
            g_loss = tf.math.softplus(-fake)
            values.append([tf.reduce_mean(v) for v in (loss, g_loss, real)])
        names = ("d_loss", "g_loss", "real_logits")
        self.assertAllClose([scores[n] for n in names], np.mean(values, axis=0))
        # Arguments by place are those of Keras: images, labels, batch size, verbosity.
        self.assertEqual(gan.evaluate(images, None, 2, 0), list(scores.values()))
        for a, b in zip(before, small.values(gan.weights)):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.slow
    def test_metrics_see_whole_images_of_the_averaged_generator(self):
        self.run_eagerly()
        gan = small.small_gan()
        gan.compile("adam", "adam", metrics=[FrechetDistance("pixels"), "mse"])
        images = small.random_images(count=40)
        scores = gan.evaluate(images, verbose=0, batch_size=20, return_dict=True)
        latents = [gan.draw(20, step=number).latents[0] for number in (0, 1)]
        fakes = to_uint8(gan(np.concatenate(latents)))
        pixels = extractors.open_extractor("pixels")
        sets = [moments.moments(pixels(each)["features"]) for each in (images, fakes)]
        expected = moments.frechet(*sets)
        self.assertAllClose(scores["frechet_distance"], expected, rtol=1e-3)
        error = np.square(images.astype("float32") - fakes).mean()
        self.assertAllClose(scores["mean_squared_error"], error, rtol=1e-3)

    @pytest.mark.slow
    def test_validation_in_fit(self):
        gan = small.small_gan()
        images = small.random_images(count=8)
        data = tf.data.Dataset.from_tensor_slices(images).batch(4)
        for arguments in (
            {"validation_data": images[:3]},
            {"validation_data": (images,)},
            {"validation_data": data},
            {"validation_split": 0.25},
        ):
            history = gan.fit(images[:6], batch_size=3, verbose=0, **arguments)
            for name in ("d_loss", "val_d_loss", "val_d_accuracy"):
                self.assertFinite(history.history[name])
        # Means of training are left alone.
        count = float(gan.trackers["d_loss"].count)
        gan.evaluate(images, verbose=0)
        self.assertEqual(float(gan.trackers["d_loss"].count), count)

    def test_arguments_lie_as_those_of_keras(self):
        for name in ("fit", "evaluate"):
            of_keras, own = (
                inspect.signature(getattr(kind, name)).parameters.items()
                for kind in (keras.Model, held_out.FittedGAN)
            )
            *own, (kwargs, _) = [(n, p.default) for n, p in own]
            self.assertEqual(kwargs, "kwargs")
            self.assertEqual(own, [(n, p.default) for n, p in of_keras][: len(own)])

    def test_weights_are_refused(self):
        gan, images, weights = small.small_gan(), small.random_images(), np.ones(4)
        for call in (
            lambda: gan.fit(images, sample_weight=weights),
            lambda: gan.evaluate(images, sample_weight=weights),
            lambda: gan.fit(images, validation_data=(images, None, weights)),
        ):
            with self.assertRaisesRegex(ValueError, "`sample_weight` must be None"):
                call()
        with self.assertRaisesRegex(ValueError, "`class_weight` must be None"):
            gan.fit(images, class_weight={0: 2.0})
        with self.assertRaisesRegex(ValueError, "leave labels and weights out"):
            gan.train_on_batch(images, sample_weight=weights)

    def test_matches_do_not_go_with_fresh_latents(self):
        loss = dataclasses.replace(small.small_config().loss, match_weight=1.0)
        gan = small.small_gan(loss=loss)
        gan.matches, gan.fresh_latents = object(), True
        with self.assertRaisesRegex(ValueError, "`matches` must not.*fresh_latents=T"):
            gan.fit(small.random_images(), verbose=0)

    def test_errors(self):
        gan = small.small_gan()
        data = small.repeated(small.random_images())
        with self.assertRaisesRegex(ValueError, "`validation_split` must be of an arr"):
            gan.fit(data, validation_split=0.5)
        with self.assertRaisesRegex(ValueError, "`validation_split` must leave"):
            gan.fit(small.random_images(count=1), validation_split=0.5)
        keeping = small.small_gan()
        keeping.keeps_aspect = True
        with self.assertRaisesRegex(ValueError, "`metrics` must be empty"):
            keeping.compile("adam", "adam", metrics=["mse"])
