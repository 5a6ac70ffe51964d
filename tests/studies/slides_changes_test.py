from configs import slides_before
from inr_keras import config as config_lib
from inr_keras.studies import suite_entries
from inr_keras.training import networks
from tests import testing


class SlidesChangesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.config = slides_before.get_config()
        self.entries = suite_entries.build_entries("slides", self.config)
        self.configs = {}
        for entry in self.entries:
            config = config_lib.changed(self.config, entry.changes)
            config.validate()
            self.configs[entry.name] = config

    def changed_fields(self, name):
        """Fields in which an entry differs from the entry that it is compared with."""
        (entry,) = [e for e in self.entries if e.name == name]
        pair = self.configs[entry.against], self.configs[name]
        return {field: after for field, _, after in config_lib.differences(*pair)}

    def test_the_list_in_the_slides_proportions(self):
        for name, expected in {
            "average": {"ema_half_life_kimg": 1.0},
            "r1": {
                "loss.gp_weight": 0.0,
                "loss.r1_weight": 10.0,
                "loss.r1_interval": 8,
            },
            "one_to_one": {"discriminator_steps": 1},
            "batch": {"batch_size": 8},
            "wide": {"generator.width": 64, "generator.fourier_features": 64},
            "factorized_se": {"generator.parametrization": "factorized_se"},
            "non_saturating": {"loss.adversarial": "logistic"},
            "residual": {"generator.residual_weight": 0.1},
            "deep": {"generator.blocks": 4},
            "discriminator": {"discriminator.channels": (28, 55, 83)},
            "heads": {
                "generator.mapping_layers": 3,
                "generator.style_dim": 128,
                "generator.head_layers": 3,
                "generator.head_width": 64,
            },
            "clipped": {"generator.weight_clip": 2.0},
        }.items():
            self.assertEqual(self.changed_fields(name), expected, name)
        # From 0.002 / 0.0002 to 0.0001 / 0.0002: only G's rate changes.
        before, after = (self.configs[name].optimizer for name in ("batch", "rates"))
        self.assertAlmostEqual(
            before.learning_rate, 10 * before.discriminator_learning_rate
        )
        self.assertAlmostEqual(
            2 * after.learning_rate, after.discriminator_learning_rate
        )
        self.assertIsInstance(self.configs["fourier"].generator, config_lib.Hyper)

    def test_a_wider_discriminator_has_three_times_the_parameters(self):
        counts = [
            networks.build_discriminator(self.configs[name]).count_params()
            for name in ("residual", "discriminator")
        ]
        self.assertAllClose(counts[1] / counts[0], 3.0, rtol=0.05)
