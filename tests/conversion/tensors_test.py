import keras
import numpy as np

from inr_keras.conversion import tensors
from tests import testing


class TensorsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.kernel = keras.Variable(np.zeros((3, 2), "float32"))
        self.bias = keras.Variable(np.zeros((2,), "float32"))

    def test_layouts(self):
        kernel = np.arange(6.0).reshape(3, 2)
        for make, array in (
            (tensors.dense, kernel.T),
            (tensors.convolution, kernel.T[:, :, None, None]),
            (tensors.modulated, kernel.T[None, :, :, None, None]),
        ):
            slot = make(self.kernel)
            self.assertEqual(slot.shape, array.shape)
            tensors.fill({"w": slot}, {"w": array})
            self.assertAllEqual(self.kernel, kernel)
            self.kernel.assign(kernel * 0)
        slot = tensors.vector(self.bias, (1, 2, 1, 1))
        tensors.fill({"b": slot}, {"b": np.array([5.0, 6.0])[None, :, None, None]})
        self.assertAllEqual(self.bias, [5.0, 6.0])

    def test_every_wrong_shape_is_named_and_nothing_is_assigned(self):
        slots = {
            "w": tensors.dense(self.kernel),
            "b": tensors.vector(self.bias),
            "c": tensors.vector(self.bias),
        }
        arrays = {"w": np.ones((3, 2)), "b": np.ones(2), "c": np.ones(())}
        with self.assertRaisesRegex(
            ValueError, r"w \(3, 2\) instead of \(2, 3\), c \(\) instead of"
        ):
            tensors.fill(slots, arrays)
        self.assertAllEqual(self.bias, [0.0, 0.0])

    def test_every_missing_and_extra_name_is_named(self):
        arrays = dict.fromkeys(("a", "x", "y"))
        with self.assertRaisesRegex(
            ValueError, "3 tensors; missing: b, c; not of it: x, y$"
        ):
            tensors.check_names(arrays, ["a", "b", "c"], "cips")
        tensors.check_names(arrays, ["x", "y", "a"], "cips")
        expected = [str(i) for i in range(30)]
        with self.assertRaisesRegex(ValueError, r" 19 \.\.\. and 10 more"):
            tensors.check_names({}, expected, "cips")

    def test_the_other_kind(self):
        for kind, name, other in (
            ("cips", "mapping.fc0.weight", "inr_gan"),
            ("inr_gan", "lff.ffm.conv.bias", "cips"),
        ):
            with self.assertRaisesRegex(ValueError, f"not those of kind {other}. Rec"):
                tensors.check_names({name: None}, ["a"], kind)

    def test_names_of_data_parallel(self):
        one = np.ones(1)
        found = tensors.to_arrays({"module.a": one, "module.b.module.c": one})
        self.assertEqual(list(found), ["a", "b.module.c"])
        found = tensors.to_arrays({"module.a": one, "b": one})
        self.assertEqual(list(found), ["module.a", "b"])

    def test_sizes_and_counts(self):
        arrays = {"a": np.ones((2, 5)), "l.0.w": None, "l.11.w": None}
        self.assertEqual(tensors.size(arrays, "a", 1, 2), 5)
        with self.assertRaisesRegex(ValueError, r"4 axes.*a \(2, 5\)"):
            tensors.size(arrays, "a", 1, 4)
        self.assertEqual(tensors.count(arrays, "l."), 12)
        self.assertEqual(tensors.count(arrays, "none."), 0)
