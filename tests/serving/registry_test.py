import pathlib
import shutil
from unittest import mock

import numpy as np
import tensorflow as tf

from inr_keras.serving import servable
from inr_keras.serving.registry import Registry
from inr_keras.serving.servable import Servable
from inr_keras.serving.status_codes import ServingError
from tests import testing
from tests.serving import toy_models

ONE = {"x": np.ones(1, "float32")}


class RegistryTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.counts = {}
        self.registry = Registry(self.folder, on_change=self.counts.__setitem__)
        self.addCleanup(self.registry.close)

    def version(self, number=None):
        with self.registry.use("toy", number) as servable:
            return servable.version

    def states(self):
        return {n: state for n, state, _, _ in self.registry.status("toy")}

    def test_versions_come_and_go(self):
        toy_models.write(self.folder / "toy" / "2")
        self.registry.update()
        self.assertEqual(self.registry.names(), ["toy"])
        self.assertEqual(self.version(), 2)
        self.assertEqual(self.states(), {2: "AVAILABLE"})

        with self.registry.use("toy") as old:
            shutil.copytree(self.folder / "toy/2", self.folder / "toy/10")
            # Names that are no versions, and versions that are not whole.
            shutil.copytree(self.folder / "toy/2", self.folder / "toy/11a")
            shutil.copytree(self.folder / "toy/2", self.folder / "toy/.12")
            (self.folder / "toy" / "13").mkdir()
            self.registry.update()
            self.assertEqual(self.version(), 10)
            self.assertEqual(self.states(), {10: "AVAILABLE", 2: "UNLOADING"})
            with self.assertRaisesRegex(ServingError, r"Specific\(toy, 2\)"):
                self.version(2)
            self.assertAllEqual(old.run("serving_default", ONE)["y"], [2])
        self.assertEqual(self.states(), {10: "AVAILABLE", 2: "END"})
        self.assertEqual(self.counts, {"toy": 1})

        # The older one again, when the newer one is taken away.
        shutil.rmtree(self.folder / "toy" / "10")
        self.registry.update()
        self.assertEqual(self.version(), 2)
        shutil.rmtree(self.folder / "toy")
        self.registry.update()
        self.registry.update()
        self.assertEqual(self.registry.names(), [])
        with self.assertRaisesRegex(ServingError, r"Latest\(toy\)") as caught:
            self.version()
        self.assertEqual(caught.exception.http_status, 404)
        with self.assertRaisesRegex(ServingError, "any versions of model toy"):
            self.registry.status("toy")

    def test_models_that_wait_for_another(self):
        toy_models.write(self.folder / "a" / "1")
        toy_models.write(self.folder / "toy" / "1")
        toy_models.write(self.folder / "toy" / "2")
        states = []

        def load(name, *args):
            states.append(self.registry.state)
            if name == "a":
                for version in (None, 2):
                    with self.assertRaisesRegex(ServingError, "being loaded: .*toy"):
                        self.version(version)
                with self.assertRaisesRegex(ServingError, "being loaded: toy"):
                    self.states()
                with self.assertRaisesRegex(ServingError, "not found .*toy, 3"):
                    self.version(3)
                raise ValueError("broken")
            return mock.DEFAULT

        with mock.patch.object(servable, "Servable", wraps=Servable, side_effect=load):
            self.registry.update()
        self.assertEqual(states, ["loading", "loading"])
        self.assertEqual((self.version(), self.registry.state), (2, "ok"))

    def test_broken_versions(self):
        toy_models.write(self.folder / "toy" / "1")
        broken = self.folder / "toy" / "2"
        broken.mkdir()
        (broken / "saved_model.pb").write_bytes(b"not a graph")
        self.registry.update()
        self.assertEqual(self.version(), 1)  # The highest that can be loaded.
        [_, state, code, message] = self.registry.status("toy", 2)[0]
        self.assertEqual((state, code), ("END", "INTERNAL"))
        self.assertTrue(message)
        self.registry.update()
        self.assertEqual(self.version(), 1)
        # Once it is whole, it is tried again.
        shutil.rmtree(broken)
        shutil.copytree(self.folder / "toy" / "1", broken)
        self.registry.update()
        self.assertEqual(self.version(), 2)
        self.assertEqual(self.states(), {2: "AVAILABLE", 1: "END"})

    def test_models_that_touch_files(self):
        module = tf.Module()
        module.read = tf.function(
            lambda path: {"text": tf.io.read_file(path)},
            (tf.TensorSpec((), tf.string, "path"),),
        )
        signatures = {"serving_default": module.read}
        tf.saved_model.save(module, self.folder / "toy" / "1", signatures)
        self.registry.update()
        [(_, state, _, message)] = self.registry.status("toy")
        self.assertEqual(state, "END")
        self.assertRegex(message, "no files.*`trust_model`.*with ReadFile")
        trusting = Registry(self.folder, trust_models=True)
        self.addCleanup(trusting.close)
        trusting.update()
        self.assertEqual(trusting.names(), ["toy"])

    def test_a_folder_that_cannot_be_read(self):
        toy_models.write(self.folder / "toy" / "1")
        self.registry.update()
        shutil.copytree(self.folder / "toy", self.folder / "zoo")
        iterdir = pathlib.Path.iterdir

        def denied(path):
            if path.name == "toy":
                raise PermissionError(13, "Permission denied")
            return iterdir(path)

        with mock.patch.object(pathlib.Path, "iterdir", denied):
            self.registry.update()
        self.assertEqual(self.registry.names(), ["toy", "zoo"])

    def test_several_versions(self):
        self.registry = Registry(self.folder, keep_versions=2)
        self.addCleanup(self.registry.close)
        for number in (1, 2, 3):
            toy_models.write(self.folder / "toy" / str(number))
        self.registry.update()
        self.assertEqual(self.states(), {3: "AVAILABLE", 2: "AVAILABLE"})
        self.assertEqual((self.version(), self.version(2)), (3, 2))

    def test_unknown_names(self):
        self.registry.update()
        for name in ("", "..", "toy/1", "x" * 10_000, "\n"):
            with self.assertRaises(ServingError) as caught:
                with self.registry.use(name):
                    pass
            self.assertEqual(caught.exception.code, "NOT_FOUND")
            self.assertLess(len(caught.exception.message), 300)
            self.assertNotIn("\n", caught.exception.message)
