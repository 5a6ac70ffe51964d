"""Scores as metrics of Keras."""

from inr_keras import backend as backend
from inr_keras.metrics.frechet_distance import FrechetDistance as FrechetDistance
