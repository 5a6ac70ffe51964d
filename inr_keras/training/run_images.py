"""Images that a run writes: samples, stages and losses."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.evaluation import evaluation_report
from inr_keras.evaluation import passports
from inr_keras.files import write_beside
from inr_keras.runs import record_files
from inr_keras.runs.record_files import read as read_metrics

BEYOND = (-1.5, -1.5, 1.5, 1.5)  # Half of the frame's width outside on each side.
_MOST_PIXELS = 2**24  # Largest sheet of images beyond the training size.


class RunImages:
    """Draws a run's images, always from the same latents.

    Args:
        gan: INRGAN. Its averaged generator is drawn.
        config: Experiment.
        workdir: Path of the run directory.
        extents: int array `(count, 2)`: rows and columns of the images that samples
            imitate, repeated where there are more samples. Defaults to `None`: samples
            are square.
    """

    def __init__(self, gan, config, workdir, extents=None):
        self.gan = gan
        self.config = config
        self.folder = workdir / "samples"
        self.workdir = workdir
        self.renderer = rendering.Renderer(gan.ema_generator)
        self.latents = rendering.latents_from_seeds(
            range(config.sample_count), gan.ema_generator.latent_dim
        )
        self.extents = extents
        if extents is not None:
            self.extents = np.resize(extents, (config.sample_count, 2))
        self.zoom = max(1, 64 // config.resolution)
        self.video_length = config.data.video_length
        self.classes = len(config.data.classes)

    def samples(self, images_seen):
        """Writes `samples/kimg_N.png`: samples at full density.

        Args:
            images_seen: int. Real images seen so far.

        Returns:
            Path of the file.
        """
        self.gan.settled_average()
        path = self.folder / f"kimg_{images_seen / 1000:08.1f}.png"
        return self._sheet(path, self._render(self.latents))

    def stage(self, index):
        """Writes `samples/stage_N.png`: samples at the density of a stage.

        Args:
            index: int. Index of the stage.

        Returns:
            Path of the file.
        """
        self.gan.settled_average()
        images = self._stage_images(self.config.stages[index].stride)
        return self._sheet(self.folder / f"stage_{index + 1}.png", images)

    def _stage_images(self, stride):
        """Draws samples on the grid of a stage."""
        size = self.config.resolution
        coords = coordinates.grid(size, size, stride, self.config.alignment)
        styles = self.renderer.styles(self.latents)
        images = self.renderer.render_coords(styles, coords)
        images = images.repeat(stride, axis=1)
        images = images.repeat(stride, axis=2)
        return self._letterboxed(images)

    def final(self):
        """Writes the sheets and plots of a finished run.

        Returns:
            List of pairs of path and meaning.
        """
        self.gan.settled_average()
        images = self._views()
        stages = sorted(self.folder.glob("stage_*.png"))
        if len(stages) > 1:
            path = self.folder / "stages.png"
            _side_by_side(stages, path, len(self.latents), self.classes)
            images.append((path, "the same latents after each stage"))
        if (self.workdir / "metrics.jsonl").exists():
            path = self.workdir / "losses.png"
            plot_losses(self.workdir / "metrics.jsonl", path)
            images.append((path, "the losses over images seen"))
        scores = record_files.read(self.workdir / record_files.EVALUATIONS)
        last = passports.latest(scores).values()
        path = self.workdir / "scores.png"
        if evaluation_report.plot(scores, last, path):
            images.append((path, "the scores over images seen"))
        return images

    def _views(self):
        """Writes files of the trained generator; lists pairs of path and meaning."""
        size = self.config.resolution
        large = size * (4 if size <= 512 else 2)
        count = len(self.latents)
        few = self.latents[: min(12, max(1, _MOST_PIXELS // large**2))]
        images = [
            (
                self._sheet(
                    self.folder / f"final_{size}.png",
                    self._render(self.latents),
                ),
                f"{count} samples at {size}x{size}",
            ),
        ]
        if self.gan.generator.draws_any_point:
            images += [
                (
                    self._sheet(
                        self.folder / f"final_{large}.png",
                        self._render(few, large),
                    ),
                    f"the first {len(few)} of the same latents at {large}x{large}, "
                    "natural super-resolution",
                ),
                (
                    self._sheet(
                        self.folder / "beyond_border.png",
                        self._render(self.latents[:1], large, BEYOND),
                    ),
                    "one image beyond its border, [-1.5, 1.5]",
                ),
            ]
        if self.video_length:
            path = self.folder / f"final_{size}.webp"
            self.animation(path)
            images.append(
                (path, f"the same samples as videos of {self.video_length} images")
            )
        return images

    def animation(self, path):
        """Writes the sheet of samples as a video."""
        images = self._render(self.latents)
        columns = rendering.sheet_columns(len(images), self.classes)
        sheets = [
            rendering.sheet(images, columns, zoom=self.zoom)
            for images in rendering.split_videos(images, self.video_length)
        ]
        rate = rendering.round_rate(self.video_length)
        rendering.write_film(path, sheets, rate)

    def _render(self, latents, size=None, box=rendering.FRAME):
        styles = self.renderer.styles(latents)
        images = self.renderer.render(styles, size, size, box)
        return self._letterboxed(images) if box == rendering.FRAME else images

    def _letterboxed(self, images):
        extents = self.extents
        if extents is not None:
            extents = extents[: len(images)]
        return rendering.letterboxed(
            images, extents, self.config.resolution, self.config.alignment
        )

    def _sheet(self, path, images):
        zoom = self.zoom if images.shape[1] < 64 else 1
        if self.video_length:
            images = rendering.split_videos(images, self.video_length)[0]
        columns = rendering.sheet_columns(len(images), self.classes)
        sheet = rendering.sheet(images, columns, zoom=zoom)
        rendering.save_image(path, sheet)
        return path


def _side_by_side(paths, out, count, classes):
    """Writes the first row of each stage's sheet, one under the other."""
    sheets = [np.asarray(Image.open(path)) for path in paths]
    # Before the run was resumed with another `sample_count`, sheets had another shape.
    sheets = [sheet for sheet in sheets if sheet.shape == sheets[-1].shape]
    columns = rendering.sheet_columns(count, classes)
    height = sheets[0].shape[1] // columns
    rows = [sheet[:height] for sheet in sheets]
    rendering.save_image(out, np.concatenate(rows))


@matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False})
def plot_losses(metrics, out):
    """Plots losses and logits over images seen.

    Args:
        metrics: Path of a run's `metrics.jsonl`.
        out: Path of the PNG file to write.
    """
    records = read_metrics(metrics)
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots(2, 2, sharex=True).flat
    panels = (
        ("adversarial losses", ("d_loss", "g_loss")),
        ("mean logits", ("real_logits", "fake_logits")),
        ("R1 (squared gradient norm)", ("r1",)),
        ("patch regularization", ("patch",)),
    )
    changes = [
        (a["images_seen"] + b["images_seen"]) / 2000
        for a, b in zip(records, records[1:])
        if a["stage"] != b["stage"]
    ]
    for axis, (title, names) in zip(axes, panels):
        for name in names:
            points = [(r["images_seen"] / 1000, r[name]) for r in records if name in r]
            if points:
                axis.plot(*zip(*points), label=name, linewidth=1)
        for change in changes:
            axis.axvline(change, color="0.7", linewidth=1, linestyle=":")
        axis.set_title(title, fontsize=10, loc="left")
        if len(names) > 1 and any(name in r for r in records for name in names):
            axis.legend(frameon=False, fontsize=8)
        if axis.get_subplotspec().is_last_row():
            axis.set_xlabel("thousand images seen")
    write_beside(out, lambda path: figure.savefig(path, dpi=120))
