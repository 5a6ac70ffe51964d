import json
import os
import pathlib
import subprocess
import sys
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras import serving
from tests import testing
from tests.rendering.generators import small_generator

SESSION = pathlib.Path(__file__).with_name("session.py")
SIGNATURES = {
    "serving_default": (
        {"latents": ("float32", [None, 6])},
        {"images": ("uint8", [None, 8, 8, 3])},
    ),
    "map": (
        {"latents": ("float32", [None, 6])},
        {"styles": ("float32", [None, 5])},
    ),
    "synthesize": (
        {
            "styles": ("float32", [None, 5]),
            "coords": ("float32", [None, None, 2]),
        },
        {"rgb": ("float32", [None, None, 3])},
    ),
}


def specs(tensors):
    return {
        name: (tensor.dtype.name, tensor.shape.as_list())
        for name, tensor in tensors.items()
    }


class ExportTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _export_once(self, request, tmp_path_factory):
        request.cls.folder = tmp_path_factory.mktemp("models") / "small"
        request.cls.generator = small_generator(alignment="center")
        request.cls.version = serving.export(
            request.cls.generator, request.cls.folder
        )
        request.cls.model = tf.saved_model.load(str(request.cls.version))

    def setUp(self):
        super().setUp()
        self.latents = rendering.latents_from_seeds(range(3), 6)

    def test_folder(self):
        self.assertEqual(self.version, self.folder / "1")
        self.assertEqual(list(self.folder.iterdir()), [self.version])
        metadata = (self.version / "assets.extra/inr_keras.json").read_text()
        self.assertEqual(
            json.loads(metadata),
            {
                "latent_dim": 6,
                "style_dim": 5,
                "channels": 3,
                "resolution": 8,
                "alignment": "center",
            },
        )

    def test_signatures(self):
        self.assertEqual(set(self.model.signatures), set(SIGNATURES))
        for name, (inputs, outputs) in SIGNATURES.items():
            signature = self.model.signatures[name]
            arguments = signature.structured_input_signature
            self.assertEqual(arguments[0], (), name)
            self.assertEqual(specs(arguments[1]), inputs, name)
            self.assertEqual(specs(signature.structured_outputs), outputs, name)

    def test_one_copy_of_the_weights(self):
        shapes = tf.train.load_checkpoint(
            str(self.version / "variables" / "variables")
        ).get_variable_to_shape_map()
        shapes.pop("_CHECKPOINTABLE_OBJECT_GRAPH")
        self.assertEqual(
            sum(np.prod(shape) for shape in shapes.values()),
            self.generator.count_params(),
        )
        proto = (self.version / "saved_model.pb").read_bytes()
        for variable in self.generator.variables:
            value = variable.numpy()
            if value.size > 16:  # Folded into a graph it would be a second.
                self.assertNotIn(value.tobytes(), proto, variable.path)

    def test_runs_on_plain_tensorflow(self):
        saved = saved_model_pb2.SavedModel.FromString(
            (self.version / "saved_model.pb").read_bytes()
        )
        [graph] = saved.meta_graphs
        self.assertEqual(list(graph.meta_info_def.tags), ["serve"])
        functions = graph.graph_def.library.function
        nodes = [n for f in functions for n in f.node_def]
        self.assertGreater(len(nodes), 50)
        for node in [*graph.graph_def.node, *nodes]:
            self.assertNotIn("Xla", node.op)
            self.assertNotIn("PyFunc", node.op)
        for function in functions:
            self.assertFalse(function.attr["_XlaMustCompile"].b)

    @pytest.mark.slow
    def test_a_process_without_this_package_gets_the_same_pixels(self):
        folder = self.temporary_folder()
        rng = np.random.default_rng(0)
        arrays = {
            "latents": self.latents,
            "styles": rng.normal(size=(2, 5)).astype("float32"),
            "coords": rng.uniform(-2, 2, (2, 11, 2)).astype("float32"),
        }
        np.savez(folder / "inputs.npz", **arrays)
        process = subprocess.run(
            [
                sys.executable,
                str(SESSION),
                str(self.version),
                str(folder / "inputs.npz"),
                str(folder / "outputs.npz"),
            ],
            cwd=folder,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(process.returncode, 0, process.stderr)
        with np.load(folder / "outputs.npz") as outputs:
            outputs = dict(outputs)

        grid = tf.reshape(coordinates.grid(8, 8, 1, "center"), (1, 64, 2))
        images = self.generator(self.latents, grid).numpy()
        images = rendering.to_uint8(images.reshape(3, 8, 8, 3))
        self.assertEqual(outputs["images"].dtype, np.uint8)
        difference = outputs["images"].astype(int) - images
        self.assertLessEqual(np.abs(difference).max(), 1)
        self.assertGreater(images.std(), 10)
        self.assertAllClose(
            outputs["map/styles"], self.generator.mapping(self.latents)
        )
        self.assertAllClose(
            outputs["rgb"],
            self.generator.synthesis(arrays["styles"], arrays["coords"]),
        )

    def test_any_number_of_pictures_and_points(self):
        signature = self.model.signatures["serving_default"]
        all_images = signature(latents=tf.constant(self.latents))["images"]
        for i in range(3):
            one = signature(latents=tf.constant(self.latents[i : i + 1]))
            difference = one["images"][0].numpy().astype(int) - all_images[i]
            self.assertLessEqual(np.abs(difference).max(), 1)
        synthesize = self.model.signatures["synthesize"]
        styles = tf.ones((2, 5))
        for batch, points in ((1, 1), (2, 5), (1, 9)):
            rgb = synthesize(styles=styles, coords=tf.zeros((batch, points, 2)))
            self.assertEqual(rgb["rgb"].shape, (2, points, 3))


class VersionsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder() / "models" / "small"
        self.generator = small_generator(blocks=1)

    @pytest.mark.slow
    def test_increase_whatever_else_lies_there(self):
        version = serving.export(self.generator, str(self.folder))
        self.assertEqual(version, self.folder / "1")
        before = {
            path: path.read_bytes()
            for path in version.rglob("*")
            if path.is_file()
        }
        self.assertEqual(serving.export(self.generator, self.folder).name, "2")
        for name in ("9", "10", "x11", ".12", "-13"):
            (self.folder / name).mkdir()
        self.assertEqual(serving.export(self.generator, self.folder).name, "11")
        for path, content in before.items():
            self.assertEqual(path.read_bytes(), content)

    def test_nothing_is_left_of_a_failure(self):
        self.folder.mkdir(parents=True)
        (self.folder / "1").mkdir()
        (self.folder / ".writing").mkdir()  # Of a process that was killed.
        (self.folder / ".writing" / "old").write_text("old")
        failures = {
            KeyboardInterrupt(): KeyboardInterrupt,
            OSError(28, "No space left on device"): OSError,
            tf.errors.ResourceExhaustedError(None, None, "File too large"): (
                OSError
            ),
        }
        archive = type(keras.export.ExportArchive())
        for raised, expected in failures.items():

            def fail(self, path, **kwargs):
                os.makedirs(path)
                pathlib.Path(path, "saved_model.pb").write_bytes(b"half")
                raise raised

            with mock.patch.object(archive, "write_out", fail):
                with self.assertRaises(expected) as context:
                    serving.export(self.generator, self.folder)
            self.assertEqual([p.name for p in self.folder.iterdir()], ["1"])
            if isinstance(raised, tf.errors.OpError):
                self.assertIn("--out cannot", str(context.exception))
                self.assertIn("File too large", str(context.exception))

    def test_a_file_in_its_place(self):
        self.folder.parent.mkdir(parents=True)
        self.folder.write_text("mine")
        with self.assertRaisesRegex(
            ValueError, "--out must be a folder. Received: '.*small'"
        ):
            serving.export(self.generator, self.folder)
        self.assertEqual(self.folder.read_text(), "mine")
