"""Scores of generators, with all that they depend on."""

from inr_keras import backend as backend
