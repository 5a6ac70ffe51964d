"""Steps of every kind give the numbers that they gave before the step was rewritten.

`tests/fixtures/training_steps.json` was recorded at commit ec352fe by this project. The
rewritten step gave the same bits, but for dense patches, whose gradients are summed in
another order (5e-7). Four kinds were recorded again on 2026-11-28, as their numbers
are meant to differ: penalties differentiate to patches before their augmentation
(`everything_mixed`, `two_replicas`), the samples that the discriminator compares are on
one grid (`everything_mixed`, `aspects`), and grids begin as far out as the frame
(`random_strides`); on 2026-12-01 also where a map of density chooses them (`slides`).
"""

import json

import numpy as np
import pytest
import tensorflow as tf

from configs import tiny
from inr_keras import config as config_lib
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training import strategies
from tests import testing
from tests.training import small

RECORDED = json.loads((testing.FIXTURES / "training_steps.json").read_text())
PLAIN = (Stage(4, 0.008), Stage(2, 0.008, 1.0), Stage(1, 0.008, 1.0, 0.5))
DENSE = (
    Stage(4, 0.008, dense_weight=0.5),
    Stage(2, 0.008, 1.0, dense_weight=0.5),
)
RANDOM = (
    Stage(2, 0.008, random_stride=True),
    Stage(1, 0.008, random_stride=True, dense_weight=0.5),
)
WGAN = {"loss.adversarial": "wgan", "loss.r1_weight": 0.0}
KINDS = {
    "plain": {},
    "everything_mixed": {
        "style_mixing": 0.5,
        "augment": ("color", "translation", "cutout"),
        "replay_every": 2,
        "discriminator.stddev_group": 2,
        "loss.r2_weight": 2.0,
        "loss.adversarial": "relativistic",
        "loss.clip_fakes": True,
        "loss.patch": "l2",
        "loss.patch_pool": 2,
        "loss.patch_margin": 0.01,
        "discriminator.position": True,
        "generator.noise": True,
    },
    "corner": {
        "alignment": "corner",
        "crops.starts": "grid",
        "data.reduction": "antialias",
    },
    "accumulated": {"accumulate": 2, "style_mixing": 0.5},
    "several_d_steps": {"discriminator_steps": 2},
    "dense_patches": {"stages": DENSE},
    "dense_second": {
        "stages": DENSE,
        "loss.dense_discriminator": "second",
        "accumulate": 2,
    },
    "wgan": WGAN,
    "classes": {
        "data.labels": True,
        "data.groups": ("faces", "people", "animals"),
        "style_mixing": 0.5,
    },
    "aspects": {
        "data.aspect": "keep",
        "replay_every": 2,
        "discriminator.stddev_group": 2,
    },
    "random_strides": {"stages": RANDOM, "discriminator.position": True},
    "slides": {
        "stages": RANDOM,
        "discriminator_steps": 2,
        "data.density": "center",
        **WGAN,
        "loss.dense_discriminator": "second",
        "optimizer.mapping_rate": 0.5,
        "optimizer.final_rate": 0.1,
    },
    "sparse_table": {"generator.sparse_embedding": True, "discriminator_steps": 2},
    "two_replicas": {
        "strategy": "mirrored",
        "replicas": 2,
        "style_mixing": 0.5,
        "augment": ("color",),
    },
}


def batch_of(config, seed):
    images = tf.constant(small.random_images(seed=seed))
    if config.data.labels:
        return images, tf.constant([2, 0, 1, 2])
    if config.data.keeps_aspect:
        return images, tf.constant([[32, 32], [32, 10], [6, 32], [22, 32]])
    return images


def replicated(gan, strategy):
    """A step on two replicas, as a function of the whole batch."""

    def step(images):
        parts = strategy.experimental_distribute_values_from_function(
            lambda context: tf.split(images, 2)[context.replica_id_in_sync_group]
        )
        logs = strategy.run(gan.train_step, (parts,))
        return {k: strategy.reduce("MEAN", v, axis=None) for k, v in logs.items()}

    return step


def record(changes):
    """Records logs of two steps a stage, and two numbers of each network's weights."""
    stages = changes.get("stages", PLAIN)
    config = tiny.get_config()
    config.stages = stages
    changes = {k: v for k, v in changes.items() if k != "stages"}
    # Adam's first steps are signs of gradients: with its usual epsilon a rounding error
    # in a gradient near zero moves a weight fully.
    config = config_lib.changed(config, {**changes, "optimizer.epsilon": 1e-2})
    strategy = strategies.make(config)
    with strategy.scope():
        gan = build.build_gan(config)
    logs = []
    for i, stage in enumerate(stages):
        gan.set_stage(stage, stages[:i], freeze=i > 0)
        step = gan.train_step
        if config.strategy != "none":
            step = replicated(gan, strategy)
        for seed in (10 * i, 10 * i + 1):
            values = step(batch_of(config, seed))
            logs.append({name: float(value) for name, value in values.items()})
    gan.settled_average()
    weights = {
        name: summary(getattr(gan, name))
        for name in (
            "generator",
            "ema_generator",
            "frozen_generator",
            "discriminator",
            "dense_discriminator",
        )
        if getattr(gan, name) is not None
    }
    return {"logs": logs, "weights": weights}


def summary(network):
    """Sums up weights as the sum of their mean sizes and a projection."""
    arrays = [np.asarray(w, "float64") for w in network.get_weights()]
    size = sum(np.mean(np.abs(a)) for a in arrays)
    waves = (np.cos(np.arange(a.size)) * a.ravel() for a in arrays)
    return [float(size), float(sum(wave.sum() for wave in waves))]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_gives_the_recorded_numbers(kind):
    expected, actual = RECORDED[kind], record(KINDS[kind])
    for old, new in zip(expected["logs"], actual["logs"], strict=True):
        assert set(new) == set(old)
        for name, value in old.items():
            # A product of a kernel for each image rounds otherwise: 1.07e-4 here.
            near = 2e-4 if (kind, name) == ("wgan", "g_grad") else 1e-4
            np.testing.assert_allclose(new[name], value, near, 1e-5, err_msg=name)
    assert set(actual["weights"]) == set(expected["weights"])
    for name, (size, projection) in expected["weights"].items():
        new_size, new_projection = actual["weights"][name]
        np.testing.assert_allclose(new_size, size, 1e-5, err_msg=name)
        np.testing.assert_allclose(new_projection, projection, 1e-4, 1e-3, err_msg=name)
