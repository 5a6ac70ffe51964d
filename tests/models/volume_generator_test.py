import functools

import numpy as np

from inr_keras.models import CIPSGenerator
from inr_keras.models import SphereGenerator
from inr_keras.models import VideoGenerator
from tests import testing

KINDS = (SphereGenerator, functools.partial(VideoGenerator, video_length=2))


def volume(coord_dim=3):
    return CIPSGenerator(
        latent_dim=4,
        style_dim=5,
        mapping_layers=1,
        width=4,
        blocks=1,
        fourier_features=6,
        embedding_channels=0,
        embedding_size=8,
        class_names=("a", "b"),
        coord_dim=coord_dim,
    )


class VolumeGeneratorTest(testing.TestCase):
    def test_networks_are_those_of_the_volume(self):
        for kind in KINDS:
            inner = volume()
            generator = kind(inner)
            self.assertIs(generator.mapping, inner.mapping)
            self.assertEqual(generator.num_layers, inner.num_layers)
            self.assertEqual(generator.resolution, 8)
            self.assertEqual(generator.class_names, ("a", "b"))
            self.assertEqual(generator.coord_dim, 2)
            count = len(inner.trainable_variables)
            self.assertEqual(len(generator.trainable_variables), count)

    def test_configuration(self):
        points = np.zeros((1, 3, 2), "float32")
        for kind in KINDS:
            generator = kind(volume())
            again = type(generator).from_config(generator.get_config())
            again.set_weights(generator.get_weights())
            styles = np.ones((2, 5), "float32")
            self.assertAllEqual(
                again.synthesis(styles, points), generator.synthesis(styles, points)
            )

    def test_errors(self):
        for kind in KINDS:
            with self.assertRaisesRegex(ValueError, "`coord_dim` of 3.*coord_dim=2"):
                kind(volume(coord_dim=2))
