import json

from configs import openmoji64
from configs import openmoji_demo
from configs import slides_before
from configs import tiny
from inr_keras import config as config_lib
from inr_keras.studies import suite_entries
from tests import testing


class SuiteEntriesTest(testing.TestCase):
    def test_table1_has_the_papers_methods(self):
        config = openmoji64.get_config()
        entries = suite_entries.build_entries("table1", config, seeds=(0, 3))
        self.assertEqual(len(entries), 10)
        self.assertEqual(len({entry.folder for entry in entries}), 10)
        for entry in entries:
            config_lib.changed(config, entry.changes).validate()
        by_name = {entry.name: entry for entry in entries}
        plain = config_lib.changed(config, by_name["unregularized"].changes)
        self.assertEqual([s.patch_weight for s in plain.stages], [0, 0, 0])
        image = config_lib.changed(config, by_name["image"].changes)
        self.assertEqual(image.resolved().patch_size, 64)
        self.assertEqual(by_name["accumulated"].changes["accumulate"], 4)

    def test_variants_change_one_thing_each(self):
        config = openmoji64.get_config()
        entries = suite_entries.build_entries("variants", config)
        self.assertEqual(entries[0].changes, {})
        seen = set()
        for entry in entries[1:]:
            other = config_lib.changed(config, entry.changes)
            other.validate()
            self.assertNotEqual(other, config, entry.name)
            seen.add(json.dumps(config_lib.to_dict(other)))
        self.assertEqual(len(seen), len(entries) - 1)

    def test_discriminators_see_dense_patches_before_the_last_stage(self):
        config = openmoji64.get_config()
        entries = suite_entries.build_entries("discriminators", config)
        configs = {}
        for entry in entries:
            configs[entry.name] = config_lib.changed(config, entry.changes)
            configs[entry.name].validate()
        weights = [stage.dense_weight for stage in configs["every_4"].stages]
        self.assertEqual(weights, [0.25, 0.25, 0.0])
        self.assertEqual(
            configs["small_second"].discriminator.dense_channels, (24, 32, 48)
        )
        self.assertEqual(configs["plain"], config)

    def test_quality_takes_parts_of_the_recipe_away(self):
        config = openmoji_demo.get_config()
        found = {}
        only = ("plain", "unmatched", "unlabelled", "mapless", "twice")
        for entry in suite_entries.build_entries("quality", config, only=only):
            found[entry.name] = config_lib.changed(config, entry.changes)
            self.assertEqual(entry.length, 2.0 if entry.name == "twice" else 1.0)
        self.assertEqual(tuple(found), only)
        self.assertEqual(found["twice"], config)
        self.assertTrue(found["unmatched"].data.labels)
        for name in ("unmatched", "unlabelled", "mapless"):
            self.assertEqual(found[name].loss.match_weight, 0.0)
            self.assertEqual(found[name].data.labels, name == "unmatched")
        self.assertGreater(found["unlabelled"].discriminator.feature_gain, 0.0)
        self.assertEqual(found["mapless"].discriminator.feature_gain, 0.0)
        entries = suite_entries.build_entries("quality", openmoji64.get_config())
        names = {entry.name for entry in entries}
        self.assertIn("twice", names)
        self.assertFalse(names & {"unmatched", "unlabelled", "mapless"})

    def test_runs_that_the_config_rules_out_are_named_before_any_starts(self):
        config = openmoji_demo.get_config()
        with self.assertRaisesRegex(
            ValueError, "fresh: config.fresh_latents must .*; augment: config.augment"
        ):
            suite_entries.build_entries("quality", config)
        suite_entries.build_entries("quality", config, only=("plain", "rates"))

    def test_a_second_recipe_has_a_name_of_its_own(self):
        other = openmoji64.get_config()
        other.name = "image"
        with self.assertRaisesRegex(ValueError, "`against` must differ.*'image'"):
            suite_entries.build_entries("table1", openmoji64.get_config(), (0,), other)

    def test_weights_are_those_of_the_sources(self):
        config = openmoji64.get_config()
        found = {}
        for entry in suite_entries.build_entries("weights", config):
            other = config_lib.changed(config, entry.changes)
            other.validate()
            weights = [stage.patch_weight for stage in other.stages]
            found[entry.name] = other.loss.patch, weights
            self.assertEqual(other.total_kimg, config.total_kimg)
        expected = {
            "none": ("mse", [0.0, 0.0, 0.0]),
            "mse": ("mse", [0.0, 0.01, 0.01]),
            "l2": ("l2", [0.0, 0.01, 0.01]),
            "own": ("mse", [0.0, 10.0, 20.0]),
        }
        self.assertEqual(found, expected)

    def test_another_recipe_stands_beside(self):
        config = openmoji64.get_config()
        other = tiny.get_config()
        *_, entry = suite_entries.build_entries("table1", config, (2,), other)
        self.assertEqual(entry.folder, "tiny_seed2")
        self.assertEqual(entry.config, other)
        self.assertEqual(entry.against, "multi_stage")

    def test_some_of_them(self):
        config = openmoji64.get_config()
        entries = suite_entries.build_entries(
            "table1", config, (0, 1), only=["patch", "image"]
        )
        self.assertEqual([e.name for e in entries], ["image", "patch"] * 2)

    def test_wrong_requests(self):
        config = openmoji64.get_config()
        with self.assertRaisesRegex(ValueError, "`only` must be one of image.*'none'"):
            suite_entries.build_entries("table1", config, only=["none"])
        image = config_lib.changed(config, {"method": "image"})
        with self.assertRaisesRegex(ValueError, "config.method must be.*'image'"):
            suite_entries.build_entries("table1", image)
        with self.assertRaisesRegex(ValueError, "must be a Siren.*'cips'"):
            suite_entries.build_entries("slides", config)

    def test_decay_is_set_where_there_is_a_weight(self):
        config = config_lib.changed(
            openmoji64.get_config(), {"stages.patch_decay": 1.0}
        )
        self.assertEqual([s.patch_decay for s in config.stages], [1, 1, 1])


class SlidesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.config = slides_before.get_config()
        self.entries = suite_entries.build_entries("slides", self.config)
        self.configs = {}
        for entry in self.entries:
            config = config_lib.changed(self.config, entry.changes)
            config.validate()
            self.configs[entry.name] = config

    def test_each_change_is_on_top_of_those_before(self):
        names = [entry.name for entry in self.entries]
        chain = [*names[: names.index("residual") + 1]]
        self.assertEqual(len(chain), 11)  # The slides' list has ten changes.
        for entry, before in zip(self.entries[1:], chain[:-1]):
            self.assertEqual(entry.against, before)
        for entry in self.entries[len(chain) :]:
            self.assertEqual(entry.against, "residual")
        self.assertEqual(self.configs["before"], self.config)
