"""SavedModels that answer at once, of all types that a server meets."""

import pathlib

import tensorflow as tf

SPIN = 500_000  # Steps of `spin` that take about a second.


class Toy(tf.Module):
    """Signatures of known answers.

    Args:
        factor: float. What `serving_default` multiplies with.
    """

    def __init__(self, factor):
        super().__init__()
        self.factor = tf.Variable(factor)

    @tf.function(input_signature=[tf.TensorSpec((None,), name="x")])
    def scale(self, x):
        return {"y": x * self.factor}

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, 2), name="x"),
            tf.TensorSpec((None,), tf.int32, name="label"),
        ]
    )
    def paint(self, x, label):
        tf.debugging.assert_less(label, 10, "label must be below 10.")
        colour = tf.cast(label[:, None, None, None], tf.uint8)
        images = tf.tile(colour, (1, 2, 2, 3))
        return {"images": images, "total": tf.reduce_sum(x, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.int32, "label")])
    def image(self, label):
        colour = tf.cast(label[:, None, None, None], tf.uint8)
        return {"images": tf.tile(colour, (1, 2, 2, 3))}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, "text")])
    def encode(self, text):
        return {"image_bytes": text + b"\xff\x00", "text": text}

    @tf.function(
        input_signature=[
            tf.TensorSpec((), tf.int32, name="height"),
            tf.TensorSpec((), tf.int32, name="width"),
        ]
    )
    def area(self, height, width):
        tf.debugging.assert_positive(height, "height must be positive.")
        return {"area_bytes": tf.strings.as_string(height * width) + b"\x00"}

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.bool, name="flag"),
            tf.TensorSpec((None,), tf.int64, name="seed"),
            tf.TensorSpec((None, 1), tf.uint8, name="small"),
            tf.TensorSpec((None,), tf.float64, name="wide"),
        ]
    )
    def types(self, flag, seed, small, wide):
        return {"flag": flag, "seed": seed, "small": small, "wide": wide}

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32, name="steps")])
    def spin(self, steps):
        [last] = tf.while_loop(lambda i: i < steps, lambda i: (i + 1,), [0])
        return {"steps": last}


def write(folder, factor=2.0):
    """Writes a toy at `folder`, such as `models/toy/1`; whole or not there."""
    folder = pathlib.Path(folder)
    toy = Toy(factor)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(".writing")
    tf.saved_model.save(
        toy,
        str(temporary),
        signatures={
            "serving_default": toy.scale,
            "paint": toy.paint,
            "image": toy.image,
            "encode": toy.encode,
            "area": toy.area,
            "types": toy.types,
            "spin": toy.spin,
        },
    )
    temporary.rename(folder)
    return folder
