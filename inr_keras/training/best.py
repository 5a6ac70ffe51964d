"""Keeps the best checkpoint and generator of a run."""

import json
import shutil

import numpy as np
from absl import logging

from inr_keras import rendering
from inr_keras.evaluation import scores
from inr_keras.files import checksum
from inr_keras.files import write_beside

_FIRST_SEED = 20_000  # Apart from those of sheets and of evaluations.


class Best:
    """Judges the averaged generator at each checkpoint.

    The measure is the sliced Wasserstein distance (see
    `scores.sliced_wasserstein`) between as many samples, always of the same
    latents, and the first real pictures. The best leaves
    `checkpoints/best.weights.h5`, `best_generator.keras` and `best.json`.

    Args:
        gan: INRGAN.
        workdir: Path of the run directory.
        real: uint8 array `(count, R, R, 3)`.
        labels: int array `(count,)` of their classes, which the samples take
            too, or `None`. Defaults to `None`.
        extents: int array `(count, 2)` of their shapes, which the samples
            take too, or `None`. Defaults to `None`.
    """

    def __init__(self, gan, workdir, real, labels=None, extents=None):
        self.gan = gan
        self.workdir = workdir
        self.real = real
        self.labels = labels
        self.extents = extents
        self.renderer = rendering.Renderer(gan.ema_generator)
        seeds = range(_FIRST_SEED, _FIRST_SEED + len(real))
        self.latents = rendering.latents_from_seeds(
            seeds, gan.ema_generator.latent_dim
        )

    def judge(self, checkpoint):
        """Scores the present state, of which `checkpoint` is a file."""
        styles = self.renderer.styles(self.latents, labels=self.labels)
        side = self.real.shape[1]
        images = [
            rendering.to_uint8(self.renderer.render(part, side, side))
            for part in np.array_split(styles, -(-len(styles) // 64))
        ]
        images = rendering.letterboxed(
            np.concatenate(images),
            self.extents,
            side,
            self.renderer.generator.alignment,
        )
        score = scores.sliced_wasserstein(self.real, images)
        best = self.read()
        if best is not None and score >= best["score"]:
            return
        target = checkpoint.with_name("best.weights.h5")
        write_beside(target, lambda path: shutil.copyfile(checkpoint, path))
        line = f"{checksum(target)}  {target.name}\n"
        sum_path = target.with_name(target.name + ".sha256")
        write_beside(sum_path, lambda path: path.write_text(line))
        generator = self.gan.settled_average()
        write_beside(self.workdir / "best_generator.keras", generator.save)
        found = {
            "score": score,
            "measure": "sliced Wasserstein distance",
            "pictures": len(self.real),
            "images_seen": self.gan.count("images_seen"),
        }
        text = json.dumps(found, indent=2) + "\n"
        # Last: until it is there, the same state counts as better again.
        path = self.workdir / "best.json"
        write_beside(path, lambda p: p.write_text(text))
        logging.info("Best so far: sliced Wasserstein distance %.4f", score)

    def read(self):
        """What `best.json` says, or `None`."""
        path = self.workdir / "best.json"
        try:
            return json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
