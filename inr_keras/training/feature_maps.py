"""Feature maps of a pretrained network, for a discriminator."""

import keras
from keras import ops

from inr_keras import extras
from inr_keras.evaluation import efficientnet_lite0

_STRIDES = (4, 8, 16)
_ENLARGEMENT = 4
# Approximate root mean square of such maps, for OpenMoji and for photographs.
_SCALE = 10.0
_FORM = {"data_format": "channels_last"}  # Does not depend on Keras's setting.


@keras.saving.register_keras_serializable(package="inr_keras")
class FeatureMaps(keras.layers.Layer):
    """Feature maps of EfficientNet-Lite0, as further channels of patches.

    The network knows shapes and textures of photographs, so that a discriminator need
    not learn them from a small dataset. Its first blocks see patches enlarged four
    times. Their maps of strides 4, 8 and 16 are projected at random to `filters`
    channels each and resized to the size of the patches. The weights are frozen;
    gradients pass through to the patches.

    In Projected GAN, one discriminator for each scale sees only maps. Here a single
    discriminator sees pixels and maps, because patches are small and pixels matter.

    Args:
        gain: float. Approximate standard deviation of the maps; that of pixels is 0.5
            to 0.7. Defaults to `0.2`.
        filters: int. Channels that each scale is projected to. Defaults to `16`.
        pretrained: bool. Whether to load the pretrained weights; `False`: random
            weights, to be replaced by those of a saved model. Defaults to `True`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        images: Tensor of shape `(batch, side, side, 3)` in [-1, 1], with a side of 4
            or more.

    Returns:
        float32 tensor of shape `(batch, side, side, 3 * filters)`.

    Raises:
        ValueError: There are no pretrained weights; the message says how to get them.

    Example:
        >>> maps = FeatureMaps(pretrained=False)
        >>> tuple(maps(np.zeros((2, 16, 16, 3), "float32")).shape)
        (2, 16, 16, 48)
        >>> discriminator = StyleGAN2Discriminator(16, (8, 8, 8), features=maps)
        >>> patches = discriminator.with_features(np.zeros((4, 16, 16, 3), "float32"))
        >>> tuple(discriminator(patches).shape)
        (4, 1)

    References:
        - [Sauer et al., 2021](https://arxiv.org/abs/2111.01007), Projected GAN.
        - [Tan & Le, 2019](https://arxiv.org/abs/1905.11946).
    """

    def __init__(self, gain=0.2, filters=16, pretrained=True, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32", "trainable": False})
        self.gain = gain
        self.filters = filters
        with keras.name_scope(self.name):  # Paths that tell its weights apart.
            self.trunk = efficientnet_lite0.build_trunk(_STRIDES, pretrained)
        self.trunk.trainable = False
        self.channels = filters * len(_STRIDES)
        self.projections = [
            self.add_weight(
                name=f"projection_{stride}",
                shape=(1, 1, maps.shape[-1], filters),
                initializer=keras.initializers.RandomNormal(
                    stddev=maps.shape[-1] ** -0.5, seed=stride
                ),
                trainable=False,
            )
            for stride, maps in zip(_STRIDES, self.trunk.outputs)
        ]
        self.built = True

    def call(self, images):
        size = images.shape[1:3]
        maps = self.trunk(_resized(images, [_ENLARGEMENT * side for side in size]))
        maps = [ops.conv(each, p, **_FORM) for each, p in zip(maps, self.projections)]
        maps = [
            each if each.shape[1:3] == size else _resized(each, size) for each in maps
        ]
        return ops.concatenate(maps, axis=-1) * (self.gain / _SCALE)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.channels)

    def get_config(self):
        # The file holds the weights.
        config = {"gain": self.gain, "filters": self.filters, "pretrained": False}
        return {**super().get_config(), **config}


def _resized(images, size):
    return ops.image.resize(images, size, **_FORM)


def build(config):
    """Builds the feature maps for the settings; returns `None` if these use none.

    Raises:
        ValueError: See `check`.
    """
    check(config)
    gain = config.discriminator.feature_gain
    return FeatureMaps(gain) if gain else None


def check(config):
    """Refuses settings that need weights that are not there, without loading them.

    Raises:
        ValueError: The weights are missing; the message says how to get them.
    """
    gain = config.discriminator.feature_gain
    if not gain:
        return
    try:
        efficientnet_lite0.check_weights()
    except ValueError as error:
        raise ValueError(
            "`config.discriminator.feature_gain` must be 0 without weights: "
            f"{extras.install('features')}. Received: {gain}"
        ) from error
