"""Generators with classes, as SavedModels."""

import numpy as np

from inr_keras import rendering
from inr_keras import serving
from tests import testing
from tests.rendering.generators import small_generator

LABELS = np.array([2, 0, 1], "int32")


class ConditionalExportTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = small_generator(class_names=("faces", "people", "b"))
        self.latents = rendering.latents_from_seeds(range(3), 6)

    def test_export_and_load(self):
        version = serving.export(
            self.generator, self.temporary_folder() / "m", test=False
        )
        renderer = rendering.Renderer(self.generator)
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
