"""Generator of panoramas: an INR of three axes, read on the unit sphere."""

import keras

from inr_keras import coordinates
from inr_keras.models.volume_generator import VolumeGenerator


@keras.saving.register_keras_serializable(package="inr_keras")
class SphereGenerator(VolumeGenerator):
    """Generator of equirectangular panoramas that reads an INR on the unit sphere.

    For training and rendering it is a generator of images, where x is the longitude and
    y the latitude. The INR receives them as directions: x = -1 and x = 1 are the same
    meridian, so that images have no seam, and each pole is a single point. `volume`
    draws other views of the sphere, such as the faces of a cube; see
    `rendering.surfaces`.

    Args:
        volume: INRGenerator with a `coord_dim` of 3, such as `CIPSGenerator`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch or 1, points, 2)`, see
            `coordinates.directions`.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Passed to `volume`.
        labels: With classes, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`.

    Raises:
        ValueError: The `coord_dim` of `volume` is not 3.

    Example:
        >>> volume = CIPSGenerator(
        ...     latent_dim=8, style_dim=16, mapping_layers=2, width=16, blocks=2,
        ...     fourier_features=8, embedding_channels=8, embedding_size=8, coord_dim=3,
        ... )
        >>> generator = SphereGenerator(volume)
        >>> ends = np.array([[[-1.0, 0.2], [1.0, 0.2]]], "float32")  # One meridian.
        >>> left, right = generator(keras.random.normal((1, 8)), ends)[0]
        >>> np.allclose(left, right, atol=1e-4)
        True

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), for panoramas
          on a cylinder.
    """

    wraps = True

    def __init__(self, volume, **kwargs):
        self.read_volume(volume, volume.channels, **kwargs)
        self.noise = volume.noise

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of points of the sphere by longitude and latitude."""
        directions = coordinates.directions(coords)
        return self.volume.synthesis(styles, directions, noise, training=training)
