import dataclasses
import math

import numpy as np
import pytest
import scipy.io.wavfile
from PIL import Image

from inr_keras.config import CIPS
from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Stage
from inr_keras.data import film_files
from inr_keras.training import build
from inr_keras.training import signal_images
from inr_keras.training.patches import batches
from tests import testing

SIZES = {"sound": 256, "solid": 16, "panorama": 32}


def small_config(kind):
    size = SIZES[kind]
    flat = kind == "panorama"
    patch = size // 2
    return Experiment(
        resolution=size,
        patch_size=patch,
        alignment="center",
        batch_size=4,
        stages=(
            Stage(stride=2, kimg=0.004),
            Stage(stride=1, kimg=0.004, patch_weight=1.0),
        ),
        generator=CIPS(
            latent_dim=8,
            style_dim=8,
            mapping_layers=1,
            width=8,
            blocks=1,
            fourier_features=8,
            fourier_scale=3.0,
            embedding_channels=0,
        ),
        discriminator=Discriminator(channels=(4,) * (int(math.log2(patch)) - 1)),
        data=Data(
            kind=kind,
            source="sounds" if kind == "sound" else "openmoji",
            channels=3 if flat else 1,
            flip=flat,
        ),
        evaluation=Evaluation(images=0),
        sample_count=2,
    )


class SignalImagesTest(testing.TestCase):
    @pytest.mark.slow
    def test_steps_and_files_of_each_kind(self):
        for kind, size in SIZES.items():
            with self.subTest(kind):
                config = small_config(kind)
                config.validate()
                folder = self.temporary_folder()
                gan = build.gan_at_stage(config)
                before = [np.array(w) for w in gan.generator.trainable_variables]
                terms = gan.train_step(batches.random_item(config))
                self.assertTrue(all(math.isfinite(float(v)) for v in terms.values()))
                changes = [
                    np.abs(a - b).max()
                    for a, b in zip(before, gan.generator.trainable_variables)
                ]
                self.assertGreater(min(changes), 0.0)
                draw = signal_images.run_images_of(gan, config, folder)
                draw.samples(0)
                draw.stage(0), draw.stage(1)
                files = {path.name: path for path, _ in draw.final()}
                side = (128, 64) if kind == "panorama" else (128, 128)
                sheet = Image.open(files[f"final_{size}.png"])
                self.assertEqual(sheet.size, (2 * side[0], side[1]))
                self.assertIn("stages.png", files)
                if kind == "sound":
                    rate, samples = scipy.io.wavfile.read(files["final_256.wav"])
                    self.assertEqual((rate, len(samples)), (8000, 2 * 256 + 800))
                else:
                    name = "globes" if kind == "panorama" else "final_16"
                    film, _ = film_files.read_film(files[f"{name}.webp"])
                    self.assertEqual(len(film), 36)

    def test_what_is_for_images_alone_is_refused(self):
        for kind, name, value, message in (
            ("sound", "data.flip", True, "data.flip must be False"),
            ("solid", "data.channels", 3, "data.channels must be 1"),
            ("panorama", "augment", ("color",), "augment must be empty"),
            ("panorama", "alignment", "corner", "alignment must be center"),
            ("solid", "alignment", "corner", "alignment must be center"),
            ("sound", "data.source", "openmoji", "data.source must be"),
            ("solid", "data.source", "sounds", "data.source must be"),
            ("sound", "data.reduction", "antialias", "data.reduction must be"),
            ("solid", "data.video_length", 4, "data.video_length must be 0"),
        ):
            config = small_config(kind)
            target, field = config, name
            if "." in name:
                part, field = name.split(".")
                target = getattr(config, part)
            setattr(target, field, value)
            with self.assertRaisesRegex(ValueError, f"config.{message}.*kind"):
                config.validate()
        config = dataclasses.replace(small_config("sound"), data=Data(source="sounds"))
        with self.assertRaisesRegex(ValueError, "data.source.*kind is image"):
            config.validate()
