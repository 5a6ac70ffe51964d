"""StyleGAN2's residual discriminator."""

import math

import keras
from keras import ops

from inr_keras.layers import Blur
from inr_keras.layers import EqualizedConv
from inr_keras.layers import EqualizedDense
from inr_keras.layers import LabelProjection
from inr_keras.layers import MinibatchStddev
from inr_keras.layers import precision
from inr_keras.naming import renaming


@keras.saving.register_keras_serializable(package="inr_keras")
class ResidualDown(keras.layers.Layer):
    """Residual block that halves the image and blurs it before each stride.

    Args:
        filters: int. Output channels.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, *sides, channels)`, of two sides for images.

    Returns:
        Tensor of shape `(batch, *sides / 2, filters)`.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, inputs_shape):
        dtype = self.dtype_policy
        channels = inputs_shape[-1]
        self.conv_1 = EqualizedConv(channels, 3, dtype=dtype, name="conv_1")
        self.blur = Blur(padding=2, dtype=dtype, name="blur")
        self.conv_2 = EqualizedConv(
            self.filters,
            3,
            strides=2,
            padding="valid",
            dtype=dtype,
            name="conv_2",
        )
        # Only the pixels that the 1x1 convolution reads, every second one, are
        # blurred.
        self.skip_blur = Blur(padding=1, stride=2, dtype=dtype, name="skip_blur")
        self.skip = EqualizedConv(
            self.filters,
            1,
            use_bias=False,
            activation=None,
            dtype=dtype,
            name="skip",
        )
        # Layers without weights are built too: `fit` under a distribution strategy
        # calls a model whose layers are not all built.
        for layer in (
            self.conv_1,
            self.blur,
            self.conv_2,
            self.skip_blur,
            self.skip,
        ):
            layer.build(inputs_shape)

    def call(self, inputs):
        x = self.conv_2(self.blur(self.conv_1(inputs)))
        return (x + self.skip(self.skip_blur(inputs))) * math.sqrt(0.5)

    def compute_output_shape(self, inputs_shape):
        batch, *sides, _ = inputs_shape
        halves = (side and side // 2 for side in sides)
        return (batch, *halves, self.filters)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable(package="inr_keras")
class StyleGAN2Discriminator(keras.Model):
    """Residual discriminator of StyleGAN2, with blur and minibatch deviation.

    Args:
        image_size: int. Side of the images, or patches: a power of two from
            8.
        channels: tuple of ints. Channels at `image_size`, half of it, and so on
            down to 4, as in StyleGAN2, or on to 2 or 1, as in MS-patch's public
            code, which makes a discriminator of 256 x 256 for patches of 64 x 64.
            Defaults to `()`: `min(channel_base / size, channel_max)`, down to 4.
        channel_base: int. See `channels`. Defaults to `32768`.
        channel_max: int. See `channels`. Defaults to `512`.
        stddev_group: int. See `MinibatchStddev`. Defaults to `4`.
        image_channels: int. Colour channels. Defaults to `3`.
        position: bool. Whether a patch's place is an input, as more channels.
            Defaults to `False`.
        classes: int. Number of classes. If it is not 0, the projection of the last
            features on the label's vector is added to the logit. Defaults to `0`.
        axes: int. Axes of the images: 1 for sounds, 2, or 3 for volumes. Defaults to
            `2`.
        features: Layer from images to `features.channels` maps of the images' size,
            which become further input channels, such as `FeatureMaps`. Defaults to
            `None`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        images: Tensor of shape `(batch, image_size, image_size,
            image_channels)` in [-1, 1], with as many sides as `axes`. With
            `features`, the output of `with_features` for such a tensor.
        place: With `position`, tensor of shape `(batch or 1, image_size,
            image_size, axes + 1)`: x, y and the binary logarithm of the distance
            between neighbours.
        labels: With `classes`, int tensor of shape `(batch,)`.

    Returns:
        Logits of shape `(batch, 1)`, float32.

    Raises:
        ValueError: `image_size` is not a power of two from 8, `channels` has a wrong
            length, or `labels` are missing with classes or given without.

    Example:
        >>> discriminator = StyleGAN2Discriminator(image_size=16, channels=(8, 16, 16))
        >>> tuple(discriminator(np.zeros((4, 16, 16, 3), "float32")).shape)
        (4, 1)

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 4.1.
        - [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637), for
          `classes`.
    """

    def __init__(
        self,
        image_size,
        channels=(),
        channel_base=32768,
        channel_max=512,
        stddev_group=4,
        image_channels=3,
        position=False,
        classes=0,
        axes=2,
        features=None,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        if image_size < 8 or image_size & (image_size - 1):
            raise ValueError(
                f"`image_size` must be a power of two from 8. Received: {image_size=}"
            )
        sizes = [image_size >> i for i in range(int(math.log2(image_size)) - 1)]
        widths = list(channels) or [
            max(1, min(channel_base // size, channel_max)) for size in sizes
        ]
        if not 0 <= len(widths) - len(sizes) <= 2:
            raise ValueError(
                f"`channels` must give a width for each of the sizes {sizes}, and may "
                f"go on to 2 and 1. Received: {channels=}"
            )
        self._last_size = 4 >> len(widths) - len(sizes)
        self.image_size = image_size
        self.channels = tuple(channels)
        self.channel_base = channel_base
        self.channel_max = channel_max
        self.stddev_group = stddev_group
        self.image_channels = image_channels
        self.position = position
        self.classes = classes
        self.axes = axes
        self.features = features

        dtype = self.dtype_policy
        # Half precision would round neighbouring places to one.
        first = "float32" if position else dtype
        self.from_rgb = EqualizedConv(widths[0], 1, dtype=first, name="from_rgb")
        self.down = [
            ResidualDown(width, dtype=dtype, name=f"down_{size}")
            for size, width in zip([*sizes, 2], widths[1:])
        ]
        with renaming({"group_size": "stddev_group"}):
            self.stddev = MinibatchStddev(stddev_group, dtype=dtype, name="stddev")
        self.conv = EqualizedConv(widths[-1], 3, dtype=dtype, name="conv")
        self.dense = EqualizedDense(
            widths[-1], activation="leaky_relu", dtype=dtype, name="dense"
        )
        self.logits = EqualizedDense(1, dtype="float32", name="logits")
        if classes:
            self.projection = LabelProjection(
                classes, dtype="float32", name="projection"
            )
        self._widths = widths
        self.build()

    def build(self, images_shape=None, place_shape=None):
        if self.built:
            return
        seen = self.image_channels + (self.features.channels if self.features else 0)
        channels = seen + (self.axes + 1 if self.position else 0)
        sides = (None, *(self.image_size,) * self.axes)
        self.input_spec = keras.layers.InputSpec(shape=(*sides, seen))
        self.from_rgb.build((*sides, channels))
        shape = (*sides, self._widths[0])
        for layer in self.down:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        last = self._widths[-1]
        self.stddev.build(shape)
        self.conv.build((*shape[:-1], last + 1))
        self.dense.build((None, self._last_size**self.axes * last))
        self.logits.build((None, last))
        if self.classes:
            self.projection.build((None, last))
        self.built = True

    def with_features(self, images):
        """Appends the maps of `features`, if any, to images as more channels.

        The maps are computed once for the losses of both networks. Gradient penalties
        treat them as inputs.

        Args:
            images: Tensor of shape `(batch, side, side, image_channels)` in [-1, 1].

        Returns:
            Tensor `(batch, side, side, image_channels + features.channels)`; `images`
            without `features`.
        """
        if self.features is None:
            return images
        maps = ops.cast(self.features(images), images.dtype)
        return ops.concatenate([images, maps], axis=-1)

    def call(self, images, place=None, labels=None):
        if (labels is not None) != bool(self.classes):
            raise ValueError(
                "`labels` must be given where there are `classes`, and only "
                f"there. Received: labels={labels}, classes={self.classes}"
            )
        if (place is not None) != self.position:
            raise ValueError(
                "`place` must be given where `position` is true, and only there. "
                f"Received: place={place}, position={self.position}"
            )
        if self.position:
            size = (ops.shape(images)[0], *place.shape[1:])
            parts = images, ops.broadcast_to(place, size)
            parts = [ops.cast(part, "float32") for part in parts]
            images = ops.concatenate(parts, axis=-1)
        x = self.from_rgb(images)
        for layer in self.down:
            x = layer(x)
        x = self.conv(self.stddev(x))
        x = ops.reshape(x, (-1, self._last_size**self.axes * self._widths[-1]))
        x = self.dense(x)
        logits = self.logits(x)
        if self.classes:
            logits = logits + self.projection(x, labels)
        return logits

    def compute_output_shape(self, images_shape, place_shape=None, labels_shape=None):
        # JAX cannot compute groups of images whose number is unknown.
        return (images_shape[0], 1)

    def compute_output_spec(self, images, place=None, labels=None):
        # Keras would take the compute dtype.
        return keras.KerasTensor(self.compute_output_shape(images.shape), "float32")

    def get_config(self):
        config = {
            "image_size": self.image_size,
            "channels": self.channels,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
            "stddev_group": self.stddev_group,
            "image_channels": self.image_channels,
            "position": self.position,
            "classes": self.classes,
            "axes": self.axes,
            "features": keras.saving.serialize_keras_object(self.features),
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        features = keras.saving.deserialize_keras_object(config.get("features"))
        return cls(**{**config, "features": features})
