"""Multi-stage CIPS on AFHQ at 256x256: MS-patch's Table 1.

python -m apps.train --config=configs/ms_cips_afhq256.py --workdir=runs/afhq \
    --config.strategy=mirrored --config.data.source=PATH_OF_AFHQ

Not run here. The paper (Lee et al. 2022): FID 17.13 after 4 days on 2 GPUs;
image-based CIPS 10.00, patches of the full grid alone 39.39. Memory and time an
iteration are those of `ms_cips_ffhq256`, whose docstring also says what differs from
the paper and its code.
"""

from configs import ms_cips_ffhq256


def get_config():
    config = ms_cips_ffhq256.get_config()
    config.name = "ms_cips_afhq256"
    config.data.source = "afhq"
    return config
