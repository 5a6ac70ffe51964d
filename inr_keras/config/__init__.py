"""Typed experiment settings and their rules, without TensorFlow."""

from inr_keras.config.access import changed as changed
from inr_keras.config.access import differences as differences
from inr_keras.config.access import fields as fields
from inr_keras.config.access import from_dict as from_dict
from inr_keras.config.access import to_dict as to_dict
from inr_keras.config.generators import ARCHITECTURES as ARCHITECTURES
from inr_keras.config.generators import CIPS as CIPS
from inr_keras.config.generators import Generator as Generator
from inr_keras.config.generators import Hyper as Hyper
from inr_keras.config.generators import MultiScaleINR as MultiScaleINR
from inr_keras.config.generators import Siren as Siren
from inr_keras.config.generators import StyleGAN2 as StyleGAN2
from inr_keras.config.settings import Crops as Crops
from inr_keras.config.settings import Data as Data
from inr_keras.config.settings import Discriminator as Discriminator
from inr_keras.config.settings import Evaluation as Evaluation
from inr_keras.config.settings import Experiment as Experiment
from inr_keras.config.settings import Loss as Loss
from inr_keras.config.settings import Optimizer as Optimizer
from inr_keras.config.settings import Stage as Stage
from inr_keras.config.settings import Watchdog as Watchdog
