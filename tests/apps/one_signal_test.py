import numpy as np
import pytest
from PIL import Image

from apps import one_signal
from inr_keras.models import INR
from tests.apps import running


class OneSignalTest(running.TestCase):
    @pytest.mark.slow
    def test_a_map_of_a_picture_that_is_not_square(self):
        folder = self.temporary_folder()
        signal = {"kind": "picture", "size": [12, 8], "extent": [1.0, 2 / 3]}
        INR(2, 3, 4, 2, (1.0, 1.0), "sine", signal).save(folder / "i.keras")
        np.save(folder / "map.npy", np.zeros((5, 7, 2), "float32"))
        process = running.run_app(
            "generate",
            f"--model={folder / 'i.keras'}",
            f"--surface={folder / 'map.npy'}",
            f"--out={folder / 'a.png'}",
        )
        self.assertSucceeded(process)
        with Image.open(folder / "a.png") as image:
            self.assertEqual(image.size, (7, 5))

    def test_errors_name_flags(self):
        folder = self.temporary_folder()
        signal = {"kind": "film", "size": [4, 2, 3], "extent": [1.0, 0.5], "rate": 8}
        INR(3, 3, 4, 2, (1.0,) * 3, "sine", signal).save(folder / "i.keras")
        for app, name, flag, text in (
            ("generate", "a.txt", "--size=8", "--out must end in .mp4"),
            ("animate", "a.txt", "--size=8", "--out must end in .mp4"),
            ("animate", "a.gif", "--fps=60", "--fps must be at most 50"),
            ("animate", "a.gif", "--size=1000000", "--size must leave at most"),
        ):
            process = running.run_app(
                app,
                f"--model={folder / 'i.keras'}",
                f"--out={folder / name}",
                flag,
            )
            self.assertRefused(process, text)

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
