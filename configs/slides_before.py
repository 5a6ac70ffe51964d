"""The slides' recipe before their list of changes, scaled down to OpenMoji's faces.

python -m apps.experiment --suite=slides --kimg=24 \
    --config=configs/slides_before.py --features=FILE.keras \
    --workdir=runs/slides --out=docs/slides.md

It trains a SIREN of whole images whose weights are linear in the styles, by WGAN-GP
with five steps of the discriminator for each of the generator, and without an average
of the generator's weights. The suite makes the changes of the slides "Meta Generation"
(Skorokhodov, August 2020) one after another; see docs/slides.md.

The batch is an eighth of the slides' (4 for 32), the INR's width a quarter (16 for 64,
as deep), the network of styles a sixteenth as wide (64x5 for 1024x5). Both learning
rates are ten times as high, because there are fewer iterations and equalized layers
move less in a step. Images are 16x16, drawn whole, and the
discriminator is the residual one of StyleGAN2. No network here has BatchNorm.
"""

from inr_keras.config import Data
from inr_keras.config import Discriminator
from inr_keras.config import Evaluation
from inr_keras.config import Experiment
from inr_keras.config import Loss
from inr_keras.config import Optimizer
from inr_keras.config import Siren
from inr_keras.config import Stage


def get_config():
    return Experiment(
        name="slides_before",
        resolution=16,
        patch_size=16,
        alignment="center",
        batch_size=4,
        discriminator_steps=5,
        stages=(Stage(stride=1, kimg=24.0),),
        generator=Siren(
            latent_dim=64,
            style_dim=64,
            mapping_layers=5,
            mapping_lr_multiplier=1.0,
            width=16,
            blocks=2,
            parametrization="linear",
            # The first layer's weights have the deviation sqrt(2 / inputs): the
            # slides divide it by 30 and multiply its outputs by 30.
            siren_omega=1.0,
            siren_init="slides",
        ),
        discriminator=Discriminator(channels=(16, 32, 48)),
        data=Data(source="openmoji", groups=("faces",)),
        optimizer=Optimizer(learning_rate=0.02, discriminator_learning_rate=0.002),
        loss=Loss(adversarial="wgan", r1_weight=0.0),
        # No average: the averaged weights are those of the last step.
        ema_half_life_kimg=1e-6,
        evaluation=Evaluation(images=0),
        intra_op_threads=1,
        log_kimg=1.0,
        sample_kimg=1000.0,
        sample_count=24,
        checkpoint_kimg=1000.0,
    )
