"""Generators with classes, as SavedModels."""

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from inr_keras.export import example_requests
from inr_keras.export import plain_tensorflow
from inr_keras.serving import servable
from tests import testing
from tests.serving.kinds import KINDS

LABELS = np.array([2, 0, 1], "int32")


class ConditionalExportTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = KINDS["inr_gan of classes"]()
        self.latents = rendering.latents_from_seeds(range(3), 6)

    @pytest.mark.slow
    def test_export_and_load(self):
        version = export.export(
            self.generator, self.temporary_folder() / "m", test=False
        )
        renderer = rendering.Renderer(self.generator)
        loaded = runs.load_generator(version)
        self.assertEqual(loaded.class_names, ("a", "b", "c"))
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
        # An error of a missing label says which there are.
        served = servable.Servable("m", 1, version)
        hints = {"label": " (0 a, 1 b, 2 c)", "seeds": "", "truncation": ""}
        self.assertEqual(served.input_names["generate"], hints)
        # Lattices in a graph; of the other kinds, see signatures_test.py.
        for name in ("generate", "render_styles"):
            request = example_requests.inputs(self.generator, name, 2)
            found = loaded._model.signatures[name](
                **{key: tf.constant(value) for key, value in request.items()}
            )
            plain_tensorflow.compare(
                name,
                {key: value.numpy() for key, value in found.items()},
                example_requests.outputs(renderer, name, request, {}),
            )

    def test_keras_file(self):
        path = self.temporary_folder() / "generator.keras"
        self.generator.save(path)
        loaded = runs.load_generator(path)
        self.assertEqual(loaded.class_names, ("a", "b", "c"))
        self.assertAllEqual(
            loaded.mapping(self.latents, labels=LABELS),
            self.generator.mapping(self.latents, labels=LABELS),
        )
