"""Export of a generator as a SavedModel or as ONNX files, with a self-test."""

from inr_keras import backend as backend
from inr_keras.export.onnx_files import export_onnx as export_onnx
from inr_keras.export.saved_model import export as export
from inr_keras.export.self_test import SelfTestError as SelfTestError
