import io
import json
import shutil
import types
import zipfile
from unittest import mock

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras import models
from inr_keras import rendering
from inr_keras import runs
from inr_keras.runs import saved_generators
from inr_keras.runs.saved_generators import METADATA
from tests import testing

FIELDS = (
    "latent_dim",
    "style_dim",
    "num_layers",
    "channels",
    "resolution",
    "alignment",
    "class_names",
    "coord_dim",
    "video_length",
    "noise",
    "takes_grid",
    "wraps",
)


class LoadGeneratorTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _save_once(self, request, exported, tmp_path_factory):
        cls = request.cls
        cls.generator, cls.version = exported.generator, exported.version
        cls.run_folder = tmp_path_factory.mktemp("run")
        cls.keras_file = cls.run_folder / "generator.keras"
        cls.generator.save(cls.keras_file)
        cls.loaded = runs.load_generator(cls.version.parent)

    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.latents = rendering.latents_from_seeds(range(3), 6)

    def assertCannotLoad(self, path, *texts):
        with self.assertRaises(ValueError) as context:
            runs.load_generator(path)
        message = str(context.exception)
        for text in ("`path`", f"Received: {str(path)!r}", *texts):
            self.assertIn(text, message)
        self.assertEqual(len(message.splitlines()), 1, message)

    @pytest.mark.slow
    def test_all_kinds_draw_the_same(self):
        expected = rendering.Renderer(self.generator)
        expected = expected.render(expected.styles(self.latents, 0.7), 9)
        for generator in (
            runs.load_generator(self.run_folder),
            runs.load_generator(str(self.keras_file)),
            self.loaded,
        ):
            for field in FIELDS:
                value = getattr(generator, field)
                self.assertEqual(value, getattr(self.generator, field), field)
            renderer = rendering.Renderer(generator)
            images = renderer.render(renderer.styles(self.latents, 0.7), 9)
            self.assertAllClose(images, expected)

    @pytest.mark.slow
    def test_names_that_tensorflow_takes_for_patterns(self):
        for name in ("faces[64]", "a*", "b\\\\c"):
            folder = self.folder / name
            shutil.copytree(self.version, folder / "1")
            styles = runs.load_generator(folder).mapping(self.latents)
            self.assertAllClose(styles, self.generator.mapping(self.latents))

    def test_the_highest_version_counts(self):
        for name in ("9", "10", "x11"):
            path = self.folder / name / METADATA
            path.parent.mkdir(parents=True)
            path.touch()
        with mock.patch.object(
            saved_generators, "SavedModelGenerator", lambda path, trust_model: str(path)
        ):
            for path, version in (
                (self.folder, "10"),
                (self.folder / "9", "9"),
            ):
                loaded = runs.load_generator(path)
                self.assertEqual(loaded, str(self.folder / version))

    def test_truncation_of_a_saved_model(self):
        for truncation in (1.0, 0.7, 0.0, -0.5):
            self.assertAllClose(
                self.loaded.mapping(self.latents, truncation=truncation),
                self.generator.mapping(self.latents, truncation=truncation),
            )

    def test_nothing_there(self):
        self.assertCannotLoad(self.folder / "nothing", "must exist")
        self.assertCannotLoad(self.folder, "must be a run directory")
        (self.folder / "checkpoints").mkdir()
        self.assertCannotLoad(self.folder, "generator.keras")
        (self.folder / "1").mkdir()  # A version without a model.
        with self.assertRaisesRegex(ValueError, "must be a run directory"):
            runs.load_generator(self.folder)

    def test_no_keras_file(self):
        path = self.folder / "generator.keras"
        content = self.keras_file.read_bytes()
        for damaged in (b"", b"not a model\n", content[: len(content) // 2]):
            path.write_bytes(damaged)
            self.assertCannotLoad(path, "must be a .keras file", "damaged")
        with self.assertRaisesRegex(ValueError, "must be a .keras file"):
            runs.load_generator(self.folder)  # As a run directory.
        other = self.folder / "images.zip"
        other.write_bytes(content)
        self.assertCannotLoad(other, "must be a .keras file", "not one")

    @pytest.mark.slow
    def test_damaged_keras_file(self):
        path = self.folder / "generator.keras"
        content = self.keras_file.read_bytes()
        rng = np.random.default_rng(0)
        damaged = 0
        for _ in range(10):
            # Bytes that are missing, and bytes that have changed.
            start = int(rng.integers(len(content) - 300))
            for part in (b"", rng.bytes(100)):
                path.write_bytes(content[:start] + part + content[start + 100 :])
                self.assertCannotLoad(path)
                damaged += 1
        self.assertEqual(damaged, 20)

    def test_zip_file_of_something_else(self):
        path = self.folder / "x.keras"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a.txt", "a")
        self.assertCannotLoad(path, "cannot be read")
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("config.json", "{")
            file.writestr("metadata.json", "{}")
            file.writestr("model.weights.h5", "")
        self.assertCannotLoad(path, "cannot be read")

    def test_another_model(self):
        path = self.folder / "x.keras"
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save(path)
        self.assertCannotLoad(path, "must be a generator", "a Sequential")

    def test_code_in_a_file_is_not_run(self):
        path = self.folder / "x.keras"
        layer = keras.layers.Lambda(lambda x: x + 1)
        keras.Sequential([keras.Input((2,)), layer]).save(path)
        self.assertCannotLoad(path, "cannot be read")

    @pytest.mark.slow
    def test_damaged_saved_models(self):
        def shorten(name, size):
            def damage(path):
                [file] = path.glob(name)
                file.write_bytes(file.read_bytes()[:size])

            return damage

        def write(name, text):
            return lambda path: (path / name).write_text(text)

        metadata = json.dumps({"latent_dim": 6})
        for damage in (
            lambda path: (path / "saved_model.pb").unlink(),
            shorten("saved_model.pb", 0),
            shorten("saved_model.pb", 1000),
            lambda path: shutil.rmtree(path / "variables"),
            shorten("variables/variables.data*", 100),
            shorten("variables/variables.index", 10),
            write(METADATA, "{"),
            write(METADATA, metadata),
        ):
            path = self.folder / "1"
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(self.version, path)
            damage(path)
            self.assertCannotLoad(path, "cannot be read")

    def test_a_style_for_each_layer_of_a_saved_model(self):
        self.assertEqual(self.loaded.num_layers, self.generator.num_layers)
        rng = np.random.default_rng(0)
        styles = rng.normal(size=(2, 5, 5)).astype("float32")
        self.assertAllClose(
            rendering.Renderer(self.loaded).render(styles),
            rendering.Renderer(self.generator).render(styles),
        )

    @pytest.mark.slow
    def test_gradients_of_a_saved_model(self):
        coords = tf.constant([[[0.3, -0.4], [1.5, 0.0]]])
        gradients = []
        for generator in (self.generator, self.loaded):
            styles = tf.Variable(np.ones((1, 5, 5), "float32"))
            with tf.GradientTape() as tape:
                rgb = generator.synthesis(tf.convert_to_tensor(styles), coords)
            gradients.append(tape.gradient(rgb, styles))
        self.assertAllClose(*gradients, 1e-5, 1e-5)

    def test_an_older_saved_model(self):
        path = self.folder / "1"
        shutil.copytree(self.version, path)
        metadata = json.loads((path / METADATA).read_text())
        del metadata["signatures"]
        (path / METADATA).write_text(json.dumps(metadata))
        self.assertCannotLoad(path, "an older version", "export it again")

    @pytest.mark.slow
    def test_a_saved_model_with_the_metadata_of_earlier_versions(self):
        path = self.folder / "1"
        shutil.copytree(self.version, path)
        metadata = json.loads((path / METADATA).read_text())
        metadata["frames"] = metadata.pop("video_length")
        (path / METADATA).write_text(json.dumps(metadata))
        self.assertEqual(runs.load_generator(path).video_length, 0)

    @pytest.mark.slow
    def test_a_foreign_saved_model(self):
        path = self.folder / "1"
        shutil.copytree(self.version, path)
        (path / METADATA).unlink()
        self.assertCannotLoad(path, "exported SavedModel")


def contents(path):
    """Paths of a `.keras` file's weights, and the configuration of its model."""
    names = []

    def visit(name, entry):
        if isinstance(entry, h5py.Dataset):
            names.append(name)

    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))["config"]
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        file.visititems(visit)
    return names, config


@pytest.mark.parametrize("name", ["cips", "cips_levels", "inr_gan", "hyper", "video"])
def test_files_of_an_earlier_version(name, tmp_path):
    path = testing.FIXTURES / "before" / f"{name}.keras"
    recorded = testing.load_fixture("before/generators")
    generator = runs.load_generator(path)
    labels = np.array([0, 1]) if generator.class_names else None
    outputs = generator(recorded["latents"], recorded[f"{name}_coords"], labels=labels)
    np.testing.assert_allclose(outputs, recorded[name], rtol=1e-5, atol=1e-5)
    # Checkpoints of a training name the weights by the same attributes.
    generator.save(tmp_path / "again.keras")
    names, config = contents(tmp_path / "again.keras")
    names_before, config_before = contents(path)
    assert names == names_before
    if name != "video":  # Whose length has another name now.
        # Arguments may have come; those of then are as they were.
        assert {name: config.get(name) for name in config_before} == config_before


def generator_of(channels, coord_dim=2, video_length=0):
    """What `check_images` reads of a generator."""
    return types.SimpleNamespace(
        channels=channels, coord_dim=coord_dim, video_length=video_length
    )


@pytest.mark.parametrize(
    "generator, received",
    [
        (generator_of(channels=2), "2 channels on 2 axes"),
        (generator_of(channels=3, coord_dim=3), "3 channels on 3 axes"),
        # Of grey images, which are no colours.
        (generator_of(channels=3, video_length=3), "a video of 3 images"),
    ],
)
def test_what_cannot_be_judged_as_images(generator, received):
    with pytest.raises(ValueError, match="`generator` must draw.*1, 3 or 4") as error:
        runs.check_images(generator)
    assert str(error.value).endswith(f"Received: {received}")


def test_images_can_be_judged():
    for channels in (1, 3, 4):
        runs.check_images(generator_of(channels=channels))
    with pytest.raises(ValueError, match="of 3 channels. Received: 4"):
        runs.check_images(generator_of(channels=4), channels=(3,))


class INRTest(testing.TestCase):
    def test_files_of_one_signal(self):
        path = self.temporary_folder() / "inr.keras"
        inr = models.INR(1, 1, width=4, depth=1, signal={"kind": "sound"})
        inr.save(path)
        self.assertTrue(runs.holds_inr(path))
        self.assertEqual(runs.load_inr(path).signal, inr.signal)
        with self.assertRaisesRegex(ValueError, "`path` must be a generator .* INR"):
            runs.load_generator(path)
        self.assertFalse(runs.holds_inr(path.parent))
        path.write_bytes(b"no file of Keras")
        self.assertFalse(runs.holds_inr(path))
