from apps import one_signal
from tests import testing


class OneSignalTest(testing.TestCase):
    def test_rates(self):
        for text, rate in (
            (None, 22050),
            ("2", 44100),
            ("0.5", 11025),
            ("100", 2205000),
            ("16000", 16000),
        ):
            self.assertEqual(one_signal.parse_rate(text, 22050), rate)
        for text in ("0", "-1", "2x", "", "nan", "1e4", "9999999"):
            with self.assertRaisesRegex(ValueError, "--rate must be .*Received"):
                one_signal.parse_rate(text, 22050)
