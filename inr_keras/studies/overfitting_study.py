"""Study of whether a discriminator tells training images from similar other images."""

import pathlib

import keras
import matplotlib
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from inr_keras import markdown_pages
from inr_keras.data import sources
from inr_keras.files import write_beside
from inr_keras.training import build
from inr_keras.training.patches import draws as draws_lib
from inr_keras.training.stages import StageCallback
from inr_keras.training.step.adversarial_loss import AdversarialLoss

KINDS = ("training", "held out", "generated")
_HELD_OUT = 0.1  # Share of the images.
_POINTS = 24  # Measurements of a run.
_PATCHES = 320  # Patches of each kind in a measurement.
_SEED = 1 << 20  # Of the measured patches, apart from those of training.


class Watch(keras.callbacks.Callback):
    """Measures logits of training, held-out and generated patches during `fit`.

    Patches are drawn as those of the stage's training steps, without augmentation.

    Args:
        training: uint8 array `(N, R, R, C)`. Images that the model is trained on.
        held_out: uint8 array `(M, R, R, C)`. Images like these that it does not see.
        every: int. Images seen between two measurements.
        batch_size: int. Patches that the discriminator compares, as in training.

    Attributes:
        rows: List of dicts with `images_seen`, `stage` and, for each of `KINDS`, the
            pair of the logits' mean and the mean of their signs.
    """

    def __init__(self, training, held_out, every, batch_size):
        super().__init__()
        self.images = {"training": training, "held out": held_out}
        self.every = every
        self.batch_size = batch_size
        self.rows = []
        self._due = every
        self._stage = self._judge = None

    def on_train_batch_end(self, batch, logs=None):
        seen = self.model.count("images_seen")
        if seen >= self._due:
            self._due += self.every
            self.rows.append({"images_seen": seen, **self.measure()})

    def measure(self):
        """Measures the model in its present stage."""
        stage = self.model.count("stage_number")
        if stage != self._stage:
            self._stage, self._judge = stage, tf.function(self._logits)
        rng = np.random.default_rng(_SEED)
        logits = []
        for number in range(_PATCHES // self.batch_size):
            chosen = [
                images[rng.integers(len(images), size=self.batch_size)]
                for images in self.images.values()
            ]
            logits.append(self._judge(*map(tf.constant, chosen), tf.constant(number)))
        found = zip(KINDS, map(np.concatenate, zip(*logits)))
        row = {k: (float(v.mean()), float(np.sign(v).mean())) for k, v in found}
        return {"stage": stage, **row}

    def _logits(self, training, held_out, number):
        losses = self.model.stage_losses
        # Without augmentation.
        judge = AdversarialLoss(self.model.discriminator, losses.settings)
        draws = self._draws(number)
        pairs = [losses.patches(i, draws)[0].pair for i in (training, held_out)]
        patches = (*(pair.real for pair in pairs), pairs[0].fake)
        return [judge.logits(each, pairs[0]) for each in patches]

    def _draws(self, number):
        generator = self.model.generator
        return draws_lib.draw(
            _SEED,
            number,
            self.batch_size,
            self.model.patch_size**2,
            generator.latent_dim,
            generator.num_layers,
            noise=generator.noise,
        )


def watch(config, tell=lambda text: None):
    """Trains on nine tenths of the images and measures at intervals.

    Args:
        config: Experiment of images without classes, at most 2 GiB of them.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        `Watch.rows`.

    Raises:
        ValueError: The settings do not suit, or there are fewer than 20 images.
    """
    if config.data.labels or config.data.keeps_aspect or config.data.kind != "image":
        raise ValueError(
            "`config.data` must be of square images without labels. "
            f"Received: {config.data}"
        )
    build.limit_threads(config)
    source = sources.open_source(config.data, config.resolution)
    images = np.asarray(source.images)
    count = round(len(images) * _HELD_OUT)
    if count < 2:
        raise ValueError(
            f"`config.data.source` must hold 20 images or more. Received: {len(images)}"
        )
    order = np.random.default_rng(config.seed).permutation(len(images))
    held_out, training = images[order[:count]], images[order[count:]]
    most = min(_PATCHES, len(training))
    if config.batch_size > most:
        raise ValueError(
            f"config.batch_size must be at most {most}, of {len(training)} images for "
            f"training and {_PATCHES} patches at each point. "
            f"Received: {config.batch_size}"
        )
    if config.data.flip:  # As the pipeline does, half of them.
        training = np.concatenate([training, training[:, :, ::-1]])
    config = config.resolved()
    gan = build.build_gan(config)
    total = config.total_kimg * 1000
    size = config.batch_size
    observer = Watch(training, held_out, total / _POINTS, size)
    show = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: tell(
            f"{min(gan.count('images_seen') / total, 1):.0%} trained"
        )
    )
    steps = len(training) // size
    gan.fit(
        training,
        batch_size=size,
        epochs=int(total // (steps * size)) + 2,
        verbose=0,
        callbacks=[StageCallback(config.stages), observer, show],
    )
    return observer.rows


def overfitting(row):
    """Computes r_v, which is 0 without overfitting and 1 at complete overfitting.

    With mean logits D of the three kinds of images, r_v = (D(training) - D(held out)) /
    (D(training) - D(generated)): at 0, held-out images look like training images to the
    discriminator, at 1 like generated images.

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/2006.06676), equation 1.
    """
    training, held_out, generated = (row[kind][0] for kind in KINDS)
    return (training - held_out) / (training - generated)


def write(config, page, facts, tell=lambda text: None):
    """Runs the study and writes its page.

    Args:
        config: Experiment, see `watch`.
        page: Path of the Markdown page; its files go to a folder of its name.
        facts: dict. `command`, `machine` and `date`, for the page.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        List of the files written, the page first.
    """
    rows = watch(config, tell)
    page = pathlib.Path(page)
    picture = page.with_suffix("") / "signs.png"
    write_beside(picture, lambda path: _plot(rows).savefig(path, dpi=100))
    lines = [
        *markdown_pages.head(f"overfitting: {config.name}", facts["command"]),
        f"{facts['machine']}, {facts['date']}, seed {config.seed}. A tenth of the "
        "images is held out of training. Each line of the table is one moment of the "
        f"training. The discriminator at that moment judges {_PATCHES} patches each "
        "of training images, of held-out images and of the generator. The sign columns "
        "are means over these patches: +1 where it says real, -1 where it says "
        "generated. r_v (Karras et al. 2020, equation 1) is 0 where held-out "
        "images look like training images to it, and 1 where they look generated.",
        "",
        f"![Mean signs]({page.stem}/signs.png)",
        "",
        "| kimg | stage | training, sign | held out, sign | generated, sign | r_v |",
        "|" + "---:|" * 6,
    ]
    for row in rows:
        signs = " | ".join(f"{row[kind][1]:+.2f}" for kind in KINDS)
        lines.append(
            f"| {row['images_seen'] / 1000:.0f} | {row['stage']} | {signs} | "
            f"{overfitting(row):+.2f} |"
        )
    text = "\n".join([*lines, ""])
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return [page, picture]


@matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False})
def _plot(rows):
    figure = Figure(figsize=(6.4, 3.0), layout="constrained")
    axis = figure.subplots()
    kimg = [row["images_seen"] / 1000 for row in rows]
    for kind in KINDS:
        axis.plot(kimg, [row[kind][1] for row in rows], label=kind)
    for before, row in zip(rows, rows[1:]):
        if row["stage"] != before["stage"]:
            axis.axvline(before["images_seen"] / 1000, color="0.8", linewidth=1)
    axis.set_ylim(-1, 1)
    axis.set_xlabel("thousands of images seen")
    axis.set_ylabel("mean sign of the logits")
    axis.legend(frameon=False)
    return figure
