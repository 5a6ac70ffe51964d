import dataclasses

from inr_keras.config import Data
from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Stage
from inr_keras.config import Watchdog
from inr_keras.config import evaluation_rules
from inr_keras.evaluation import metrics
from tests import testing


class EvaluationRulesTest(testing.TestCase):
    def test_evaluation(self):
        for changes, name, rule in (
            ({"images": -1}, "images", "0, or from 6"),
            ({"images": 5}, "images", "0, or from 6"),
            ({"kimg": -1.0}, "kimg", "zero or more"),
        ):
            experiment = Experiment(evaluation=Evaluation(**changes))
            path = f"evaluation.{name}"
            self.assertRefused(experiment, path, rule, changes[name])
        unknown = Experiment(evaluation=Evaluation(metrics=("swd", "fdi")))
        self.assertRefused(unknown, "evaluation.metrics", "of swd, fid", "fdi")
        none = Experiment(evaluation=Evaluation(metrics=()))
        self.assertRefused(none, "evaluation.metrics", "of swd, fid", "")

    def test_measure(self):
        for best_by in ("fid", "diversity", ""):
            wanted = Evaluation(images=8, best_by=best_by)
            self.assertRefused(
                Experiment(evaluation=wanted),
                "evaluation.best_by",
                "a score of evaluation.metrics \\(swd\\)",
                best_by,
            )
        wanted = Evaluation(images=8, metrics=("pr",), best_by="recall")
        Experiment(evaluation=wanted).validate()
        self.assertEqual(evaluation_rules.better("recall"), "higher")
        self.assertEqual(evaluation_rules.better("swd"), "lower")

    def test_images(self):
        wanted = Evaluation(images=8)
        video = Experiment(evaluation=wanted, data=Data(video_length=4))
        self.assertRefused(video, "evaluation.images", "video_length", 8)
        grey = Experiment(evaluation=wanted, data=Data(channels=1))
        grey.validate()
        odd = Experiment(evaluation=wanted, resolution=192)
        rule = "without swd where resolution \\(192\\)"
        self.assertRefused(odd, "evaluation.metrics", rule, wanted.metrics)
        fit = dataclasses.replace(wanted, metrics=("kid",), best_by="kid")
        one = (Stage(),)
        Experiment(evaluation=fit, resolution=192, stages=one).validate()

    def test_watchdog(self):
        for changes, rule in (
            ({"action": "bark"}, "one of off, warn, stop, roll_back"),
            ({"action": "roll_back"}, "evaluation.images is 0"),
            ({"max_roll_backs": 0}, "positive"),
            ({"rate_factor": 1.5}, "above 0 and at most 1"),
        ):
            [(name, value)] = changes.items()
            experiment = Experiment(watchdog=Watchdog(**changes))
            self.assertRefused(experiment, f"watchdog.{name}", rule, value)
        for action in ("stop", "roll_back"):
            experiment = Experiment(
                evaluation=Evaluation(images=8),
                watchdog=Watchdog(action=action),
            )
            experiment.validate()
            experiment.strategy = "mirrored"
            self.assertRefused(experiment, "watchdog.action", "off or warn", action)

    def test_metrics_are_those_of_evaluations(self):
        self.assertLessEqual(set(evaluation_rules.SCORES), set(metrics.METRICS))
