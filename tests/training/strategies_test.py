import json
import os
from unittest import mock

import tensorflow as tf

from inr_keras.training import strategies
from tests import testing
from tests.training import small


class StrategiesTest(testing.TestCase):
    def test_unfit_tf_config(self):
        config = small.small_config(strategy="multi_worker")
        two = {"worker": ["a:1", "b:1"]}
        for value in (
            "",
            "{",
            "[]",
            json.dumps({"cluster": two}),
            json.dumps({"cluster": two, "task": {"type": "worker"}}),
            json.dumps({"cluster": two, "task": {"type": "worker", "index": 2}}),
            json.dumps({"cluster": two, "task": {"type": "ps", "index": 0}}),
        ):
            with (
                mock.patch.dict(os.environ, {"TF_CONFIG": value}),
                self.assertRaisesRegex(ValueError, "TF_CONFIG must be set"),
            ):
                strategies.make(config)

    def test_a_port_in_use(self):
        value = json.dumps(
            {
                "cluster": {"worker": ["localhost:7", "localhost:8"]},
                "task": {"type": "worker", "index": 0},
            }
        )
        failed = mock.patch.object(
            tf.distribute,
            "MultiWorkerMirroredStrategy",
            side_effect=tf.errors.UnknownError(None, None, "no gRPC server"),
        )
        with (
            failed,
            mock.patch.dict(os.environ, {"TF_CONFIG": value}),
            self.assertRaisesRegex(ValueError, "port is free .no gRPC"),
        ):
            strategies.make(small.small_config(strategy="multi_worker"))

    def test_unfit_devices_and_batches(self):
        config = small.small_config(strategy="mirrored", replicas=999)
        with self.assertRaisesRegex(ValueError, "config.replicas.*999"):
            strategies.make(config)
        config = small.small_config(strategy="mirrored", batch_size=5)
        with self.assertRaisesRegex(ValueError, "config.batch_size.*5"):
            strategies.make(config)
        config = small.small_config(strategy="mirrored", batch_size=4, accumulate=4)
        with self.assertRaisesRegex(ValueError, "multiple of 8.*Received: 4"):
            strategies.make(config)

    def test_one_process(self):
        strategy = strategies.make(small.small_config())
        self.assertFalse(strategies.is_multi_worker(strategy))
        self.assertTrue(strategies.is_chief(strategy))
        self.assertAllEqual(strategies.gather(strategy, 7), [7])
        self.assertEqual(strategies.chief_first(strategy, lambda: 3), 3)
        with (
            self.assertRaises(tf.errors.UnavailableError),
            strategies.watching(strategy),
        ):
            raise tf.errors.UnavailableError(None, None, "not of a worker")
