"""Detector of eyes and mouths, trained on OpenMoji's faces with exact positions."""

import dataclasses

import keras
import numpy as np
import scipy.ndimage
import tensorflow as tf

from inr_keras.data.openmoji import face_keypoints
from inr_keras.data.openmoji import svg_images

NAMES = face_keypoints.NAMES
_MIRRORED = [1, 0, 2, 4, 3]  # Mirrored keypoint of each keypoint.
_HELD_OUT = 5  # One face in this many.
_SHIFT = 0.15  # Largest shift, in units of the frame.
_SCALES = (0.85, 1.15)


@dataclasses.dataclass(frozen=True)
class Faces:
    """Faces with exact keypoints.

    Attributes:
        images: uint8 array `(count, side, side, 3)`.
        keypoints: float32 array `(count, 5, 2)`, in the frame [-1, 1].
    """

    images: np.ndarray
    keypoints: np.ndarray

    def __getitem__(self, chosen):
        return Faces(self.images[chosen], self.keypoints[chosen])


def load_faces(side, limit=None):
    """Loads OpenMoji's faces that have two eyes and a mouth.

    Args:
        side: int. Side of the images.
        limit: int. Most files to look at. Defaults to `None`: all.
    """
    images, keypoints = [], []
    for path in svg_images.find_svgs(("faces",))[:limit]:
        points = face_keypoints.face_keypoints(path)
        if points is not None:
            images.append(svg_images.rasterize(path, side))
            keypoints.append(points)
    return Faces(np.stack(images), np.array(keypoints, "float32"))


def split(faces):
    """Divides faces into those to train on and those held out."""
    held_out = np.arange(len(faces.images)) % _HELD_OUT == 0
    return faces[~held_out], faces[held_out]


def build(side):
    """Builds the detector: a convolutional network from uint8 images to keypoints."""
    layers = keras.layers
    inputs = keras.Input((side, side, 3))
    x = layers.Rescaling(1 / 127.5, -1.0)(inputs)
    for width in (24, 48, 96):
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(width, 3, 2, padding="same", activation="relu")(x)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    outputs = layers.Reshape((len(NAMES), 2))(layers.Dense(2 * len(NAMES))(x))
    return keras.Model(inputs, outputs, name="keypoints")


def train(faces, steps=3000, batch=64, seed=0, tell=lambda share: None):
    """Trains a detector on shifted, scaled, mirrored and recoloured faces.

    Args:
        faces: Faces.
        steps: int. Steps of Adam. Defaults to `3000`.
        batch: int. Faces in a step. Defaults to `64`.
        seed: int. Defaults to `0`.
        tell: Function that is called with the share of steps done.

    Returns:
        keras.Model from uint8 images to keypoints `(count, 5, 2)`.
    """
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    model = build(faces.images.shape[1])
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(2e-3, steps)
    )
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(images, keypoints):
        with tf.GradientTape() as tape:
            error = tf.abs(model(images, training=True) - keypoints)
            loss = tf.reduce_mean(error)
        optimizer.apply(tape.gradient(loss, model.trainable_variables))

    for number in range(steps):
        chosen = random.integers(0, len(faces.images), batch)
        images, keypoints = augment(faces[chosen], random)
        step(tf.constant(images), tf.constant(keypoints))
        if number % 100 == 0:
            tell(number / steps)
    return model


def augment(faces, random):
    """Changes faces at random, and their keypoints with them.

    Args:
        faces: Faces.
        random: `np.random.Generator`.

    Returns:
        float32 arrays of images in [0, 255] and of keypoints.
    """
    count, side = faces.images.shape[:2]
    shifts = random.uniform(-_SHIFT, _SHIFT, (count, 1, 2)).astype("float32")
    scales = random.uniform(*_SCALES, (count, 1, 1)).astype("float32")
    images = faces.images.astype("float32")
    keypoints = faces.keypoints
    flip = random.random(count) < 0.5
    images = np.where(flip[:, None, None, None], images[:, :, ::-1], images)
    keypoints = np.where(flip[:, None, None], mirrored(keypoints), keypoints)
    images = np.stack(
        [
            _moved(image, shift, scale)
            for image, shift, scale in zip(images, shifts[:, 0], scales[:, 0, 0])
        ]
    )
    images = images + random.normal(0, 6, images.shape)
    images = images * random.uniform(0.85, 1.1, (count, 1, 1, 3))
    images = np.clip(images, 0, 255).astype("float32")
    return images, (keypoints * scales + shifts).astype("float32")


def mirrored(keypoints):
    """Returns the keypoints of mirrored images."""
    return (keypoints * np.array([-1.0, 1.0], "float32"))[:, _MIRRORED]


def detect(model, images):
    """Finds keypoints and measures how far they move if the image is mirrored.

    Args:
        model: Detector.
        images: uint8 array `(count, side, side, 3)`.

    Returns:
        Keypoints `(count, 5, 2)`, means over the image and its mirror image; and
        `(count,)`, the mean distance of the two, in pixels.
    """
    found = model.predict(images, batch_size=256, verbose=0)
    again = model.predict(images[:, :, ::-1], batch_size=256, verbose=0)
    again = mirrored(again)
    pixels = images.shape[1] / 2
    distance = np.linalg.norm(found - again, axis=-1).mean(axis=-1) * pixels
    return (found + again) / 2, distance


def _moved(image, shift, scale):
    """Scales an image about the middle and shifts it, by x and y in the frame."""
    half = image.shape[0] / 2
    # Position of each pixel's middle in the image that it is read from.
    offset = half - 0.5 + (0.5 - half - shift[::-1] * half) / scale
    return scipy.ndimage.affine_transform(
        image,
        [1 / scale, 1 / scale, 1.0],
        [*offset, 0.0],
        order=1,
        cval=255.0,
    )
