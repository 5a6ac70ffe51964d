"""Multi-stage CIPS on LSUN Church at 256x256: MS-patch's Table 1.

python -m apps.train --config=configs/ms_cips_church256.py --workdir=runs/church \
    --config.strategy=mirrored

Not run here. The paper (Lee et al. 2022): FID 10.08 after 6 days on 2 GPUs;
image-based CIPS 6.42, patches of the full grid alone 18.48. Memory and time an
iteration are those of `ms_cips_ffhq256`, whose docstring also says what differs from
the paper and its code.
"""

from configs import ms_cips_ffhq256


def get_config():
    config = ms_cips_ffhq256.get_config()
    config.name = "ms_cips_church256"
    config.data.source = "tfds:lsun/church_outdoor"
    return config
