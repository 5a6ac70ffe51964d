import keras
import numpy as np
import tensorflow as tf

from inr_keras.data import picture_batches
from tests import testing


def pictures(count=5, height=12, width=8, channels=3):
    shape = (count, height, width, channels)
    return np.random.default_rng(0).integers(0, 256, shape).astype("uint8")


class PictureBatchesTest(testing.TestCase):
    def arrays(self, *args, **kwargs):
        return list(picture_batches(*args, **kwargs).as_numpy_iterator())

    def test_central_squares_by_means_of_areas(self):
        images = pictures()
        squares = images[:, 2:10].astype("float64")
        expected = squares.reshape(5, 4, 2, 4, 2, 3).mean((2, 4))
        [first, second] = self.arrays(images, 4, 2)
        self.assertEqual(first.dtype, np.uint8)
        self.assertAllClose(np.concatenate([first, second]), expected[:4], atol=0.51)
        [same] = self.arrays(images[:, :8], 8, 5)
        np.testing.assert_array_equal(same, images[:, :8])

    def test_ranges_and_forms(self):
        images = pictures(4, 8, 8)
        slices = tf.data.Dataset.from_tensor_slices
        unit = images / np.float32(255.0)
        labels = np.arange(4)
        for data, value_range in (
            (slices(images), (0, 255)),
            (slices(images).batch(3), (0, 255)),
            (slices(images.astype("float32")), (0, 255)),
            (slices(images.astype("int64")), (0, 255)),
            (slices(unit), (0, 1)),
            (slices(unit * 2.0 - 1.0), (-1, 1)),
            (slices((images, labels)), (0, 255)),
            (slices({"image": images, "label": labels}), (0, 255)),
        ):
            [found] = self.arrays(data, 8, 4, value_range)
            np.testing.assert_array_equal(found, images)

    def test_labels(self):
        images, labels = pictures(4, 8, 8), np.array([2, 0, 1, 2])
        for given in (labels, keras.utils.to_categorical(labels)):
            [(found, classes)] = self.arrays((images, given), 8, 4, labels=True)
            np.testing.assert_array_equal(found, images)
            np.testing.assert_array_equal(classes, labels)
        binary = np.array([[1.0], [0.0], [0.0], [1.0]], "float32")
        [(_, classes)] = self.arrays((images, binary), 8, 4, labels=True)
        np.testing.assert_array_equal(classes, [1, 0, 0, 1])

    def test_a_folder_as_keras_reads_it(self):
        folder = self.temporary_folder()
        for number, image in enumerate(pictures(6, 8, 8)):
            path = folder / ("cat", "dog")[number % 2] / f"{number}.png"
            path.parent.mkdir(exist_ok=True)
            keras.utils.save_img(path, image, scale=False)
        data = keras.utils.image_dataset_from_directory(
            folder, image_size=(20, 16), batch_size=4, verbose=False
        )
        [(images, classes)] = self.arrays(data, 8, 6, labels=True)
        self.assertEqual(images.shape, (6, 8, 8, 3))
        self.assertEqual(sorted(classes), [0, 0, 0, 1, 1, 1])
        self.assertEqual(picture_batches(data, 8, 2).element_spec.shape, (2, 8, 8, 3))

    def test_grey(self):
        grey = pictures(2, 8, 8, 1)
        [found] = self.arrays(grey, 8, 2)
        np.testing.assert_array_equal(found, np.repeat(grey, 3, -1))
        [found] = self.arrays(grey, 8, 2, channels=1)
        np.testing.assert_array_equal(found, grey)

    def test_errors(self):
        images = pictures(4, 8, 8)
        for data, options, rule in (
            ("photos", {}, "`data` must be an array or a dataset, .*'photos'"),
            (np.zeros(4), {}, "`data` must be of images .*TensorSpec"),
            ({"picture": images}, {}, "`data` must be of images .*picture"),
            (images, {"labels": True}, "`data` must be of labelled images"),
            (images / 255.0, {}, r"`value_range` must.*\(0, 255\) for values from 0"),
            (images - 9.0, {}, r"`value_range` must be.*from -9 to 246"),
            (images, {"channels": 4}, "`channels` must be those.*3. Received: 4"),
            (images, {"value_range": 1}, "`value_range` must be the values.*: 1"),
            (images, {"value_range": (1, 0)}, "`value_range` must be the values"),
            ([images[0], images[0, 1:]], {}, "images have one size.*list"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                picture_batches(data, 8, 4, **options)
        with self.assertRaisesRegex(ValueError, "`resolution`.*=0"):
            picture_batches(images, 0, 4)
        for data in (images, tf.data.Dataset.from_tensor_slices(images)):
            with self.assertRaisesRegex(ValueError, "number of images, 4. Received: 5"):
                picture_batches(data, 8, 5)
