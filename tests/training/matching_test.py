import dataclasses
import itertools
import signal

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import rendering
from inr_keras.config import Data
from inr_keras.config import Stage
from inr_keras.data import sources
from inr_keras.training import build
from inr_keras.training import callbacks
from inr_keras.training import checkpoints
from inr_keras.training import matching
from inr_keras.training import trainer
from inr_keras.training.patches.draws import layer_styles
from tests import testing
from tests.training import small

SIDE = 32
STAGE = Stage(2, 1.0)


def matched_config(**changes):
    loss = dataclasses.replace(small.small_config().loss, match_weight=2.0)
    return small.small_config(loss=loss, **changes)


def matched_gan(images, labels=None, mirrored=True, candidates=64, **changes):
    gan = build.build_gan(matched_config(**changes))
    gan.matches = matching.Matches(
        images, gan.generator.latent_dim, labels, mirrored, candidates=candidates
    )
    gan.set_stage(STAGE)
    return gan


class TakeTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.images = small.random_images(3)
        self.others = tf.constant(small.random_images(4, seed=1))

    def taken(self, gan, chosen):
        """Takes matches of two samples of four, of the images with these numbers."""
        count = gan.matches.count
        labels = tf.constant([0, 1, 0, 1]) if gan.generator.class_names else None
        draws = gan.draw(4, labels)
        uniforms = tf.constant([*chosen, 0, 0], "float32") / count + 0.5 / count
        draws = draws._replace(matches=uniforms)
        return draws, *gan.matches.take(self.others, draws)

    def test_images_with_their_latents_come_first(self):
        gan = matched_gan(self.images)
        latents = np.random.default_rng(0).normal(size=(6, 8)).astype("float32")
        gan.matches.latents.assign(latents)
        draws, images, taken = self.taken(gan, (1, 5))
        self.assertAllEqual(images[0], self.images[1])
        self.assertAllEqual(images[1], self.images[2][:, ::-1])
        self.assertAllEqual(images[2:], self.others[2:])
        self.assertAllEqual(taken.latents[0][:2], latents[[1, 5]])
        self.assertAllEqual(taken.latents[0][2:], draws.latents[0][2:])
        self.assertAllEqual(taken.matched, [2, 2, 0, 0])

    @pytest.mark.slow
    def test_each_image_is_taken_as_often(self):
        gan = matched_gan(self.images, mirrored=False)
        gan.matches.latents.assign(np.diag(np.arange(1.0, 9.0))[:3])
        counts = np.zeros(3)
        for step in range(300):
            _, taken = gan.matches.take(self.others, gan.draw(4, step=step))
            counts += np.count_nonzero(taken.latents[0][:2, :3] == [1, 2, 3], axis=0)
        self.assertAllClose(counts / 600, np.full(3, 1 / 3), 0, 0.06)

    def test_classes_and_styles_of_matches(self):
        data = Data(labels=True, groups=("faces", "people"))
        gan = matched_gan(self.images, (1, 0, 1), data=data, style_mixing=1.0)
        draws, _, taken = self.taken(gan, (2, 4))
        self.assertAllEqual(taken.labels, [1, 0, 0, 1])
        self.assertAllEqual(draws.labels, [0, 1, 0, 1])
        styles = layer_styles(gan.generator, taken)
        differ = np.any(np.ptp(styles, axis=1) > 0, axis=1)
        self.assertAllEqual(differ, [False, False, True, True])

    def test_the_mean_style_is_that_of_random_latents(self):
        gan = matched_gan(self.images)
        gan.matches.latents.assign(np.full((6, 8), 9.0))
        mapping = gan.generator.mapping
        before = np.array(mapping.mean_style)
        draws = gan.draw(4)
        gan.train_step(self.others)
        moved = np.array(mapping.mean_style) - before
        expected = np.mean(mapping(draws.latents[0]), axis=0) - before
        ratio = np.linalg.norm(moved) / np.linalg.norm(expected)
        self.assertAllClose(moved, expected * ratio, 1e-4, 1e-6)

    def test_a_loss_without_matches_and_matches_without_a_loss(self):
        rule = "`matches` must be set where `loss.match_weight` is, and nowhere else"
        gan = build.build_gan(matched_config())
        with self.assertRaisesRegex(ValueError, f"{rule}. Received: matches=None"):
            gan.fit(small.repeated(self.others), steps_per_epoch=1, verbose=0)
        gan = small.small_gan()
        gan.matches = matching.Matches(self.images, 8)
        with self.assertRaisesRegex(ValueError, f"{rule}.*match_weight=0.0"):
            gan.fit(small.repeated(self.others), steps_per_epoch=1, verbose=0)

    def test_bad_images(self):
        for images, rule in (
            (self.images.astype("float32"), "a uint8 array .*Received: float32"),
            (self.images[0], r"a uint8 array .*\(32, 32, 3\)"),
            (self.images[:0], "1 to 4096, .*Received: 0"),
        ):
            with self.assertRaisesRegex(ValueError, f"`images` must be {rule}"):
                matching.Matches(images, 8)


class SearchTest(testing.TestCase):
    @pytest.mark.slow
    def test_the_sum_of_the_distances_is_least(self):
        """The slow reference: whole images reduced, and all assignments compared."""
        images = small.random_images(2)
        gan = matched_gan(images, mirrored=False, candidates=14)
        pool = np.random.default_rng((0, 0)).normal(size=(14, 8)).astype("float32")
        pool = np.concatenate([pool, gan.matches.latents])
        gan.matches.search(gan)
        side, stride = gan.patch_size, SIDE // gan.patch_size
        coords = gan.frame.points(np.zeros((16, 2), "int32"), side, stride)
        fakes = gan.generator.synthesis(gan.generator.mapping(pool), coords)
        levels = images.reshape(2, side, stride, side, stride, 3).mean((2, 4))
        reals = (levels / 127.5 - 1).reshape(2, 1, side**2, 3)
        distances = np.mean((np.clip(fakes, -1, 1) - reals) ** 2, axis=(2, 3))
        sums = {
            (a, b): distances[0, a] + distances[1, b]
            for a, b in itertools.permutations(range(16), 2)
        }
        best = min(sums, key=sums.get)
        self.assertAllEqual(gan.matches.latents, pool[list(best)])

    @pytest.mark.slow
    def test_each_image_has_a_latent_of_its_own(self):
        images = np.repeat(small.random_images(1), 5, axis=0)
        gan = matched_gan(images, candidates=2)
        gan.matches.search(gan)
        self.assertEqual(len(np.unique(gan.matches.latents, axis=0)), 10)

    @pytest.mark.slow
    def test_a_match_stays_until_a_better_one_is_found(self):
        gan = matched_gan(small.random_images(1), mirrored=False, candidates=16)
        latent = small.values([tf.random.stateless_normal((1, 8), (3, 3))])[0]
        styles = gan.generator.mapping(latent)
        image = rendering.Renderer(gan.generator).render(styles)
        pixels = rendering.to_uint8(image)
        gan.matches = matching.Matches(pixels, 8, mirrored=False, candidates=16)
        gan.matches.search(gan)
        self.assertTrue(np.any(np.array(gan.matches.latents) != latent))
        gan.matches.latents.assign(latent)
        gan.matches.search(gan)
        self.assertAllEqual(gan.matches.latents, latent)

    @pytest.mark.slow
    def test_a_class_is_matched_with_its_own_fakes(self):
        data = Data(labels=True, groups=("faces", "people"))
        gan = matched_gan(small.random_images(4), (0, 1, 0, 0), data=data)
        labels = []
        render = gan.matches._fakes

        def recorded(latents, label):
            labels.append((int(label), len(latents)))
            return render(latents, label)

        gan.matches._fakes = recorded
        gan.matches.search(gan)
        gan.matches.search(gan)
        self.assertEqual(labels, [(0, 48 + 6), (1, 16 + 2)] * 2)


class TermTest(testing.TestCase):
    @pytest.mark.slow
    def test_the_loss_is_the_mean_distance_of_the_matched(self):
        gan = matched_gan(small.random_images(3))
        images, draws = gan.matches.take(small.random_images(4), gan.draw(4))
        [patches] = gan.stage_losses.patches(images, draws)
        terms, loss = gan.stage_losses.generator_loss([patches], draws, 0)
        real, fake = (np.array(p)[:2] for p in patches.colors)
        self.assertAllClose(terms["match"], np.mean(np.abs(fake - real)), 1e-6)
        self.assertAllClose(loss, terms["g_loss"] + 2.0 * terms["match"], 1e-6)

    @pytest.mark.slow
    def test_micro_batches_have_the_same_mean(self):
        means = []
        for accumulate in (1, 2):
            gan = matched_gan(small.random_images(3), accumulate=accumulate)
            logs = gan.train_step(tf.constant(small.random_images(4)))
            means.append(float(logs["match"]))
        self.assertAllClose(*means, 1e-5)

    def test_without_matches_there_is_no_distance(self):
        gan = build.build_gan(matched_config())
        gan.set_stage(STAGE)
        draws = gan.draw(4)
        patches = gan.stage_losses.patches(small.random_images(), draws)
        terms, _ = gan.stage_losses.generator_loss(patches, draws, 0)
        self.assertEqual(terms["match"], 0.0)


class RunTest(testing.TestCase):
    def config(self, **changes):
        folder = self.temporary_folder()
        for number, image in enumerate(small.random_images(5)):
            rendering.save_image(folder / f"{number}.png", image)
        config = matched_config(stages=small.STAGES[:1], **changes)
        config.data.source, config.data.groups = str(folder), ()
        config.loss.match_candidates, config.loss.match_kimg = 8, 0.004
        return config

    @pytest.mark.slow
    def test_an_interrupted_run_ends_with_the_same_matches(self):
        config = self.config(checkpoint_kimg=0.004, deterministic=True)
        ends = []
        for stop in (0, 1):
            workdir = self.temporary_folder() / "run"
            original = callbacks.StopOnNaN.on_train_batch_end

            def interrupt(self, batch, logs=None):
                original(self, batch, logs)
                if self.model.count("step") == stop:
                    signal.raise_signal(signal.SIGINT)

            callbacks.StopOnNaN.on_train_batch_end = interrupt
            try:
                if stop:
                    with self.assertRaises(KeyboardInterrupt):
                        trainer.train(config, workdir)
                trainer.train(config, workdir)
            finally:
                callbacks.StopOnNaN.on_train_batch_end = original
            gan = build.build_gan(config)
            source = sources.open_source(config.data, config.resolution)
            gan.matches = matching.matches_of(config, source)
            checkpoints.restore(gan, workdir / "checkpoints")
            ends.append((np.array(gan.matches.latents), int(gan.matches.searches)))
        self.assertEqual(ends[0][1], 3)
        self.assertEqual(ends[1][1], 3)
        self.assertAllEqual(ends[0][0], ends[1][0])

    def test_too_many_images(self):
        config = self.config()
        config.data.cache_mib = 0
        source = sources.open_source(config.data, config.resolution)
        rule = "`config.loss.match_weight` must be 0 where .*: 2.0 with 10 images"
        with self.assertRaisesRegex(ValueError, rule):
            matching.check(config, source)
