"""Keras as all packages but layers, models and losses need it: on TensorFlow.

Importing this module raises `UnfitEnvironment` where Keras has another backend.
"""

import keras

from inr_keras.quiet_imports import UnfitEnvironment

if keras.config.backend() != "tensorflow":
    raise UnfitEnvironment(
        "inr_keras needs Keras on TensorFlow (its layers, models and losses alone run "
        "on others): set KERAS_BACKEND=tensorflow before Keras is imported. "
        f"Received: {keras.config.backend()!r}"
    )
