"""What a run directory holds, and generators from wherever they lie."""

from inr_keras.runs.saved_generators import SavedModelGenerator as SavedModelGenerator
from inr_keras.runs.saved_generators import check_images as check_images
from inr_keras.runs.saved_generators import load_generator as load_generator
