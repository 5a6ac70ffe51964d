"""Building blocks of the networks, one formula per layer."""

from inr_keras.layers.activations import scaled_leaky_relu as scaled_leaky_relu
from inr_keras.layers.blur import Blur as Blur
from inr_keras.layers.coordinate_embedding import (
    CoordinateEmbedding as CoordinateEmbedding,
)
from inr_keras.layers.equalized_conv import EqualizedConv as EqualizedConv
from inr_keras.layers.equalized_dense import EqualizedDense as EqualizedDense
from inr_keras.layers.external_dense import ExternalDense as ExternalDense
from inr_keras.layers.factorized_modulated_dense import (
    FactorizedModulatedDense as FactorizedModulatedDense,
)
from inr_keras.layers.fourier_bases import FourierBasis as FourierBasis
from inr_keras.layers.fourier_bases import LogarithmicBasis as LogarithmicBasis
from inr_keras.layers.fourier_bases import PredictedBasis as PredictedBasis
from inr_keras.layers.fourier_features import FourierFeatures as FourierFeatures
from inr_keras.layers.label_projection import LabelProjection as LabelProjection
from inr_keras.layers.lattice_features import LatticeFeatures as LatticeFeatures
from inr_keras.layers.minibatch_stddev import MinibatchStddev as MinibatchStddev
from inr_keras.layers.modulated_conv2d import ModulatedConv2D as ModulatedConv2D
from inr_keras.layers.modulated_dense import ModulatedDense as ModulatedDense
from inr_keras.layers.multi_resolution_embedding import (
    MultiResolutionEmbedding as MultiResolutionEmbedding,
)
from inr_keras.layers.pixel_norm import PixelNorm as PixelNorm
