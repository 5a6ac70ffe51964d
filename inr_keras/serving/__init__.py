"""SavedModels: export and loading."""

from inr_keras.serving.export import export as export
from inr_keras.serving.load import SavedModelGenerator as SavedModelGenerator
from inr_keras.serving.load import check_pictures as check_pictures
from inr_keras.serving.load import load_generator as load_generator
from inr_keras.serving.self_test import SelfTestError as SelfTestError
