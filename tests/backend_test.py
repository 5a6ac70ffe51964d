import importlib
from unittest import mock

import keras

from inr_keras import backend
from inr_keras import quiet_imports
from tests import testing


class BackendTest(testing.TestCase):
    def test_another_backend(self):
        with (
            mock.patch.object(keras.config, "backend", lambda: "jax"),
            self.assertRaisesRegex(
                quiet_imports.UnfitEnvironment,
                "^inr_keras needs Keras on TensorFlow .*KERAS_BACKEND=.*'jax'$",
            ),
        ):
            importlib.reload(backend)
