"""Networks: generators, the mapping network and the discriminator."""

from inr_keras.models.cips_generator import CIPSGenerator as CIPSGenerator
from inr_keras.models.external_inr import ExternalINR as ExternalINR
from inr_keras.models.inr import INR as INR
from inr_keras.models.inr_gan_generator import INRGANGenerator as INRGANGenerator
from inr_keras.models.inr_generator import INRGenerator as INRGenerator
from inr_keras.models.inr_hypernetwork import INRHyperNetwork as INRHyperNetwork
from inr_keras.models.mapping_network import MappingNetwork as MappingNetwork
from inr_keras.models.sphere_generator import SphereGenerator as SphereGenerator
from inr_keras.models.stylegan2_discriminator import (
    StyleGAN2Discriminator as StyleGAN2Discriminator,
)
from inr_keras.models.stylegan2_generator import (
    StyleGAN2Generator as StyleGAN2Generator,
)
from inr_keras.models.video_generator import VideoGenerator as VideoGenerator
