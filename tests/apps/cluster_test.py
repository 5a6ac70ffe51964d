import json

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import class_file
from tests.apps import running

TINY = "--config=configs/tiny.py"


@pytest.mark.slow
class ClusterTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.images = self.folder / "images"
        (self.images / "more").mkdir(parents=True)
        for number in range(9):
            image = np.full((16, 16, 3), (10 * number, 200 * (number > 5), 0), "uint8")
            place = self.images / "more" if number % 2 else self.images
            Image.fromarray(image).save(place / f"{number}.png")
        self.out = self.folder / "kinds.json"

    def cluster(self, *arguments):
        return running.run_app(
            "cluster",
            TINY,
            f"--config.data.source={self.images}",
            "--features=pixels",
            *arguments,
        )

    def test_similar_images_become_classes_that_can_be_trained_on(self):
        (self.images / "broken.png").write_bytes(b"no image")
        process = self.cluster("--clusters=2", f"--out={self.out}")
        self.assertSucceeded(process)
        self.assertIn("9 images in classes of 6, 3\n", process.stdout)
        expected = {
            "class_1": ["0.png", "2.png", "4.png"]
            + ["more/1.png", "more/3.png", "more/5.png"],
            "class_2": ["6.png", "8.png", "more/7.png"],
        }
        self.assertEqual(json.loads(self.out.read_text()), expected)
        self.assertEqual(class_file.read(self.out)[0], ("class_1", "class_2"))
        process = self.cluster("--clusters=3", f"--out={self.out}")
        self.assertRefused(process, "--out must be new", self.out)
        with Image.open(self.folder / "kinds.png") as sheet:
            self.assertEqual(sheet.size, (16 * 32, 2 * 32))
            first, second = np.array(sheet)[16::32, 16::32, 1]
            self.assertAllEqual(first, [0] * 6 + [255] * 10)
            self.assertAllEqual(second, [200] * 3 + [255] * 13)
        process = running.run_app(
            "train",
            TINY,
            f"--workdir={self.folder / 'run'}",
            f"--config.data.source={self.images}",
            "--config.data.labels=true",
            f"--config.data.class_file={self.out}",
            *(f"--config.stages[{i}].kimg=0.004" for i in range(3)),
            before=running.EAGERLY,
        )
        self.assertSucceeded(process)
        config = json.loads((self.folder / "run" / "config.json").read_text())
        self.assertEqual(config["data"]["classes"], ["class_1", "class_2"])

    def test_bad_input(self):
        out = f"--out={self.out}"
        for arguments, texts in {
            ("--clusters=10", out): ("--clusters must be at most", "(9)", "10"),
            ("--clusters=1", out): ("flag --clusters=1", ">= 2"),
            ("--out=kinds.txt",): ("--out must end in .json", "kinds.txt"),
            (f"--out={self.folder}",): ("--out must be a file",),
            (out, "--features=none"): ("--features must be", "none"),
            (out, "--config.data.source=tfds:mnist"): ("data.source", "tfds:mnist"),
            (out, "--config.data.video_length=4"): ("--config must be of images",),
        }.items():
            with self.subTest(arguments):
                self.assertRefused(self.cluster(*arguments), *texts)
        self.assertEqual(list(self.folder.iterdir()), [self.images])
