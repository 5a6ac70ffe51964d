"""Base of generators whose points are read in an INR of three axes."""

import keras

from inr_keras.models.inr_generator import INRGenerator


class VolumeGenerator(INRGenerator):
    """Base class of generators of images that evaluate an INR of three coordinates.

    A subclass calls `read_volume` in its constructor and defines `synthesis`.

    Attributes:
        volume: INRGenerator with a `coord_dim` of 3, such as `CIPSGenerator`. Its
            mapping network, embedding and layers are the generator's.
    """

    def read_volume(self, volume, channels, **kwargs):
        """Calls the base constructor with the arguments of `volume`.

        Args:
            volume: INRGenerator.
            channels: int. Colour channels of the images.
            **kwargs: Base model arguments, such as `name` and `dtype`.

        Raises:
            ValueError: `volume` has another number of axes.
        """
        if volume.coord_dim != 3:
            raise ValueError(
                "`volume` must have a `coord_dim` of 3. "
                f"Received: coord_dim={volume.coord_dim}"
            )
        INRGenerator.__init__(
            self,
            volume.latent_dim,
            volume.style_dim,
            channels,
            volume.resolution,
            volume.alignment,
            volume.class_names,
            **kwargs,
        )
        self.volume = volume
        self.built = True

    @property
    def mapping(self):
        return self.volume.mapping

    @property
    def embedding(self):
        return self.volume.embedding

    @property
    def num_layers(self):
        return self.volume.num_layers

    def get_config(self):
        volume = keras.saving.serialize_keras_object(self.volume)
        return {**super().get_config(), "volume": volume}

    @classmethod
    def from_config(cls, config):
        volume = keras.saving.deserialize_keras_object(config["volume"])
        return cls(**{**config, "volume": volume})
