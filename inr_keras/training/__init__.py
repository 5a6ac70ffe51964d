"""Training of INR GANs, from settings to a run directory."""

from inr_keras import backend as backend
