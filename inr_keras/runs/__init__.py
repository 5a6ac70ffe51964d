"""Contents of run directories, and generators opened from anywhere."""

from inr_keras import backend as backend
from inr_keras.runs.saved_generators import SavedModelGenerator as SavedModelGenerator
from inr_keras.runs.saved_generators import check_images as check_images
from inr_keras.runs.saved_generators import holds_inr as holds_inr
from inr_keras.runs.saved_generators import load_generator as load_generator
from inr_keras.runs.saved_generators import load_inr as load_inr
