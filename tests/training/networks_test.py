import dataclasses

import numpy as np

from configs import hyper_openmoji
from configs import inr_gan_openmoji
from configs import siren_openmoji
from inr_keras import rendering
from inr_keras.benchmarks import timing
from inr_keras.config import ARCHITECTURES
from inr_keras.models import CIPSGenerator
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.models import VideoGenerator
from inr_keras.training import networks
from tests import testing
from tests.training import small


class NetworksTest(testing.TestCase):
    def test_from_settings(self):
        config = small.small_config(dtype="mixed_bfloat16")
        generator = networks.build_generator(config)
        self.assertIsInstance(generator, CIPSGenerator)
        self.assertEqual(generator.latent_dim, config.generator.latent_dim)
        self.assertEqual(generator.resolution, config.resolution)
        self.assertEqual(generator.first.compute_dtype, "bfloat16")
        discriminator = networks.build_discriminator(config)
        self.assertIsInstance(discriminator, StyleGAN2Discriminator)
        self.assertEqual(discriminator.dtype_policy.name, "mixed_bfloat16")

    def test_hypernetworks(self):
        changes = {
            "parametrization": "factorized",
            "rank": 3,
            "coords_layer": "linear",
            "weight_clip": 2.0,
            "remat": True,
        }
        for architecture, basis, more, expected in (
            ("hyper", "fourier", {"fourier_scale": 9.0, "fourier_features": 6}, {}),
            (
                "siren",
                "siren",
                {"siren_omega": 25.0, "siren_init": "slides"},
                {"omega": 25.0, "initialization": "slides"},
            ),
        ):
            config = small.hyper_config(architecture, **changes, **more)
            config.validate()
            generator = networks.build_generator(config)
            self.assertIsInstance(generator, INRHyperNetwork)
            self.assertEqual(generator.basis, basis)
            self.assertEqual(generator.num_layers, 2 + 2 * config.generator.blocks)
            for name, value in {**changes, **(expected or more)}.items():
                self.assertEqual(getattr(generator, name), value, name)

    def test_hypernetworks_of_videos(self):
        config = small.hyper_config()
        config.data = dataclasses.replace(config.data, video_length=3)
        generator = networks.build_generator(config)
        latents = rendering.latents_from_seeds([0], generator.latent_dim)
        rgb = generator(latents, np.zeros((1, 5, 2), "float32"))
        self.assertEqual(rgb.shape, (1, 5, 3 * 3))

    def test_configs_of_hypernetworks(self):
        for module, basis in (
            (hyper_openmoji, "fourier"),
            (siren_openmoji, "siren"),
        ):
            config = module.get_config()
            config.validate()
            generator = networks.build_generator(config)
            self.assertEqual(generator.basis, basis)
            self.assertEqual(generator.resolution, 64)

    def test_classes_of_every_architecture(self):
        for architecture in ARCHITECTURES:
            config = small.small_config(
                generator=dataclasses.replace(small.GENERATORS[architecture])
            )
            config.data.labels = True
            config.data.classes = ("cats", "owls")
            generator = networks.build_generator(config)
            self.assertEqual(generator.class_names, ("cats", "owls"))
            again = type(generator).from_config(generator.get_config())
            self.assertEqual(again.class_names, ("cats", "owls"))
            latents = np.ones((2, generator.latent_dim), "float32")
            points = 1 if generator.draws_any_point else 32**2
            coords = np.zeros((1, points, 2), "float32")
            labels = np.array([0, 1])
            styles = generator.mapping(latents, labels=labels)
            self.assertGreater(np.abs(styles[0] - styles[1]).max(), 1e-4)
            if config.generator.architecture != "inr_gan":  # Points need a grid.
                rgb = generator(latents, coords, labels=labels)
                self.assertEqual(rgb.shape, (2, points, 3))

    def test_channels_and_videos(self):
        config = small.small_config()
        config.data.channels = 1
        config.data.video_length = 4
        generator = networks.build_generator(config)
        self.assertIsInstance(generator, VideoGenerator)
        self.assertEqual(generator.volume.coord_dim, 3)
        self.assertEqual(generator.channels, 4)
        self.assertEqual(len(timing.dense_shapes(generator)) % 4, 0)
        self.assertEqual(networks.build_discriminator(config).image_channels, 4)
        for architecture in ("hyper", "siren"):
            hyper = small.hyper_config(architecture)
            hyper.data = config.data
            hyper.validate()
            generator = networks.build_generator(hyper)
            latents = np.ones((2, generator.latent_dim), "float32")
            coords = np.full((1, 1, 2), 0.3, "float32")
            rgb = generator(latents, coords)
            self.assertEqual(rgb.shape, (2, 1, 4))
            self.assertGreater(np.abs(rgb[..., 0] - rgb[..., 3]).max(), 1e-4)

    def test_sounds_have_the_rate_of_their_data(self):
        config = small.small_config()
        self.assertEqual(networks.build_generator(config).sample_rate, 0)
        config.data.kind, config.data.channels = "sound", 1
        config.data.source, config.data.sample_rate = "sounds", 16000
        self.assertEqual(networks.build_generator(config).sample_rate, 16000)

    def test_residual_weights_reach_every_mapping_network(self):
        for architecture in ARCHITECTURES:
            config = small.small_config(
                generator=dataclasses.replace(small.GENERATORS[architecture])
            )
            config.generator.residual_weight = 0.3
            generator = networks.build_generator(config)
            again = type(generator).from_config(generator.get_config())
            self.assertEqual(again.mapping.residual_weight, 0.3)

    def test_inr_gan_from_settings(self):
        config = small.small_config(dtype="mixed_bfloat16")
        config.generator = inr_gan_openmoji.get_config().generator
        config.generator.embedding_levels = ()
        config.validate()
        generator = networks.build_generator(config)
        self.assertIsInstance(generator, INRGANGenerator)
        for name, value in generator.get_config().items():
            if hasattr(config.generator, name) and name != "fourier_scale":
                self.assertEqual(value, getattr(config.generator, name), name)
        self.assertEqual(generator.resolution, config.resolution)
        self.assertEqual(generator.fourier_scale, 10**0.5)
        self.assertEqual(generator.dense[0][0].compute_dtype, "bfloat16")

    def test_every_architecture_can_be_built(self):
        self.assertEqual(set(networks._GENERATORS), set(ARCHITECTURES))
