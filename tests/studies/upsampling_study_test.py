import json
import os
import types
from unittest import mock

import keras
import numpy as np
import pytest
from PIL import Image

from inr_keras import config as config_lib
from inr_keras import rendering
from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from inr_keras.evaluation import extractors
from inr_keras.studies import upsampling_study
from tests import testing
from tests.rendering.generators import small_generator

FACTS = {
    "command": "python -m apps.study --suite=upsampling",
    "machine": "2 cores",
    "date": "2026-11-21",
    "features": "edges.keras",
}


def contrast():
    """A feature extractor that sees how much neighbours differ."""
    inputs = keras.Input((None, None, 3))
    x = keras.ops.cast(inputs, "float32") / 255.0
    steps = keras.ops.abs(x[:, 1:] - x[:, :-1])
    means = [
        keras.layers.GlobalAveragePooling2D()(value)
        for value in (x, steps, keras.ops.square(steps))
    ]
    network = keras.Model(inputs, keras.layers.Concatenate()(means))
    return extractors.Extractor(
        "contrast", "0", lambda images: {"features": network(images)}
    )


class UpsamplingStudyTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.page = self.folder / "docs" / "upsampling.md"
        self.generator = small_generator()
        cache = {"INR_KERAS_CACHE": str(self.folder / "cache")}
        patch = mock.patch.dict(os.environ, cache)
        patch.start()
        self.addCleanup(patch.stop)

    def real_images(self, factor, **kwargs):
        """A folder with the generator's own larger images."""
        renderer = rendering.Renderer(self.generator)
        latents = rendering.latents_from_seeds(range(40), 6)
        images = renderer.render(renderer.styles(latents), 8 * factor)
        folder = self.folder / "real"
        for i, image in enumerate(rendering.to_uint8(images)):
            rendering.save_image(folder / "ab"[i % 2] / f"{i}.png", image)
        return config_lib.Data(source=str(folder), **kwargs)

    def test_images_of_any_shape_are_refused(self):
        data = config_lib.Data(aspect="keep")
        with self.assertRaisesRegex(ValueError, "aspect .* crop.*'keep'"):
            upsampling_study.run(self.generator, data, None, self.page, FACTS)

    def test_prepared_images_that_are_too_small(self):
        source = self.real_images(2).source
        job = preparation.Job(form=framing.Form(resolution=16))
        images = image_inputs.open_input(source)
        preparation.prepare(images, self.folder / "prepared", job)
        data = config_lib.Data(source=str(self.folder / "prepared"))
        with self.assertRaisesRegex(ValueError, "of 32 pixels .* at 16"):
            upsampling_study.run(self.generator, data, None, self.page, FACTS)

    @pytest.mark.slow
    def test_natural_images_win_where_they_should(self):
        files = upsampling_study.run(
            self.generator,
            self.real_images(2),
            contrast(),
            self.page,
            FACTS,
            samples=60,
            factors=(2,),
        )
        text = self.page.read_text()
        self.assertEqual(files[0], self.page)
        self.assertIn("(upsampling/crops_2x.png)", text)
        with Image.open(files[1]) as image:
            # 8 crops of 8 pixels, 16 times each; 5 ways and real images.
            self.assertEqual(image.size, (8 * 130 - 2, 6 * 130 - 2))
        written = json.loads(files[2].read_text())
        found = written["scores"]
        fd = {row["method"]: row["fd"] for row in found}
        ways = ["natural", *upsampling_study.FILTERS]
        self.assertEqual(list(fd), [*ways, upsampling_study.FLOOR])
        for name in upsampling_study.FILTERS:
            self.assertLess(fd["natural"], fd[name], name)
        self.assertEqual(found[0]["real_count"], 40)
        self.assertEqual(found[0]["fake_count"], 60)
        self.assertIn(f"| natural | {fd['natural']:.1f} |", text)
        self.assertIn("is lower than that of the best filter", text)
        self.assertIn("larger by 1 part in 14 at 2x", text)
        record = written["records"][0]
        self.assertEqual(
            (record["method"], record["value"]), ("natural", fd["natural"])
        )
        self.assertEqual(record["passport"]["resolution"], 16)

    @pytest.mark.slow
    def test_images_of_a_run_with_classes(self):
        files = upsampling_study.run(
            self.generator,
            self.real_images(2, labels=True),
            contrast(),
            self.page,
            FACTS,
            samples=16,
            factors=(2,),
        )
        [first, *_] = json.loads(files[2].read_text())["scores"]
        self.assertEqual(first["real_count"], 40)

    @pytest.mark.slow
    def test_ways_to_enlarge(self):
        renderer = rendering.Renderer(self.generator)
        styles = renderer.styles(rendering.latents_from_seeds(range(3), 6))
        ways = upsampling_study.enlarged(self.generator, 3, 0, 24)
        found = {name: way.images(range(3)) for name, way in ways.items()}
        for name, way in ways.items():
            [(first, images)] = way.batches()
            self.assertEqual(first, 0)
            self.assertAllEqual(images, found[name])
        for name, images in found.items():
            self.assertEqual(images.shape, (3, 24, 24, 3), name)
            self.assertEqual(images.dtype, np.uint8, name)
        small = rendering.to_uint8(renderer.render(styles))
        self.assertAllEqual(found["nearest"], small.repeat(3, axis=1).repeat(3, axis=2))
        natural = rendering.to_uint8(renderer.render(styles, 24))
        self.assertAllEqual(found["natural"], natural)
        # Filters keep what is flat and do not shift an image.
        ramp = np.arange(0, 256, 17, "uint8")[None, :16].repeat(16, axis=0)
        ramp = ramp[None, ..., None].repeat(3, axis=-1)
        for name in upsampling_study.FILTERS:
            large = upsampling_study.resized(ramp, 32, name).astype(int)
            means = large.reshape(1, 16, 2, 16, 2, 3).mean((2, 4))
            inner = np.abs(means - ramp)[:, :, 2:-2]
            self.assertLessEqual(inner.max(), 1.0, name)

    def test_grey_generators_are_refused(self):
        grey = types.SimpleNamespace(channels=1, video_length=0, coord_dim=2)
        with self.assertRaisesRegex(ValueError, "`generator` must draw .* of 3 .*1"):
            upsampling_study.run(grey, None, None, self.page, FACTS)
