import concurrent.futures
import gc
import pathlib
import shutil
import weakref

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import client
from inr_keras import rendering
from inr_keras.export import example_requests
from inr_keras.export import server_files
from inr_keras.serving import servable as servables
from inr_keras.serving.status_codes import ServingError
from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ServableTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _load_once(self, request, tmp_path_factory):
        request.cls.folder = toy_models.write(tmp_path_factory.mktemp("toy") / "1")
        request.cls.servable = servables.Servable("toy", 1, self.folder)

    def test_signatures(self):
        signatures = self.servable.signatures
        self.assertEqual(
            {name for name, s in signatures.items() if s.batchable},
            {"serving_default", "paint", "image", "encode", "types"},
        )
        self.assertEqual(
            set(signatures) - {"area", "spin"},
            {"serving_default", "paint", "image", "encode", "types"},
        )
        paint = self.servable.signature("paint")
        self.assertEqual(list(paint.inputs), ["label", "x"])
        self.assertEqual(paint.inputs["x"].shape, (None, 2))
        self.assertEqual(paint.outputs["images"].dtype, tf.uint8)
        self.assertEqual(self.servable.signature("").name, "serving_default")
        with self.assertRaisesRegex(ServingError, '"nothing" not found'):
            self.servable.signature("nothing")
        with self.assertRaisesRegex(ServingError, "not found"):
            self.servable.signature("__saved_model_init_op")

    def test_folders_that_tensorflow_takes_for_patterns(self):
        folder = self.temporary_folder() / "toy[1]*" / "1"
        shutil.copytree(self.folder, folder)
        servable = servables.Servable("toy", 1, folder)
        self.assertEqual(set(servable.signatures), set(self.servable.signatures))

    def test_run(self):
        outputs = self.servable.run(
            "paint",
            {
                "x": np.array([[1, 2], [3, 4]], "float32"),
                "label": np.array([5, 6], "int32"),
            },
        )
        self.assertAllEqual(outputs["total"], [3, 7])
        self.assertAllEqual(outputs["images"][1], np.full((2, 2, 3), 6))
        # Bytes keep the zero at their end, of a scalar too.
        text = np.array([b"a"], object)
        outputs = self.servable.run("encode", {"text": text})
        self.assertEqual(outputs["image_bytes"].tolist(), [b"a\xff\x00"])
        sides = {"height": np.int32(3), "width": np.int32(4)}
        outputs = self.servable.run("area", sides)
        self.assertEqual(outputs["area_bytes"].item(), b"12\x00")

    def test_what_the_graph_refuses(self):
        with self.assertRaises(ServingError) as caught:
            self.servable.run("area", {"height": np.int32(0), "width": np.int32(4)})
        self.assertEqual(caught.exception.code, "INVALID_ARGUMENT")
        message = caught.exception.message
        self.assertTrue(message.startswith("height must be positive"), message)
        self.assertNotIn("\n", message)
        self.assertNotIn("{{", message)

    def test_points(self):
        label = {"label": np.zeros(3, "int32")}
        for name, inputs, points in (
            ("image", label, 3 * 4),
            ("encode", {"text": np.zeros(3, object)}, 3 * 4),
            ("serving_default", {"x": np.zeros(3)}, 0),
            ("area", {"height": np.int32(9), "width": np.int32(9)}, 0),
            ("area", {"coords": np.zeros((2, 7, 2))}, 14),
        ):
            signature = self.servable.signature(name)
            self.assertEqual(self.servable.points(signature, inputs), points)

    def write_warmup(self, signature, *requests):
        requests = [(signature, inputs) for inputs in requests]
        server_files.write_warmup(self.folder, "toy", requests)

    def test_warm_up(self):
        self.write_warmup("area", {})
        with self.assertRaises(KeyError):
            servables.Servable("toy", 1, self.folder)
        negative = {"height": np.int32(-1), "width": np.int32(1)}
        self.write_warmup("area", negative)
        with self.assertRaisesRegex(ServingError, "height must be positive"):
            servables.Servable("toy", 1, self.folder)
        path = self.folder / server_files.WARMUP
        with tf.io.TFRecordWriter(str(path)) as file:
            file.write(b"")
        with self.assertRaisesRegex(ValueError, "predict_log"):
            servables.Servable("toy", 1, self.folder)
        requests = [{"x": np.ones(n, "float32")} for n in (1, 4)]
        self.write_warmup("", *requests)
        servable = servables.Servable("toy", 1, self.folder)
        # What a request takes is known before the first one comes.
        self.assertGreater(servable.paces.seconds(servable.signature(""), 1), 0)
        servable.retire()

    def test_users(self):
        servable = servables.Servable("toy", 1, self.folder)
        graph = weakref.ref(servable._session.graph)
        self.assertTrue(servable.acquire())
        servable.retire()
        self.assertFalse(servable.unloaded)
        # Still there for whom has it, and for what that hands on.
        servable.run("serving_default", {"x": np.ones(1, "float32")})
        self.assertTrue(servable.acquire())
        servable.release()
        servable.release()
        self.assertTrue(servable.unloaded)
        self.assertFalse(servable.acquire())
        gc.collect()
        self.assertIsNone(graph())  # Its memory is free.


class RegionsTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _cold(self, request, exported, tmp_path_factory):
        request.cls.generator = exported.generator
        request.cls.folder = tmp_path_factory.mktemp("models")
        shutil.copytree(
            exported.version,
            request.cls.folder / "small" / "1",
            ignore=shutil.ignore_patterns(pathlib.Path(server_files.WARMUP).name),
        )

    def region(self, i, side=4):
        return {
            "seed": np.int64(i % 2),
            "truncation": np.float32(1),
            "box": np.array([i / 10 - 1, -1, 1, 1], "float32"),
            "height": np.int32(side),
            "width": np.int32(side),
        }

    def test_what_is_a_row_of_many(self):
        servable = servables.Servable("small", 1, self.folder / "small" / "1")
        self.addCleanup(servable.retire)
        single = servable.signature("render_region")
        many = servable.joinable(single, self.region(0))
        self.assertEqual((many.name, many.batchable), ("render_region_batch", True))
        rows = {name: np.stack([v, v]) for name, v in self.region(0).items()}
        self.assertIsNone(servable.joinable(single, rows))
        self.assertIsNone(servable.joinable(many, rows))
        self.assertIsNone(servable.joinable(servable.signature("styles"), {}))

    @pytest.mark.slow
    def test_tiles_that_wait_together_are_one_call(self):
        served = Served(self.folder, max_batch_size=20, batch_timeout=20.0)
        self.addCleanup(served.close)
        small = client.Client("small", f"http://127.0.0.1:{served.port}")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            files = list(
                pool.map(
                    lambda i: small.predict("render_region", **self.region(i)),
                    range(20),
                )
            )
        page = served.ask("GET", "/monitoring/prometheus/metrics")[2].decode()
        calls = [x for x in page.splitlines() if "run_seconds_count" in x]
        [call] = [x for x in calls if "render_" in x]
        self.assertRegex(call, r'signature="render_region_batch"\} 1.0')
        for i in (0, 7, 19):
            inputs = {k: v[None] for k, v in self.region(i).items()}
            renderer = rendering.Renderer(self.generator)
            expected = example_requests.outputs(renderer, "render_region", inputs, {})
            image = tf.io.decode_png(files[i]).numpy().astype(int)
            difference = np.abs(image - expected["image_bytes/0"])
            self.assertLessEqual(difference.max(), 1)
