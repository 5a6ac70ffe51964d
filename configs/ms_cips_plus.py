"""What is better than MS-patch's plain recipe on OpenMoji at 64x64.

python -m apps.experiment --suite=table1 \
    --config=configs/ms_cips_openmoji64.py --against=configs/ms_cips_plus.py \
    --only=multi_stage,ms_cips_plus --seeds=0-1 --features=FILE.keras \
    --workdir=runs/table1 --out=docs/table1.md
"""

from configs import ms_cips_openmoji64


def get_config():
    config = ms_cips_openmoji64.get_config()
    config.name = "ms_cips_plus"
    # Stage 1 learns the mean of each cell, which is the colour at its centre
    # and not at its corner.
    config.alignment = "center"
    # As dense as the sparsest grid: each stage trains every entry, and none
    # waits untrained between the samples of the first.
    config.generator.embedding_size = 16
    # White is white whatever lies beyond it.
    config.loss.clip_fakes = True
    return config
