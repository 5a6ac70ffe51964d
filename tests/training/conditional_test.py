"""Training with classes: both networks get the labels, however a batch is split."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from inr_keras import rendering
from inr_keras.config import Evaluation
from inr_keras.config import Stage
from inr_keras.runs import config_file
from inr_keras.training import build
from inr_keras.training import checkpoints
from inr_keras.training import trainer
from inr_keras.training.patches.draws import layer_styles
from tests import testing
from tests.training import small

GROUPS = ("faces", "people", "animals")
LABELS = np.array([2, 0, 1, 2], "int32")


def labelled_config(**changes):
    config = small.small_config(**changes)
    config.data = dataclasses.replace(config.data, labels=True, groups=GROUPS)
    return config


def labelled_gan(**changes):
    return build.build_gan(labelled_config(**changes))


class ConditionalTest(testing.TestCase):
    def test_networks_know_the_classes(self):
        gan = labelled_gan()
        self.assertEqual(gan.generator.class_names, GROUPS)
        self.assertEqual(gan.frozen_generator.class_names, GROUPS)
        self.assertEqual(gan.discriminator.classes, 3)

    @pytest.mark.slow
    def test_a_second_discriminator_gets_the_labels(self):
        stage = Stage(4, 0.016, dense_weight=0.5)
        config = labelled_config()
        config.stages = (stage,)
        config.loss = dataclasses.replace(config.loss, dense_discriminator="second")
        gan = build.build_gan(config)
        gan.set_stage(stage)
        heard = []
        original = gan.dense_discriminator.call

        def call(images, labels=None):
            heard.append(np.array(labels))
            return original(images, labels=labels)

        gan.dense_discriminator.call = call
        images = tf.constant(small.random_images())
        gan.train_step((images, tf.constant(LABELS)))
        self.assertGreater(len(heard), 2)
        for labels in heard:
            self.assert_labels(labels)

    def assert_labels(self, labels):
        """Checks the labels of a batch, or of real and fake patches side by side."""
        sides = len(labels) // len(LABELS)
        np.testing.assert_array_equal(labels, np.repeat(LABELS, sides))

    @pytest.mark.slow
    def test_a_step_gives_both_networks_the_labels(self):
        gan = labelled_gan(style_mixing=0.5)
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        heard = {}

        def listen(name, layer):
            original = layer.call

            def call(*args, labels=None, **kwargs):
                heard.setdefault(name, []).append(np.array(labels))
                return original(*args, labels=labels, **kwargs)

            layer.call = call

        listen("generator", gan.generator.mapping)
        listen("frozen generator", gan.frozen_generator.mapping)
        listen("discriminator", gan.discriminator)
        images = tf.constant(small.random_images())
        logs = gan.train_step((images, tf.constant(LABELS)))
        self.assertIn("patch", logs)
        self.assertEqual(len(heard), 3)
        for name, all_labels in heard.items():
            for labels in all_labels:
                self.assert_labels(labels)
        # The embedding and the projection learn.
        before = small.values(labelled_gan().discriminator.projection.weights)
        after = small.values(gan.discriminator.projection.weights)
        self.assertTrue(np.any(before[0] != after[0]))

    def test_an_image_changes_with_its_label(self):
        gan = labelled_gan()
        latents = tf.constant(rendering.latents_from_seeds([0, 0], 8))
        draws = gan.draw(2)._replace(latents=(latents,))
        styles = [
            layer_styles(gan.generator, draws._replace(labels=labels))
            for labels in (tf.constant([0, 1]), tf.constant([1, 1]))
        ]
        self.assertAllEqual(styles[0][1], styles[1][1])
        difference = np.abs(styles[0][0] - styles[1][0])
        self.assertGreater(difference.max(), 1e-3)
        images = testing.to_numpy(gan(latents, labels=np.array([0, 1])))
        self.assertEqual(images.shape, (2, 32, 32, 3))
        self.assertGreater(np.abs(images[0] - images[1]).max(), 1e-4)

    def test_images_without_labels_are_refused(self):
        with self.assertRaisesRegex(ValueError, "pairs of images and labels"):
            labelled_gan().train_step(tf.constant(small.random_images()))

    @pytest.mark.slow
    def test_without_labels_nothing_changes(self):
        plain, labelled = small.small_gan(), labelled_gan()
        self.assertEqual(plain.generator.class_names, ())
        self.assertIsNone(plain.draw(4).labels)
        for part, name, count in (
            ("generator", "mapping/embedding", 2),
            ("discriminator", "discriminator/projection", 1),
        ):
            names = {w.path for w in getattr(plain, part).weights}
            weights = {w.path for w in getattr(labelled, part).weights}
            self.assertLess(names, weights)
            more = weights - names
            self.assertEqual(len(more), count)
            self.assertTrue(all(name in path for path in more), more)

    @pytest.mark.slow
    def test_micro_batches_equal_the_whole_batch(self):
        weights = []
        for accumulate in (1, 2):
            config = labelled_config(accumulate=accumulate)
            config.generator.embedding_channels = 0
            config.discriminator.stddev_group = 1
            config.optimizer = dataclasses.replace(config.optimizer, epsilon=1e-2)
            gan = build.build_gan(config)
            images = tf.constant(small.random_images())
            gan.train_step((images, tf.constant(LABELS)))
            networks = (gan.generator, gan.discriminator)
            weights.append([w for n in networks for w in n.get_weights()])
        for a, b in zip(*weights, strict=True):
            self.assertAllClose(b, a)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
class RunTest(testing.TestCase):
    """Of images of several shapes too, which come beside the labels."""

    def config(self):
        config = small.small_config(
            checkpoint_kimg=0.008,
            sample_count=4,
            stages=small.STAGES[:2],
            evaluation=Evaluation(images=6),
        )
        config.deterministic = True
        config.data = dataclasses.replace(
            config.data,
            source=str(self.folder / "in"),
            labels=True,
            groups=(),
            aspect="keep",
        )
        return config

    def test_a_run_from_sub_folders_goes_on_exactly(self):
        self.folder = self.temporary_folder()
        for i, image in enumerate(small.random_images(6, 40)):
            folder = self.folder / "in" / "abc"[i % 3]
            folder.mkdir(parents=True, exist_ok=True)
            image = image[: (40, 8, 30)[i % 3], : (20, 40)[i % 2]]
            Image.fromarray(image).save(folder / f"{i}.png")
        config = self.config()
        trainer.train(config, self.folder / "whole")
        self.assertTrue((self.folder / "whole" / "best.json").exists())
        path = self.folder / "whole" / "samples" / "final_32.png"
        sheet = np.array(Image.open(path))
        self.assertGreater(np.mean(np.all(sheet == 255, axis=-1)), 0.1)
        saved = config_file.load_config(self.folder / "whole")
        self.assertEqual(saved.data.classes, ("a", "b", "c"))
        part = self.folder / "part"
        (part / "checkpoints").mkdir(parents=True)
        first = self.folder / "whole/checkpoints/images_0000000008.weights.h5"
        for path in first.parent.glob(first.name + "*"):
            (part / "checkpoints" / path.name).write_bytes(path.read_bytes())
        trainer.train(config, part)
        gans = []
        for workdir in ("whole", "part"):
            gan = build.build_gan(config)
            checkpoints.restore(gan, self.folder / workdir / "checkpoints")
            self.assertEqual(gan.count("images_seen"), 16)
            gans.append(gan)
        for a, b in zip(gans[0].weights, gans[1].weights, strict=True):
            self.assertAllEqual(a, b)

        with self.subTest("another set of classes is another run"):
            folder = self.folder / "in" / "d"
            folder.mkdir()
            Image.fromarray(small.random_images(1, 40)[0]).save(folder / "9.png")
            with self.assertRaisesRegex(ValueError, "config.data.classes"):
                trainer.train(config, self.folder / "whole")
