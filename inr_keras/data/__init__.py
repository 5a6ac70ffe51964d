"""Real pictures: where they come from and how they become batches."""

from inr_keras.data.pipeline import real_pictures as real_pictures
from inr_keras.data.pipeline import training_dataset as training_dataset
from inr_keras.data.sources import Source as Source
from inr_keras.data.sources import open_source as open_source
