"""Export of a generator as a SavedModel, with a self-test and a model card."""

from inr_keras import backend as backend
from inr_keras.export.saved_model import export as export
from inr_keras.export.self_test import SelfTestError as SelfTestError
