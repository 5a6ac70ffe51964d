import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np
import pytest

from inr_keras import export
from inr_keras.export import onnx_files
from inr_keras.quiet_imports import UnfitEnvironment
from tests import testing
from tests.serving.kinds import KINDS


class Fail(Exception):
    """Error like those of onnxruntime, which have no other base."""


class RefusalTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = KINDS["cips"]()
        self.folder = self.temporary_folder() / "onnx"

    def test_without_the_packages(self):
        with (
            mock.patch.dict(sys.modules, {"tf2onnx": None}),
            self.assertRaisesRegex(UnfitEnvironment, "pip install tf2onnx.*: onnx.$"),
        ):
            export.export_onnx(self.generator, self.folder)
        self.assertFalse(self.folder.exists())

    def test_folders_that_hold_something(self):
        self.folder.mkdir()
        (self.folder / "mine").write_text("x")
        with (
            mock.patch.object(onnx_files, "_packages"),
            self.assertRaisesRegex(ValueError, "`folder` must be new"),
        ):
            export.export_onnx(self.generator, self.folder)
        self.assertEqual((self.folder / "mine").read_text(), "x")

    def test_nothing_is_left_of_files_that_fail_their_test(self):
        def convert(path, *_):
            path.write_bytes(b"")

        error = export.SelfTestError("differ")
        with (
            mock.patch.object(onnx_files, "_packages"),
            mock.patch.object(onnx_files, "_convert", convert),
            mock.patch.object(onnx_files, "check", side_effect=error),
            self.assertRaisesRegex(export.SelfTestError, "differ"),
        ):
            export.export_onnx(self.generator, self.folder)
        self.assertEqual(list(self.folder.parent.iterdir()), [])

    def test_a_file_that_onnxruntime_refuses(self):
        runtime = mock.Mock()
        runtime.InferenceSession.side_effect = Fail("no such\noperation")
        path = pathlib.Path("map.onnx")
        with (
            mock.patch.object(onnx_files, "_packages", return_value=[None, runtime]),
            self.assertRaisesRegex(export.SelfTestError, "its test: no such operation"),
        ):
            onnx_files.check(path, self.generator)


@pytest.mark.slow
class OnnxTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("tf2onnx", "onnxruntime"):
            if importlib.util.find_spec(name) is None:
                raise unittest.SkipTest(f"{name} is not installed")
        cls.generator = KINDS["cips of classes"]()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name) / "small"
        export.export_onnx(cls.generator, cls.folder, "By me. Licence: CC0")

    def run_file(self, name, **inputs):
        import onnxruntime

        session = onnxruntime.InferenceSession(self.folder / f"{name}.onnx")
        metadata = session.get_modelmeta().custom_metadata_map
        self.assertEqual(metadata["attribution"], "By me. Licence: CC0")
        [output] = session.run(None, inputs)
        return output

    def test_answers_of_other_numbers_of_images_and_points(self):
        generator = self.generator
        rng = np.random.default_rng(1)
        latents = rng.normal(size=(2, generator.latent_dim)).astype("float32")
        truncation = np.array([0.7, 1.0], "float32")
        label = np.array([2, 0], "int32")
        by_latents = {"latents": latents, "truncation": truncation, "label": label}
        styles = self.run_file("map", **by_latents)
        expected = generator.mapping(latents, truncation[:, None], labels=label)
        for layer in range(generator.num_layers):
            self.assertAllClose(styles[:, layer], expected, atol=1e-5)
        for points in (1, 70):
            coords = rng.uniform(-2, 2, (1, points, 2)).astype("float32")
            rgb = self.run_file("synthesize", styles=styles, coords=coords)
            expected = generator.synthesis(styles, coords)
            self.assertAllClose(rgb, expected, atol=1 / 255)
        images = self.run_file("generate", **by_latents)
        self.assertEqual(images.dtype, np.uint8)
        self.assertEqual(images.shape, (2, 8, 8, 3))

    def test_folder(self):
        names = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(
            names, ["generate.onnx", "inr_keras.json", "map.onnx", "synthesize.onnx"]
        )
        metadata = json.loads((self.folder / "inr_keras.json").read_text())
        self.assertEqual(metadata["licence"], "CC0")

    def test_other_answers_are_told(self):
        bias = self.generator.to_rgb[0].bias
        before = bias.numpy()
        self.addCleanup(bias.assign, before)
        bias.assign(before + 3 / 127.5)
        for name in ("generate", "synthesize"):
            with self.assertRaisesRegex(export.SelfTestError, f"{name}.onnx: .*differ"):
                onnx_files.check(self.folder / f"{name}.onnx", self.generator)
