"""OpenMoji as a TFDS dataset, rasterized offline from a PyPI package."""

from inr_keras.data.openmoji.groups import GROUPS as GROUPS
from inr_keras.data.openmoji.groups import group_of as group_of
