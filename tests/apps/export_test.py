import json

import pytest

from inr_keras import rendering
from inr_keras import runs
from tests.apps import running
from tests.rendering.generators import small_generator


def export(*arguments, **kwargs):
    return running.run_app("export", *arguments, **kwargs)


@pytest.mark.slow
class ExportTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _trained(self, trained):
        self.workdir = trained.workdir
        self.folder = self.temporary_folder() / "models" / "tiny"

    def test_exports_and_refuses_to_do_so_twice(self):
        process = export(f"--model={self.workdir}", f"--out={self.folder}")
        self.assertSucceeded(process)
        self.assertRegex(
            process.stdout,
            rf"^{self.folder / '1'}  SavedModel of \d+\.\d MB, tested\n$",
        )
        self.assertNotIn(".writing", process.stderr)  # TensorFlow's log.
        latents = rendering.latents_from_seeds(range(3), 8)
        expected = runs.load_generator(self.workdir).mapping(latents)
        loaded = runs.load_generator(self.folder)
        self.assertAllClose(loaded.mapping(latents), expected)

        metadata = self.folder / "1" / "assets.extra" / "inr_keras.json"
        metadata = json.loads(metadata.read_text())
        self.assertIn("OpenMoji", metadata["attribution"])
        self.assertIn("CC BY-SA 4.0", metadata["licence"])
        self.assertNotEqual(metadata["stages"], [])
        card = (self.folder / "1" / "README.md").read_text()
        self.assertIn("OpenMoji", card)
        self.assertIn("Not evaluated", card)

        before = running.files(self.folder)
        process = export(f"--model={self.folder}", f"--out={self.folder}")
        self.assertRefused(process, "--model", "exported already", self.folder)
        self.assertEqual(running.files(self.folder), before)

    def test_full_disk_leaves_other_versions_alone(self):
        (self.folder / "1").mkdir(parents=True)
        process = export(
            f"--model={self.workdir / 'generator.keras'}",
            f"--out={self.folder}",
            before=running.full_disk(300_000),  # Of the model, not its card.
        )
        self.assertRefused(
            process, "--out cannot be written", "File too large", self.folder
        )
        self.assertEqual([p.name for p in self.folder.iterdir()], ["1"])

    def test_a_file_in_its_place(self):
        self.folder.parent.mkdir()
        self.folder.write_text("mine")
        process = export(f"--model={self.workdir}", f"--out={self.folder}")
        self.assertRefused(process, "--out must be a folder", self.folder)
        self.assertEqual(self.folder.read_text(), "mine")

    def test_scores_that_are_not_there(self):
        process = export(
            f"--model={self.workdir}",
            f"--out={self.folder}",
            f"--scores={self.folder}",
        )
        self.assertRefused(process, "--scores must", self.folder)
        self.assertFalse(self.folder.exists())


class OtherFormatsTest(running.TestCase):
    @pytest.mark.slow
    def test_a_page(self):
        folder = self.temporary_folder() / "page"
        arguments = "--model=saved_models/openmoji", "--format=web", f"--out={folder}"
        process = export(*arguments)
        self.assertSucceeded(process)
        self.assertRegex(process.stdout, rf"^{folder}  web page of \d\.\d MB\n$")
        self.assertIn("OpenMoji", (folder / "ATTRIBUTION.txt").read_text())
        self.assertRefused(export(*arguments), "--out must be new", folder)

    @pytest.mark.slow
    def test_a_generator_that_a_page_cannot_draw(self):
        folder = self.temporary_folder()
        model = folder / "volume.keras"
        small_generator(coord_dim=3, embedding_size=4).save(model)
        out = folder / "page"
        process = export(f"--model={model}", "--format=web", f"--out={out}")
        self.assertRefused(process, "--model must be a CIPSGenerator that", "3 axes")
        self.assertFalse(out.exists())

    def test_a_folder_that_holds_something(self):
        folder = self.temporary_folder()
        (folder / "mine").write_text("x")
        process = export("--model=x", "--format=onnx", f"--out={folder}")
        self.assertRefused(process, "--out must be new", folder)
        remote = "s3://bucket/mine"
        process = export("--model=x", "--format=onnx", f"--out={remote}")
        self.assertRefused(process, "--out of --format=onnx must be on", remote)

    def test_the_working_folder(self):
        move = f"import os; os.chdir({str(self.temporary_folder())!r})"
        for name in ("onnx", "web"):
            flags = "--model=missing", "--out=.", f"--format={name}"
            process = export(*flags, before=move)
            self.assertRefused(process, "--out must be neither the working folder")

    def test_no_format_needs_the_packages_of_the_server(self):
        without = "import sys; sys.modules['starlette'] = None"
        for name in ("saved_model", "onnx", "web"):
            flags = "--model=missing", "--out=y", f"--format={name}"
            process = export(*flags, before=without)
            self.assertRefused(process, "--model must exist")


class FlagsTest(running.TestCase):
    def test_flags(self):
        self.assertRefused(export("--model=x"), "--out")
        self.assertRefused(export("--out=x"), "--model")
        self.assertRefused(export("--model=x", "--out="), "--out")
        self.assertRefused(export("--model=x", "--out=y", "--v=x"), "--v")
        self.assertRefused(export("--model=x", "--out=y", "--format=pt"), "--format")
        self.assertRefused(export("--model=x", "--out=y", "stray"), "'stray'")
