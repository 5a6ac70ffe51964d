from inr_keras import config
from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing


class DiscriminatorRulesTest(testing.TestCase):
    def test_context(self):
        experiment = config.changed(Experiment(), {"discriminator.context": True})
        experiment.validate()
        cases = (
            ("replay_every", 2, "0 where discriminator.context"),
            ("data.aspect", "keep", "crop where discriminator.context"),
        )
        for path, value, rule in cases:
            changed = config.changed(experiment, {path: value})
            self.assertRefused(changed, path, rule, value)
        stages = (Stage(4, dense_weight=0.5),)
        changed = config.changed(experiment, {"stages": stages})
        rule = "0 where discriminator.context"
        self.assertRefused(changed, "stages[0].dense_weight", rule, 0.5)
        stages = (Stage(2), Stage(4))
        changed = config.changed(experiment, {"stages": stages})
        self.assertRefused(
            changed, "stages[1].stride", "the stage before is coarser", 4
        )

    def test_colours_are_augmented_where_all_channels_are_one(self):
        changes = {"augment": ("color",), "data.source": "photographs"}
        experiment = config.changed(Experiment(), changes)
        experiment.validate()
        for path, value in (
            ("data.channels", 4),
            ("data.video_length", 4),
            ("discriminator.context", True),
        ):
            changed = config.changed(experiment, {path: value})
            rule = f"without color where {path} is"
            self.assertRefused(changed, "augment", rule, ("color",))

    def test_features(self):
        experiment = config.changed(Experiment(), {"discriminator.feature_gain": 0.2})
        experiment.validate()
        where = "where discriminator.feature_gain is set"
        for path, value, rule in (
            ("discriminator.context", True, "False"),
            ("data.channels", 1, "3"),
            ("data.video_length", 4, "0"),
            ("augment", ("color", "translation"), "without color"),
        ):
            with self.subTest(path):
                changed = config.changed(experiment, {path: value})
                self.assertRefused(changed, path, f"{rule} {where}", value)
        config.changed(experiment, {"augment": ("translation",)}).validate()
        changed = config.changed(experiment, {"data.kind": "sound"})
        rule = "0.0 where data.kind is sound"
        self.assertRefused(changed, "discriminator.feature_gain", rule, 0.2)
