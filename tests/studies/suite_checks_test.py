from configs import tiny
from configs import video_openmoji
from inr_keras import config as config_lib
from inr_keras.studies import suite_checks
from tests import testing
from tests.data import fixtures


class SuiteChecksTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.config = tiny.get_config()

    def check(self, config, features="pixels", samples=16, is_thorough=False):
        configs = {"plain_seed0": self.config, "other_seed0": config}
        suite_checks.check(configs, str(self.folder), features, samples, is_thorough)

    def changed(self, **changes):
        return config_lib.changed(self.config, changes)

    def test_good(self):
        self.check(self.changed(seed=3), is_thorough=True)

    def test_an_extractor_that_cannot_be_opened(self):
        path = self.folder / "features.keras"
        path.write_text("none")
        with self.assertRaisesRegex(ValueError, "features.*features.keras"):
            self.check(self.config, features=str(path))

    def test_runs_that_cannot_be_made_are_named(self):
        few = self.folder / "few"
        fixtures.write_folder(few, 4)
        few = {"data.source": str(few)}
        for config, rule, options in (
            (self.changed(**{"data.source": "none"}), "source must be openmoji", {}),
            (self.changed(**{"data.labels": True, **few}), "in a sub-folder", {}),
            (self.changed(**few), "with pr, both sets must have", {}),
            (self.config, "with fid, both sets must have", {"samples": 1}),
            (video_openmoji.get_config(), "config.generator must draw images of", {}),
        ):
            with self.assertRaisesRegex(ValueError, f"run [a-z]+_seed0: .*{rule}"):
                self.check(config, **options)

    def test_quality_needs_more(self):
        folder = self.folder / "images"
        fixtures.write_folder(folder, 8)
        config = self.changed(**{"data.source": str(folder)})
        self.check(config)
        with self.assertRaisesRegex(ValueError, "source must have 12 images or more"):
            self.check(config, is_thorough=True)
