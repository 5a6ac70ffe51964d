"""Generators with classes, as SavedModels."""

import json

import numpy as np
import tensorflow as tf

from inr_keras import rendering
from inr_keras import serving
from inr_keras.serving.export import METADATA
from tests import testing
from tests.rendering.generators import small_generator

LABELS = np.array([2, 0, 1], "int32")


class ConditionalExportTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = small_generator(class_names=("faces", "people", "b"))
        self.latents = rendering.latents_from_seeds(range(3), 6)

    def test_export_and_load(self):
        version = serving.export(self.generator, self.temporary_folder() / "m")
        metadata = json.loads((version / METADATA).read_text())
        self.assertEqual(metadata["class_names"], ["faces", "people", "b"])
        model = tf.saved_model.load(str(version))
        for name in ("serving_default", "map"):
            _, inputs = model.signatures[name].structured_input_signature
            self.assertEqual(set(inputs), {"latents", "label"})
            self.assertEqual(inputs["label"].dtype, tf.int32)
            self.assertEqual(inputs["label"].shape.as_list(), [None])
        latents, label = tf.constant(self.latents), tf.constant(LABELS)
        images = model.signatures["serving_default"](
            latents=latents, label=label
        )["images"]
        renderer = rendering.Renderer(self.generator)
        styles = renderer.styles(self.latents, labels=LABELS)
        expected = rendering.to_uint8(renderer.render(styles)).astype(int)
        difference = np.abs(images.numpy().astype(int) - expected)
        self.assertLessEqual(difference.max(), 1)

        loaded = serving.load_generator(version)
        self.assertEqual(loaded.class_names, ("faces", "people", "b"))
        again = rendering.Renderer(loaded)
        for truncation in (1.0, 0.5):
            self.assertAllClose(
                again.styles(self.latents, truncation, LABELS),
                renderer.styles(self.latents, truncation, LABELS),
            )
        # Without labels, the classes come in turn.
        self.assertAllClose(
            again.styles(self.latents),
            renderer.styles(self.latents, labels=[0, 1, 2]),
        )

    def test_keras_file(self):
        path = self.temporary_folder() / "generator.keras"
        self.generator.save(path)
        loaded = serving.load_generator(path)
        self.assertEqual(loaded.class_names, ("faces", "people", "b"))
        self.assertAllEqual(
            loaded.mapping(self.latents, labels=LABELS),
            self.generator.mapping(self.latents, labels=LABELS),
        )
