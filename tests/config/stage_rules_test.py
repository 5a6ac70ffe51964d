from inr_keras.config import Experiment
from inr_keras.config import Stage
from tests import testing


class StagesTest(testing.TestCase):
    def test_stages(self):
        for stages, path, rule, value in (
            ((), "stages", "at least one", ()),
            ((Stage(4, kimg=0),), "stages[0].kimg", "positive", 0),
            (
                (Stage(4), Stage(2, patch_weight=-0.5)),
                "stages[1].patch_weight",
                "zero or more",
                -0.5,
            ),
            ((Stage(0),), "stages[0].stride", "a divisor", 0),
            (
                (Stage(4), Stage(3)),
                "stages[1].stride",
                r"a divisor of resolution \(256\)",
                3,
            ),
            ((Stage(8),), "stages[0].stride", r"at most .* \(4\)", 8),
            (
                (Stage(4, patch_weight=0.1),),
                "stages[0].patch_weight",
                "no coarser stage stands before",
                0.1,
            ),
            (
                (Stage(2), Stage(4, patch_weight=0.1)),
                "stages[1].patch_weight",
                "no coarser stage stands before",
                0.1,
            ),
            (
                (Stage(2), Stage(2, patch_weight=0.1)),
                "stages[1].patch_weight",
                "same stride",
                0.1,
            ),
        ):
            with self.subTest(path=path, rule=rule):
                experiment = Experiment(stages=stages)
                self.assertRefused(experiment, path, rule, value)

    def test_a_patch_that_the_stage_before_cannot_cover(self):
        # 16 coarse strides in a patch of 8: less than a coarse sample.
        stages = (Stage(16), Stage(1, patch_weight=0.1))
        experiment = Experiment(resolution=128, patch_size=8, stages=stages)
        with self.assertRaisesRegex(ValueError, r"config\.stages\[1\]"):
            experiment.validate()

    def test_random_strides_and_dense_patches(self):
        free = Stage(1, random_stride=True, dense_weight=1.0)
        Experiment(stages=(Stage(4, dense_weight=1.0), free)).validate()
        for changes, path, rule, value in (
            (
                {"resolution": 64},
                "stages[0].random_stride",
                "False without a coarser grid",
                True,
            ),
            (
                {"replay_every": 2},
                "replay_every",
                "0 where a stage's random_stride is set",
                2,
            ),
        ):
            experiment = Experiment(stages=(free,), **changes)
            self.assertRefused(experiment, path, rule, value)
        for stage, name, rule, value in (
            (
                Stage(1, patch_weight=0.5, random_stride=True),
                "patch_weight",
                "0 where the stage's random_stride is set",
                0.5,
            ),
            (Stage(1, dense_weight=0.5), "dense_weight", "are dense", 0.5),
            (Stage(1, dense_weight=-0.5), "dense_weight", "zero or more", -0.5),
        ):
            experiment = Experiment(stages=(Stage(2), stage))
            self.assertRefused(experiment, f"stages[1].{name}", rule, value)
