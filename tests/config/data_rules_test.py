import dataclasses

from inr_keras.config import Experiment
from tests import testing


class ImageRulesTest(testing.TestCase):
    def assertRefused(self, rule, **changes):
        config = Experiment()
        for path, value in changes.items():
            part, name = path.split("__")
            target = getattr(config, part) if part else config
            setattr(target, name, value)
        with self.assertRaisesRegex(ValueError, rule) as caught:
            config.validate()
        self.assertNotIn("\n", str(caught.exception))

    def test_rules(self):
        fail = self.assertRefused
        fail("channels must be 1, 3 or 4. Received: 2", data__channels=2)
        fail("channels must be 1 or 3 where .*openmoji", data__channels=4)
        fail("motion must be one of spin, pulse", data__motion="jump")
        fail("video_length must be 0, or from 2. Received: 1", data__video_length=1)
        fail("video_length must be 0, or from 2. Received: -2", data__video_length=-2)
        fail("aspect must be one of crop, keep.*'b'", data__aspect="b")
        keep = {"data__aspect": "keep"}
        fail(
            "aspect must be crop where data.video_length", **keep, data__video_length=4
        )
        fail("aspect must be crop where data.den", **keep, data__density="map")
        fail("classes must be empty", data__classes=("a",))
        fail(
            "video_length must be 0 where", data__video_length=2, generator__noise=True
        )
        fail(
            "stored_levels must be false where",
            data__stored_levels=True,
            data__reduction="nearest",
        )

    def test_good(self):
        config = Experiment()
        for changes in (
            {"channels": 1},
            {"channels": 4, "source": "folder"},
            {"aspect": "keep", "trim": True},
            {"video_length": 8, "motion": "pulse"},
        ):
            config.data = dataclasses.replace(Experiment().data, **changes)
            config.validate()
        self.assertEqual(config.data.image_channels, 24)
