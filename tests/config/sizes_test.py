import functools

from inr_keras import config
from inr_keras.config import Experiment
from tests import testing


class SizesTest(testing.TestCase):
    def test_what_no_memory_holds(self):
        changed = functools.partial(config.changed, Experiment())
        for path in ("resolution", "generator.embedding_size"):
            experiment = changed({path: 2**16})
            rule = "at most 32768 where data.kind is image"
            self.assertRefused(experiment, path, rule, 2**16)
        levels = (16, 2**16)
        path = "generator.embedding_levels"
        self.assertRefused(changed({path: levels}), path, "at most 32768", levels)
        # 48 samples at 8192x8192, but no 10,000 at 1024x1024.
        large = {"resolution": 8192, "evaluation.images": 0}
        changed(large).validate()
        changes = {"resolution": 1024, "sample_count": 10000}
        rule = "at most 5461, as a sheet is held in memory"
        self.assertRefused(changed(changes), "sample_count", rule, 10000)
        # One image of such videos is more than a sheet may hold.
        videos = {"data.video_length": 1024, "resolution": 4096}
        rule = "of images of at most 17179869184 numbers"
        self.assertRefused(changed(videos), "resolution", rule, 4096)
