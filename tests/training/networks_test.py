from inr_keras import validation
from inr_keras.models import CIPSGenerator
from inr_keras.models import StyleGAN2Discriminator
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

    def test_every_architecture_can_be_built(self):
        self.assertEqual(
            set(networks._GENERATORS), set(validation.ARCHITECTURES)
        )
        config = small.small_config()
        config.generator.architecture = "vit"
        with self.assertRaisesRegex(ValueError, "generator.architecture must"):
            config.validate()
