"""Patch regularization beside the adversarial loss at the end of a run."""

import dataclasses
import pathlib

import numpy as np
import tensorflow as tf

from inr_keras.config.choices import PATCH_LOSSES
from inr_keras.data import pipeline
from inr_keras.runs import config_file
from inr_keras.training import build
from inr_keras.training import checkpoints
from inr_keras.training.step.patch_prior import PatchPrior

WEIGHT = 0.01  # The middle one of those in MS-patch's public code.


def check(config):
    """Raises `ValueError` for a config whose runs `measure` cannot take."""
    for name, value, rule, is_met in (
        ("data.labels", config.data.labels, "False", not config.data.labels),
        ("data.aspect", config.data.aspect, "crop", not config.data.keeps_aspect),
        ("stages", len(config.stages), "two or more", len(config.stages) > 1),
    ):
        if not is_met:
            raise ValueError(
                f"config.{name} must be {rule}, as terms of patch regularization are "
                f"measured. Received: {value!r}"
            )


def measure(run, batches=8):
    """Measures the terms of the generator's loss in the last stage of a run.

    Args:
        run: str or path of a run directory. Trained in two stages or more, on square
            images without labels.
        batches: int. Batches over which the results are averaged. Defaults to `8`.

    Returns:
        dict: `weight` and `kind` of the stage's patch regularization; `values`, a dict
        from each kind to its distance from the stage before, without weight; and
        `shares`, a dict from each kind to the gradient norm of this distance, divided
        by that of the adversarial loss.
    """
    run = pathlib.Path(run)
    config = config_file.load_config(run)
    config.data.stored_levels = False  # Full images from the first batch on.
    gan = build.gan_at_stage(config)
    checkpoints.restore(gan, run / "checkpoints")
    priors = {
        kind: PatchPrior(
            gan.frozen_generator,
            gan.frame,
            dataclasses.replace(config.loss, patch=kind),
        )
        for kind in PATCH_LOSSES
    }
    variables = gan.generator.trainable_variables

    @tf.function
    def terms(images):
        draws = gan.draw(images.shape[0])
        with tf.GradientTape(persistent=True) as tape:
            patches = gan.stage_losses.patches(images, draws)
            own = gan.stage_losses.framed_losses[0].adversarial
            values = {"adversarial": own.generator_loss(patches[0].pair)}
            for kind, prior in priors.items():
                rendered, offsets = patches[0].rendered, patches[0].offsets
                values[kind] = prior.loss(rendered, offsets, draws)
        norms = {
            name: _gradient_norm(tape, value, variables)
            for name, value in values.items()
        }
        gan.step.assign_add(1)  # New draws.
        return values, norms

    found = [
        tf.nest.map_structure(float, terms(images))
        for images in pipeline.training_dataset(config).take(batches)
    ]
    mean = {
        name: [np.mean([pair[i][name] for pair in found]) for i in range(2)]
        for name in ("adversarial", *PATCH_LOSSES)
    }
    _, adversarial = mean["adversarial"]
    return {
        "weight": config.resolved().stages[-1].patch_weight,
        "kind": config.loss.patch,
        "values": {kind: float(mean[kind][0]) for kind in PATCH_LOSSES},
        "shares": {kind: float(mean[kind][1] / adversarial) for kind in PATCH_LOSSES},
    }


def section(pairs):
    """Writes a section of a page about runs with several weights.

    Args:
        pairs: List of pairs, the results of a run and its directory.

    Returns:
        str: Markdown.
    """
    lines = [
        "## Regularization beside the adversarial loss",
        "",
        "At the end of each run, in its last stage: the mean of squared differences "
        "from the stage before and equation 4's norm of them; and the norm of their "
        "gradients as a share of the adversarial loss's, at the run's own weight and "
        f"at {WEIGHT:g} of each.",
        "",
        "| run | seed | mean of squares | norm | gradient at own weight "
        f"| at {WEIGHT:g}, mean of squares | at {WEIGHT:g}, norm |",
        "|---" + "|---:" * 6 + "|",
    ]
    for result, run in pairs:
        found = measure(run)
        shares = found["shares"]
        cells = [
            result["title"],
            result["seed"],
            *(f"{found['values'][kind]:.3g}" for kind in PATCH_LOSSES),
            f"{found['weight'] * shares[found['kind']]:.2%}",
            *(f"{WEIGHT * shares[kind]:.2%}" for kind in PATCH_LOSSES),
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def _gradient_norm(tape, value, variables):
    gradients = tape.gradient(value, variables)
    # Dense, so that rows of a table that several points read are summed first.
    return tf.linalg.global_norm(
        [tf.convert_to_tensor(g) for g in gradients if g is not None]
    )
