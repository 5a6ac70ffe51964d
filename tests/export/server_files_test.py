import re

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from inr_keras.export import plain_tensorflow
from inr_keras.export import server_files
from inr_keras.export import signatures
from tests import testing
from tests.rendering.generators import small_generator


class ServerFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.generator = small_generator()
        server_files.write(self.folder, self.generator, "small")

    def test_warm_up_has_each_signature_in_each_size(self):
        path = self.folder / "assets.extra/tf_serving_warmup_requests"
        sizes = {}
        for content in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            record = prediction_log_pb2.PredictionLog.FromString(content)
            self.assertEqual(record.WhichOneof("log_type"), "predict_log")
            request = record.predict_log.request
            self.assertEqual(request.model_spec.name, "small")
            inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
            # Of one dimension at least, or servers that batch refuse to load.
            counts = {len(value) for value in inputs.values()}
            self.assertEqual(len(counts), 1)
            size = inputs["height"][0] if "height" in inputs else counts.pop()
            name = request.model_spec.signature_name
            sizes.setdefault(name, []).append(size)
        self.assertEqual(set(sizes), set(signatures.names(self.generator)))
        for name, found in sizes.items():
            is_region = name.startswith("render_")
            self.assertEqual(found, [64, 256] if is_region else [1, 2, 4, 8])

    def test_large_images_stay_single(self):
        large = small_generator(resolution=256)
        server_files.write(self.folder, large, "small")
        requests = plain_tensorflow.read_warmup(self.folder / server_files.WARMUP)
        self.assertEqual(
            [len(r["seeds"]) for name, r in requests if name == "generate"], [1]
        )

    def test_batching(self):
        text = (self.folder / "batching_params.pbtxt").read_text()
        sizes = re.findall(r"^allowed_batch_sizes: (\d+)$", text, re.M)
        self.assertEqual(sizes, ["1", "2", "4", "8"])
        self.assertIn("max_batch_size { value: 8 }\n", text)
        for name in ("batch_timeout_micros", "max_enqueued_batches"):
            self.assertRegex(text, rf"(?m)^{name} {{ value: \d+ }}$")
