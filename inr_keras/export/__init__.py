"""From a generator to a SavedModel, its self-test and its card."""

from inr_keras.export.saved_model import export as export
from inr_keras.export.self_test import SelfTestError as SelfTestError
