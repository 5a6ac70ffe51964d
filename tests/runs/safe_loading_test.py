import json
import pathlib

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from inr_keras import runs
from inr_keras.runs import safe_loading
from inr_keras.runs.saved_generators import METADATA
from tests import testing

_X = tf.TensorSpec((None,), name="x")


class SafeLoadingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder() / "model"
        self.module = tf.Module()
        self.module.weight = tf.Variable(2.0)

    def save(self, function, other=None):
        """Writes a SavedModel with a signature, and another function beside it."""
        scale = tf.function(lambda x: {"y": self.module.weight * function(x)}, (_X,))
        if other:
            self.module.other = tf.function(other, (_X,))
        tf.saved_model.save(self.module, self.folder, {"serving_default": scale})

    def assertUntrusted(self, *kinds):
        with self.assertRaisesRegex(
            safe_loading.UntrustedError, "`path` must .* no files.*Received: "
        ) as caught:
            safe_loading.load(self.folder)
        listed = str(caught.exception).rpartition("with ")[2].split(", ")
        self.assertEqual(listed, sorted(kinds))

    def test_a_file_that_is_written(self):
        target = self.temporary_folder() / "written"

        def write(x):
            with tf.control_dependencies([tf.io.write_file(str(target), "text")]):
                return tf.identity(x)

        self.save(write)
        self.assertUntrusted("WriteFile")
        (self.folder / METADATA).parent.mkdir()
        facts = ("latent_dim", "style_dim", "style_layers", "channels", "resolution")
        facts = dict.fromkeys((*facts, "alignment", "coord_dim", "signatures"), 1)
        facts["class_names"] = []
        (self.folder / METADATA).write_text(json.dumps(facts))
        with self.assertRaises(safe_loading.UntrustedError):
            runs.load_generator(self.folder)
        self.assertFalse(target.exists())
        model = safe_loading.load(self.folder, trust_model=True)
        model.signatures["serving_default"](tf.constant([1.0]))
        self.assertTrue(target.exists())

    def test_functions_beside_the_signatures(self):
        def read(x):
            return x + tf.cast(
                tf.strings.length(tf.io.read_file("/etc/passwd")), x.dtype
            )

        self.save(tf.identity, read)
        self.assertUntrusted("ReadFile")

    def test_in_branches_and_python(self):
        self.save(
            lambda x: tf.cond(
                tf.reduce_sum(x) > 0,
                lambda: tf.numpy_function(lambda v: v, [x], tf.float32),
                lambda: x,
            )
        )
        self.assertUntrusted("PyFunc")

    def test_data_sets_and_tables(self):
        def lines(x):
            data = tf.data.TextLineDataset("/etc/passwd")
            return x * data.reduce(0.0, lambda n, _: n + 1.0)

        self.save(lines)
        with self.assertRaisesRegex(safe_loading.UntrustedError, "TextLineDataset"):
            safe_loading.check(self.folder)

    def test_prints(self):
        def printed(stream):
            def function(x):
                with tf.control_dependencies([tf.print(x, output_stream=stream)]):
                    return tf.identity(x)

            return function

        self.save(printed(f"file://{self.folder}/printed"))
        self.assertUntrusted("PrintV2")

    def test_what_touches_nothing(self):
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer([1], [2.0]), 0.0
        )
        self.module.table = table

        def function(x):
            with tf.control_dependencies([tf.print("seen")]):
                return tf.io.decode_png(tf.io.encode_png(tf.ones((1, 1, 1), tf.uint8)))[
                    0, 0, 0
                ] + tf.cast(table.lookup(tf.cast(x, tf.int32)), tf.uint8)

        self.save(lambda x: tf.cast(function(x), tf.float32))
        model = safe_loading.load(self.folder)
        outputs = model.signatures["serving_default"](tf.constant([1.0]))
        self.assertAllEqual(outputs["y"], [6.0])

    def test_v1_graphs(self):
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            x = tf.compat.v1.placeholder(tf.float32, [None])
            weight = tf.compat.v1.get_variable("weight", [])
            session.run(weight.initializer)
            tf.compat.v1.saved_model.simple_save(
                session, str(self.folder), {"x": x}, {"y": x * weight}
            )
        safe_loading.check(self.folder)

    def change(self, edit):
        path = pathlib.Path(self.folder, "saved_model.pb")
        model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
        edit(model.meta_graphs[0])
        path.write_bytes(model.SerializeToString())

    def test_saving_is_no_signature(self):
        self.save(tf.identity)

        def edit(graph):
            signature = graph.signature_def["save"]
            signature.inputs["path"].name = graph.saver_def.filename_tensor_name
            signature.outputs["path"].name = graph.saver_def.save_tensor_name

        self.change(edit)
        self.assertUntrusted("MergeV2Checkpoints", "SaveV2")

    def test_loading_saves_nothing(self):
        self.save(tf.identity)

        def edit(graph):
            saver = graph.saver_def
            saver.restore_op_name = saver.save_tensor_name.partition(":")[0]

        self.change(edit)
        # Nor is what restored for restoring alone any more.
        self.assertUntrusted("MergeV2Checkpoints", "RestoreV2", "SaveV2")
