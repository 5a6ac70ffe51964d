import json

from inr_keras.export import model_metadata
from tests import testing
from tests.serving.kinds import KINDS

ATTRIBUTION = "Images by Somebody. Licence: CC BY 4.0 (https://x.org)"


class ModelFactsTest(testing.TestCase):
    def test_without_a_run(self):
        facts = model_metadata.describe(KINDS["cips of classes"](), "small")
        self.assertEqual(json.loads(json.dumps(facts)), facts)
        for name, value in {
            "kind": "CIPSGenerator",
            "name": "small",
            "style_layers": 5,
            "coord_dim": 2,
            "video_length": 0,
            "class_names": ["a", "b", "c"],
            "stages": [],
            "attribution": "",
            "licence": "unknown",
        }.items():
            self.assertEqual(facts[name], value, name)
        self.assertEqual(
            facts["trained"],
            {
                "region": [-1.0, -1.0, 1.0, 1.0],
                "resolution": 8,
                "spacing": 2 / 7,
                "densities": [],
            },
        )
        self.assertEqual(facts["trained_with"]["git_commit"], "unknown")
        self.assertIn("render_region", facts["signatures"])

    def test_of_a_run(self):
        run = self.temporary_folder()
        stages = [{"stride": 4, "kimg": 1.0}, {"stride": 1, "kimg": 2.0}]
        (run / "config.json").write_text(json.dumps({"stages": stages}))
        start = {"inr_keras": "0.0.1", "git_commit": "abc"}
        (run / "environment.json").write_text(json.dumps([{}, start]))
        for path in (run, run / "generator.keras"):
            facts = model_metadata.describe(KINDS["video"](), "film", ATTRIBUTION, path)
            self.assertEqual(facts["stages"], stages)
            self.assertEqual(facts["trained"]["densities"], [2, 8])
            self.assertEqual(facts["trained_with"], start)
            self.assertEqual(facts["licence"], "CC BY 4.0 (https://x.org)")
            self.assertEqual(facts["video_length"], 4)
            # Videos are fields of three axes, drawn as images.
            self.assertEqual(facts["coord_dim"], 2)

    def test_images_that_every_machine_has(self):
        run = self.temporary_folder()
        path = str(run / "photos")
        for data, shared in (
            ({"source": "openmoji", "groups": ["flags"]}, True),
            ({"source": "openmoji", "class_file": "openmoji_kinds"}, True),
            ({"source": "tfds:mnist", "class_file": ""}, False),
            ({"kind": "panorama", "source": "openmoji"}, False),
            ({"source": path}, False),
            ({"source": "openmoji", "class_file": path}, False),
            ({"source": None}, False),
            ({"later": 1}, False),
        ):
            with self.subTest(data):
                config = {"data": {**data, "cache_dir": path}, "patch_size": 4}
                (run / "config.json").write_text(json.dumps(config))
                facts = model_metadata.describe(KINDS["cips"](), "small", run=run)
                self.assertEqual(bool(facts["data"]), shared)
                self.assertLessEqual(
                    data.items() if shared else set(), facts["data"].items()
                )
                self.assertEqual(facts["patch_size"], 4)
                self.assertNotIn(path, json.dumps(facts))

    def test_damaged_settings_are_unknown(self):
        run = self.temporary_folder()
        (run / "config.json").write_text("{")
        self.assertEqual(model_metadata.read_config(run), {})
        for text in ("{}", '{"data": null}', '{"data": []}'):
            (run / "config.json").write_text(text)
            facts = model_metadata.describe(KINDS["cips"](), "small", run=run)
            self.assertEqual(facts["data"], {})
