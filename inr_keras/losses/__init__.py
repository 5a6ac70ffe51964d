"""Losses as pure functions of logits, images and gradients."""

from inr_keras.losses.adversarial import (
    discriminator_logistic_loss as discriminator_logistic_loss,
)
from inr_keras.losses.adversarial import (
    generator_nonsaturating_loss as generator_nonsaturating_loss,
)
from inr_keras.losses.adversarial import (
    relativistic_discriminator_loss as relativistic_discriminator_loss,
)
from inr_keras.losses.adversarial import (
    relativistic_generator_loss as relativistic_generator_loss,
)
from inr_keras.losses.diversity import diversity_loss as diversity_loss
from inr_keras.losses.patch_regularization import mean_pool as mean_pool
from inr_keras.losses.patch_regularization import (
    patch_regularization as patch_regularization,
)
from inr_keras.losses.r1 import r1_penalty as r1_penalty
from inr_keras.losses.wasserstein import interpolates as interpolates
from inr_keras.losses.wasserstein import slope_penalty as slope_penalty
from inr_keras.losses.wasserstein import (
    wasserstein_discriminator_loss as wasserstein_discriminator_loss,
)
from inr_keras.losses.wasserstein import (
    wasserstein_generator_loss as wasserstein_generator_loss,
)
