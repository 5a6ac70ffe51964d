import types

from inr_keras.serving import paces
from tests import testing


class PacesTest(testing.TestCase):
    def test_the_first_call_tells_nothing(self):
        learnt = paces.Paces()
        draw, other = (types.SimpleNamespace(name=n) for n in ("draw", "other"))
        self.assertIsNone(learnt.seconds(draw, 10))
        learnt.observe(draw, 10, 70.0)
        self.assertIsNone(learnt.seconds(draw, 10))
        learnt.observe(draw, 10, 5.0)
        self.assertAllClose(learnt.seconds(draw, 2), 1.0)
        learnt.observe(draw, 100, 1.0)
        self.assertAllClose(learnt.seconds(draw, 100), 1.0)
        learnt.observe(draw, 100, 2.0)  # Others ran beside it.
        self.assertAllClose(learnt.seconds(draw, 100), 1.1)
        self.assertIsNone(learnt.seconds(other, 10))

    def test_brief_calls(self):
        self.assertTrue(paces.is_brief(0.001, 10**6))
        self.assertFalse(paces.is_brief(1.0, 1))
        self.assertTrue(paces.is_brief(None, 1))
        self.assertFalse(paces.is_brief(None, 10**6))
