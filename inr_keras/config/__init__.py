"""Typed experiment settings and their rules; no TensorFlow."""

from inr_keras.config.settings import Data as Data
from inr_keras.config.settings import Discriminator as Discriminator
from inr_keras.config.settings import Evaluation as Evaluation
from inr_keras.config.settings import Experiment as Experiment
from inr_keras.config.settings import Generator as Generator
from inr_keras.config.settings import Loss as Loss
from inr_keras.config.settings import Optimizer as Optimizer
from inr_keras.config.settings import Stage as Stage
from inr_keras.config.settings import Watchdog as Watchdog
from inr_keras.config.settings import changed as changed
from inr_keras.config.settings import differences as differences
from inr_keras.config.settings import fields as fields
from inr_keras.config.settings import from_dict as from_dict
from inr_keras.config.settings import to_dict as to_dict
