"""Weights of the sources' own PyTorch code, converted to this project's models."""

from inr_keras.conversion.checkpoint_file import read_checkpoint as read_checkpoint
from inr_keras.conversion.cips import load_cips as load_cips
from inr_keras.conversion.inr_gan import load_inr_gan as load_inr_gan
