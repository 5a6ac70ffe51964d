import json

import pytest
from PIL import Image

from inr_keras.export import model_card
from inr_keras.export import model_metadata
from tests import testing
from tests.serving.kinds import KINDS

SCORE = {
    "metric": "swd",
    "value": 0.125,
    "better": "lower",
    "interval": [0.1, 0.15],
    "passport": {"samples": 77, "code": {"inr_keras": "0.1.0"}},
    "kimg": 3.0,
}


class ModelCardTest(testing.TestCase):
    def card(self, kind, run=None, scores=None, attribution=""):
        self.folder = self.temporary_folder()
        generator = KINDS[kind]()
        metadata = model_metadata.describe(generator, "small", attribution, run)
        model_card.write(self.folder, generator, metadata, run, scores)
        return (self.folder / "README.md").read_text()

    def test_what_is_not_known_is_said_to_be(self):
        text = self.card("cips of classes")
        self.assertIn("# small\n", text)
        self.assertIn("trained at 8x8", text)
        self.assertIn("Classes: a, b, c.", text)
        self.assertIn("- Source: unknown", text)
        self.assertIn("- Licence: unknown", text)
        self.assertIn("## Training\n\nUnknown", text)
        self.assertIn("## Scores\n\nNot evaluated", text)
        self.assertIn('"truncation": 0.7, "label": 0}', text)
        with Image.open(self.folder / "samples.png") as sheet:
            self.assertEqual(sheet.size, (4 * 64 + 6, 4 * 64 + 6))
            self.assertGreater(len(set(sheet.getdata())), 100)

    def test_scores_are_those_of_the_exported_generator(self):
        run = self.temporary_folder()
        lines = [
            {**SCORE, "kimg": k, "value": v} for k, v in ((2.0, 11.0), (3.0, 22.0))
        ]
        text = "".join(json.dumps(one) + "\n" for one in lines)
        (run / "evaluations.jsonl").write_text(text)
        (run / "best.json").write_text(json.dumps({"images_seen": 2000}))
        (run / "metrics.jsonl").write_text(json.dumps({"images_seen": 3000}) + "\n")
        older = {**SCORE, "kimg": 1.0, "value": 33.0}
        (run / "scores.jsonl").write_text(json.dumps(older) + "\n")
        for name, value in (
            ("generator.keras", "| swd | 22 |"),
            ("best_generator.keras", "| swd | 11 |"),
            ("other.keras", "Not evaluated"),
        ):
            (run / name).touch()
            self.assertIn(value, model_card._scores(run / name, None))
        self.assertIn("| swd | 22 |", model_card._scores(run, None))
        self.assertIn("| swd | 33 |", model_card._scores(run, run / "scores.jsonl"))

    @pytest.mark.slow
    def test_of_a_run_with_scores(self):
        run = self.temporary_folder()
        config = {
            "name": "tiny",
            "method": "multi_stage",
            "batch_size": 4,
            "stages": [{"stride": 2, "kimg": 1.5, "patch_weight": 0.0}],
            "data": {"source": "tfds:flowers", "groups": []},
        }
        (run / "config.json").write_text(json.dumps(config))
        (run / "evaluations.jsonl").write_text(json.dumps(SCORE) + "\n")
        text = self.card("cips", run, attribution="By me. Licence: CC0")
        self.assertIn("- Source: tfds:flowers", text)
        self.assertIn("- Licence: CC0", text)
        self.assertIn("tiny, method multi_stage, batches of 4", text)
        self.assertIn("at up to 8 samples an axis\n", text)
        self.assertNotIn("Begins with", text)
        self.assertIn("| 1 | 4 | 1.5 | 0 |", text)
        self.assertIn("| swd | 0.125 | 0.1 .. 0.15 | lower |", text)
        self.assertIn("| samples | 77 | all |", text)
        config["data"] = {"source": "/home/me/photos", "groups": []}
        (run / "config.json").write_text(json.dumps(config))
        score = {**SCORE, "passport": {**SCORE["passport"], "data": "/home/me/photos"}}
        (run / "evaluations.jsonl").write_text(json.dumps(score) + "\n")
        text = self.card("cips", run)
        self.assertIn("- Source: photos\n", text)
        self.assertIn("| data | photos |", text)
        self.assertNotIn("/home/me", text)
        # Others may be named, and must be there.
        other = self.temporary_folder() / "scores.jsonl"
        other.write_text(json.dumps({**SCORE, "value": 0.5}) + "\n")
        self.assertIn("| swd | 0.5 |", self.card("cips", run, other))
        with self.assertRaisesRegex(ValueError, "nowhere"):
            self.card("cips", run, run / "nowhere")

    def test_of_a_run_that_goes_on_from_another(self):
        run = self.temporary_folder()
        for start, name in {
            "runs/first/": "first",
            "runs/first/generator.keras": "first",
            "generator.keras": "generator.keras",
            "presets/flags.keras": "flags.keras",
        }.items():
            config = {"initial_generator": start, "crops": {"margin": 2}}
            (run / "config.json").write_text(json.dumps(config))
            text = self.card("cips", run)
            self.assertIn(f"- Begins with: the generator of {name}\n", text)
            self.assertIn("samples an axis, and a margin of 2 pixels\n", text)

    def test_what_is_no_image(self):
        self.assertIn("videos of 4 images", self.card("video"))
        self.assertTrue((self.folder / "samples.png").exists())
        text = self.card("volume")
        self.assertIn("trained at 4x4x4", text)
        self.assertNotIn("samples.png", text)
        self.assertFalse((self.folder / "samples.png").exists())
