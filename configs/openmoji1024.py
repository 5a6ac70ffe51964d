"""Faces, people and animals at 1024x1024 from patches of 32x32, in six stages.

python -m apps.train --config=configs/openmoji1024.py --workdir=runs/openmoji1024

A step costs the same at every resolution; the sparse grid of stage 1 shows the
discriminator the whole image at 32x32. Cost: 17 minutes of processor time on one core
of an AMD EPYC, 1.7 GB, 2026-11-29. Result: docs/large.md.
"""

from configs import drawings64
from inr_keras.config import Stage


def get_config():
    config = drawings64.get_config()
    config.name = "openmoji1024"
    config.discriminator.feature_gain = 0.0  # The setting is newer than this run.
    config.resolution = 1024
    config.patch_size = 32
    config.stages = (
        Stage(stride=32, kimg=44.0),
        *(
            Stage(stride=stride, kimg=kimg, patch_weight=20.0, patch_decay=1.0)
            for stride, kimg in ((16, 4.0), (8, 4.0), (4, 3.0), (2, 3.0), (1, 3.0))
        ),
    )
    # A table entry for each sample of the first stage, and waves as short as a line.
    config.generator.embedding_size = 32
    config.generator.fourier_scale = 30.0
    # One more width, for one more size; it is narrow where it costs most.
    config.discriminator.channels = (24, *config.discriminator.channels)
    config.ema_half_life_kimg = 4.0
    config.optimizer.final_rate = 0.1
    # Coarse stages read images of 128, 256 and 512 pixels. Full images, of 3 MB each,
    # are decoded again for each batch.
    config.data.stored_levels = True
    config.data.cache_mib = 256
    config.sample_count = 6
    config.sample_kimg = 20.0
    config.checkpoint_kimg = 2.0
    return config
