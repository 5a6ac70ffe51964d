"""Draws docs/stages.png: where the stages' samples lie.

python docs/figures.py
"""

import pathlib
import sys

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from inr_keras import coordinates  # noqa: E402

SIZE, PATCH = 32, 8
STAGES = (
    ("stage 1: the whole image, sparse", 4, None, (0, 0)),
    ("stage 2: a crop of a denser grid", 2, 4, (4, 6)),
    ("stage 3: a crop of the full grid", 1, 2, (14, 8)),
)
INK, FAINT, COARSE = "#1b4f72", "#c9d3da", "#d35400"


def main():
    figure = Figure(figsize=(10.5, 3.9), layout="constrained")
    for axis, stage in zip(figure.subplots(1, 3), STAGES):
        _draw(axis, *stage)
    path = pathlib.Path(__file__).with_name("stages.png")
    figure.savefig(path, dpi=110)
    print(path)


def _draw(axis, title, stride, previous, offset):
    grid = coordinates.grid(SIZE, SIZE, stride, "center")
    x, y = np.array(grid).reshape(-1, 2).T
    axis.scatter(x, y, s=9 / len(x) ** 0.5 * 6, color=FAINT, linewidths=0)
    patch = coordinates.patch([offset], PATCH, SIZE, SIZE, stride, "center")
    x, y = np.array(patch)[0].T
    axis.scatter(x, y, s=11, color=INK, linewidths=0, label="P x P rendered")
    if previous:
        offsets, size = coordinates.previous_region([offset], PATCH, stride, previous)
        frozen = coordinates.patch(offsets, size, SIZE, SIZE, previous, "center")
        x, y = np.array(frozen)[0].T
        axis.scatter(
            x,
            y,
            s=26,
            facecolors="none",
            edgecolors=COARSE,
            linewidths=1.1,
            label="frozen stage before",
        )
    side = 2 * stride * PATCH / SIZE
    corner = [2 * stride * o / SIZE - 1 for o in reversed(offset)]
    axis.add_patch(Rectangle(corner, side, side, fill=False, color=INK))
    axis.add_patch(Rectangle((-1, -1), 2, 2, fill=False, color="0.6"))
    axis.set(xlim=(-1.04, 1.04), ylim=(1.04, -1.04), aspect="equal")
    axis.set_title(title, fontsize=10)
    axis.set_axis_off()
    axis.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.02),
        frameon=False,
        fontsize=8,
        ncols=2,
    )


if __name__ == "__main__":
    main()
