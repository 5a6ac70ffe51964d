"""Export of a generator as a SavedModel, as ONNX files or as a web page."""

from inr_keras import backend as backend
from inr_keras.export.onnx_files import export_onnx as export_onnx
from inr_keras.export.saved_model import export as export
from inr_keras.export.self_test import SelfTestError as SelfTestError
from inr_keras.export.web_page import export_web as export_web
