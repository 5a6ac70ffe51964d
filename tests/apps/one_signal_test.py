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

    def test_a_film_keeps_its_length(self):
        signal = {"rate": 5.0, "size": (8, 8, 6)}
        self.assertEqual(one_signal.film_rate(signal, 6, "a.webp"), 5.0)
        self.assertEqual(one_signal.film_rate(signal, 12, "a.webp"), 10.0)
        self.assertEqual(one_signal.film_rate(signal, 120, "a.GIF"), 50.0)
        self.assertEqual(one_signal.film_rate(signal, 600, "a.mp4"), 240.0)
