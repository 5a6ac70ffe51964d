import json
import pathlib
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import export
from inr_keras import locks
from inr_keras.export import model_metadata
from inr_keras.export import self_test
from inr_keras.export import signatures
from tests import testing
from tests.rendering.generators import small_generator


class ExportTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _load_once(self, request, exported):
        request.cls.generator = exported.generator
        request.cls.version = exported.version
        request.cls.model = tf.saved_model.load(str(exported.version))

    @pytest.mark.slow
    def test_folder(self):
        folder = self.version.parent
        self.assertEqual(self.version, folder / "1")
        self.assertEqual(list(folder.iterdir()), [self.version])
        for name in (
            "saved_model.pb",
            "README.md",
            "samples.png",
            "batching_params.pbtxt",
            "assets.extra/tf_serving_warmup_requests",
        ):
            self.assertTrue((self.version / name).is_file(), name)
        text = (self.version / "assets.extra/inr_keras.json").read_text()
        self.assertEqual(
            json.loads(text),
            model_metadata.describe(self.generator, "small", "By me. Licence: CC0"),
        )
        told = self.model.signatures["metadata"](keys=tf.constant(["*"]))
        self.assertEqual(json.loads(told["json"].numpy()[0]), json.loads(text))

    def test_signatures_have_names(self):
        functions = signatures.build(self.generator, {})
        self.assertEqual(set(self.model.signatures), set(functions))
        for name, function in functions.items():
            signature = self.model.signatures[name]
            positional, named = signature.structured_input_signature
            self.assertEqual(positional, ())
            specs = {spec.name: spec for spec in function.input_signature}
            self.assertEqual(named, specs)
            outputs = set(signature.structured_outputs)
            self.assertEqual(len(outputs), 1)
            self.assertTrue(
                outputs <= {"images", "image_bytes", "styles", "rgb", "json"}
            )

    @pytest.mark.slow
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


class VersionsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder() / "models" / "small"
        self.generator = small_generator(blocks=1)

    def export(self, test=False):
        """Quickly: what is saved is tested above."""

        with mock.patch.object(tf.saved_model, "save"):
            return export.export(self.generator, self.folder, test=test)

    @pytest.mark.slow
    def test_increase_whatever_else_lies_there(self):
        version = self.export()
        self.assertEqual(version, self.folder / "1")
        before = {
            path: path.read_bytes() for path in version.rglob("*") if path.is_file()
        }
        self.assertEqual(self.export().name, "2")
        for name in ("9", "10", "x11", ".12", "-13"):
            (self.folder / name).mkdir()
        self.assertEqual(self.export().name, "11")
        for path, content in before.items():
            self.assertEqual(path.read_bytes(), content)

    @pytest.mark.slow
    def test_nothing_is_left_of_a_failure(self):
        self.folder.mkdir(parents=True)
        (self.folder / "1").mkdir()
        (self.folder / ".writing").mkdir()  # Of a process that was killed.
        (self.folder / ".writing" / "old").write_text("old")
        failures = {
            KeyboardInterrupt(): KeyboardInterrupt,
            OSError(28, "No space left on device"): OSError,
            tf.errors.ResourceExhaustedError(None, None, "File too large"): (OSError),
        }
        for raised, expected in failures.items():

            def fail(module, path, functions):
                pathlib.Path(path, "saved_model.pb").write_bytes(b"half")
                raise raised

            with mock.patch.object(tf.saved_model, "save", fail):
                with self.assertRaises(expected) as context:
                    export.export(self.generator, self.folder)
            self.assertEqual([p.name for p in self.folder.iterdir()], ["1"])
            if expected is OSError:
                self.assertRegex(
                    str(context.exception),
                    "`folder` cannot be written: (File too large|No space).*small",
                )

    @pytest.mark.slow
    def test_a_model_that_fails_its_test_is_not_published(self):
        error = export.SelfTestError("it draws something else")
        with mock.patch.object(self_test, "run", side_effect=error) as run:
            with self.assertRaisesRegex(export.SelfTestError, "else"):
                self.export(test=True)
        run.assert_called_once()
        self.assertFalse(self.folder.exists())

    def test_one_export_at_a_time(self):
        with locks.locked(self.folder):
            with self.assertRaisesRegex(ValueError, "`folder` must be .* in use by"):
                self.export()

    def test_a_file_in_its_place(self):
        self.folder.parent.mkdir(parents=True)
        self.folder.write_text("mine")
        with self.assertRaisesRegex(
            ValueError, "`folder` must be a folder. Received: '.*small'"
        ):
            export.export(self.generator, self.folder)
        self.assertEqual(self.folder.read_text(), "mine")
