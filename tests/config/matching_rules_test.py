from configs import openmoji_demo
from configs import stylegan2_openmoji
from inr_keras import config
from tests import testing


class MatchingRulesTest(testing.TestCase):
    def test_matching(self):
        experiment = openmoji_demo.get_config()
        experiment.loss.match_weight = 10.0
        experiment.validate()
        for path, value, rule in (
            ("loss.match_share", 0.0, "above 0 where loss.match_weight is"),
            ("fresh_latents", True, "False where loss.match_weight is set"),
            ("data.aspect", "keep", "crop where loss.match_weight is set"),
            ("data.video_length", 4, "0 where loss.match_weight is set"),
            ("strategy", "multi_worker", "none or mirrored where .*in all workers"),
        ):
            with self.subTest(path, value=value):
                changed = config.changed(experiment, {path: value})
                self.assertRefused(changed, path, rule, value)
        mapless = {"loss.match_features": True, "discriminator.feature_gain": 0.0}
        changed = config.changed(experiment, mapless)
        rule = "False where discriminator.feature_gain is 0"
        self.assertRefused(changed, "loss.match_features", rule, True)
        config.changed(changed, {"loss.match_weight": 0.0}).validate()
        experiment = stylegan2_openmoji.get_config()
        experiment.loss.match_weight = 10.0
        rule = "another one than stylegan2 where loss.match_weight is set"
        self.assertRefused(experiment, "generator.architecture", rule, "stylegan2")
