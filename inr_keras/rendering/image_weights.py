"""Weights of the network that draws one image, from the generator that makes them."""

import keras
import numpy as np

from inr_keras.layers import FactorizedModulatedDense
from inr_keras.layers.fourier_bases import PredictedBasis
from inr_keras.models import CIPSGenerator
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import VideoGenerator


class FrozenINR:
    """Generator whose network has fixed weights, independent of any style.

    The weights are computed from a style: the kernels of modulated layers after
    modulation and demodulation, or the kernels and biases that a hypernetwork writes.
    They can be interpolated between two styles (the "image space" of INR-GAN).
    Modulations, or the numbers that a hypernetwork writes, are affine functions of
    styles: interpolating them would be the same as interpolating styles.

    Args:
        generator: `CIPSGenerator`, `INRGANGenerator`, `INRHyperNetwork` or
            `VideoGenerator`. It is not changed.

    Attributes:
        generator: A generator for renderers that draws the image of the assigned
            weights, whatever the style. Not to be saved.

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026).
    """

    def __init__(self, generator):
        is_video = isinstance(generator, VideoGenerator)
        source = generator.volume if is_video else generator
        kinds = {
            CIPSGenerator: self._freeze_cips,
            INRGANGenerator: self._freeze_inr_gan,
            INRHyperNetwork: self._freeze_hypernetwork,
        }
        if type(source) not in kinds:
            raise ValueError(
                "`generator` must be one whose weights can be read: a run directory "
                f"or a .keras file. Received: a {type(source).__name__}"
            )
        # (layer of the style, function that reads weights, function that assigns them)
        self._parts = []
        network = kinds[type(source)](source)
        self.generator = network
        if is_video:
            self.generator = VideoGenerator(network, generator.video_length)

    def weights(self, styles):
        """Computes the weights of an image, a list of arrays.

        Args:
            styles: Tensor `(1, style_dim)` or `(1, layers, style_dim)`.
        """
        return [
            np.asarray(read(styles if styles.ndim == 2 else styles[:, number]))
            for number, read, _ in self._parts
        ]

    def assign(self, weights):
        """Makes the network draw the image of `weights`."""
        for (_, _, write), array in zip(self._parts, weights):
            write(array)

    def _copy(self, source):
        network = type(source).from_config(source.get_config())
        network.set_weights(source.get_weights())
        return network

    def _freeze_cips(self, source):
        network = self._copy(source)
        self._add_modulated(0, source.first, network.first)
        pairs = zip(source.dense, network.dense)
        for number, pair in enumerate(pairs, start=1):
            self._add_modulated(number, *pair)
        # With residuals there is one, after the last block.
        step = source.blocks // len(source.to_rgb)
        pairs = zip(source.to_rgb, network.to_rgb)
        for number, pair in enumerate(pairs, start=1):
            self._add_modulated(2 * step * number, *pair)
        return network

    def _freeze_inr_gan(self, source):
        network = self._copy(source)
        number, side = 0, None
        for index, name in enumerate(source.block_names):
            before, side = side, max(name, source.input_resolution)
            if side != before:
                level = source.lattice_sides.index(side)
                self._add_predicted(
                    number, source.features[level], network.features[level]
                )
            for pair in zip(source.dense[index], network.dense[index]):
                self._add_modulated(number, *pair)
                number += 1
            pair = source.to_rgb[index], network.to_rgb[index]
            self._add_modulated(number, *pair)
        return network

    def _freeze_hypernetwork(self, source):
        shared = source.inr.external_sizes[0] == 0
        network = INRHyperNetwork.from_config(
            {
                **source.get_config(),
                "parametrization": "linear",
                "weight_clip": 0.0,
            }
        )
        if shared:
            weights = source.inr.dense[0].get_weights()
            network.inr.dense[0].set_weights(weights)
        for number in range(int(shared), source.num_layers):
            self._add_written(number, source, network)
        return network

    def _add_modulated(self, number, layer, copy):
        """Adds a `ModulatedDense` or `FactorizedModulatedDense`."""
        channels = layer.kernel.shape[0]
        is_factorized = isinstance(layer, FactorizedModulatedDense)
        head = copy.to_factors if is_factorized else copy.to_scale
        config = {**layer.get_config(), "activation": None, "dtype": "float32"}
        probe = type(layer).from_config(config)
        probe.build((None, None, channels), (None, head.kernel.shape[0]))
        probe.set_weights(layer.get_weights())

        def read(styles):
            return _kernel(probe, channels, styles)

        head.kernel.assign(keras.ops.zeros_like(head.kernel))
        gain = 1.0
        if is_factorized:
            copy.modulation = "none"
            head.bias.assign(keras.ops.zeros_like(head.bias))
        else:
            copy.demodulate = False
            head.bias.assign(keras.ops.ones_like(head.bias))
            gain = channels**0.5  # The layer divides by it.
        self._parts.append(
            (number, read, lambda kernel: copy.kernel.assign(kernel * gain))
        )

    def _add_predicted(self, number, features, copies):
        for basis, copy in zip(features.bases, copies.bases):
            if isinstance(basis, PredictedBasis):
                head = copy.to_waves
                head.kernel.assign(keras.ops.zeros_like(head.kernel))
                self._parts.append(
                    (
                        number,
                        lambda styles, basis=basis: basis.to_waves(styles)[0],
                        head.bias.assign,
                    )
                )

    def _add_written(self, number, source, network):
        """Adds a layer whose weights a hypernetwork writes."""
        layer, copy = source.inr.dense[number], network.inr.dense[number]
        head = network.heads[number]
        head.kernel.assign(keras.ops.zeros_like(head.kernel))
        sizes = [
            (inr.external_sizes[number], inr.dense[number].units)
            for inr in (source.inr, network.inr)
        ]
        length, units = sizes[1]
        channels = length // units - 1
        # The weight and the bias that a written 1 becomes.
        ones = np.ones((1, length), "float32")
        unit = _kernel(copy, channels, ones)[0, 0]
        bias_unit = np.asarray(_offset(copy, channels, ones))[0]

        def read(styles):
            params = source.layer_params(number, styles)
            kernel = np.asarray(_kernel(layer, channels, params))
            bias = np.asarray(_offset(layer, channels, params))
            return np.concatenate([kernel.T.ravel() / unit, bias / bias_unit])

        self._parts.append((number, read, head.bias.assign))


def _kernel(layer, channels, styles):
    """Kernel of an affine layer with `styles`, `(inputs, units)`."""
    eye = np.eye(channels, dtype="float32")[None]
    out = np.asarray(keras.ops.cast(layer(eye, styles), "float32"))[0]
    return out - _offset(layer, channels, styles)


def _offset(layer, channels, styles):
    zeros = np.zeros((1, 1, channels), "float32")
    return np.asarray(keras.ops.cast(layer(zeros, styles), "float32"))[0, 0]
