"""Builder of the GAN for the settings of an experiment."""

import keras
import tensorflow as tf
from absl import logging

from inr_keras.config import CIPS
from inr_keras.data import classes
from inr_keras.training import networks
from inr_keras.training.patches import crop_density
from inr_keras.training.step.adversarial_loss import lazy_weight
from inr_keras.training.step.gan import INRGAN
from inr_keras.training.step.optimizers import lazy_adam


def build_gan(config):
    """Builds and compiles the GAN for the settings of an experiment.

    Args:
        config: Experiment.

    Returns:
        INRGAN before its first stage, which `set_stage` or `StageCallback` sets.

    Example:
        >>> gan = build_gan(tiny.get_config())
        >>> gan.count("images_seen")
        0
    """
    config = classes.with_classes(config.resolved())
    keras.utils.set_random_seed(config.seed)
    generator = networks.build_generator(config)
    discriminator = networks.build_discriminator(config)
    dense_stages = [stage for stage in config.stages if stage.dense_weight]
    is_second = dense_stages and config.loss.dense_discriminator == "second"
    penalized = config.loss.r1_weight or config.loss.r2_weight
    gan = INRGAN(
        generator,
        discriminator,
        resolution=config.resolution,
        patch_size=config.patch_size,
        alignment=config.alignment,
        crops=config.crops,
        reduction=config.data.reduction,
        loss=config.loss,
        replay_every=config.replay_every,
        accumulate=config.accumulate,
        discriminator_steps=config.discriminator_steps,
        fresh_latents=config.fresh_latents,
        simultaneous=config.simultaneous,
        dense_discriminator=networks.build_discriminator(config, "dense_discriminator")
        if is_second
        else None,
        density=crop_density.load(config.data.density, config.resolution),
        ema_half_life_kimg=config.ema_half_life_kimg,
        style_mixing=config.style_mixing,
        augment_policies=config.augment,
        seed=config.seed,
        keeps_aspect=config.data.keeps_aspect,
        sees_context=config.discriminator.context,
        stored_levels=config.data.stored_levels,
    )
    o = config.optimizer
    adam = o.beta_1, o.beta_2, o.epsilon

    def discriminators_adam(stages, every=1):
        interval = lazy_weight(config.loss.r1_interval, every)
        return lazy_adam(
            o.discriminator_learning_rate,
            *adam,
            r1_interval=interval if penalized else 0,
            tail=_tail(config, stages, every),
        )

    gan.compile(
        lazy_adam(
            o.learning_rate,
            *adam,
            r1_interval=o.generator_interval,
            tail=_tail(config, config.stages, config.discriminator_steps),
            mapping_rate=o.mapping_rate,
        ),
        discriminators_adam(config.stages),
        jit_compile=config.jit_compile,
        sparse_embedding=(
            isinstance(config.generator, CIPS) and config.generator.sparse_embedding
        ),
        steps_per_execution=config.steps_per_execution,
        dense_optimizer=discriminators_adam(dense_stages, config.loss.dense_interval)
        if is_second
        else None,
    )
    return gan


def gan_at_stage(config, index=-1):
    """Builds the GAN in one of its stages, with the generator frozen at its start.

    Args:
        config: Experiment.
        index: int. Index of the stage in `config.resolved().stages`. Defaults to `-1`:
            the last one.

    Returns:
        INRGAN.
    """
    stages = config.resolved().stages
    index %= len(stages)
    gan = build_gan(config)
    gan.set_stage(stages[index], stages[:index], freeze=True)
    return gan


def _tail(config, stages, every=1):
    """Computes the steps in which an optimizer's rate falls, those of the last stage.

    Args:
        config: Experiment.
        stages: Sequence of Stage. Those in which the optimizer makes steps.
        every: int. The optimizer makes one step in `every` steps of the run.

    Returns:
        Arguments `begin`, `end` and `final` of `CosineTail`, or `None` where the rate
        is constant.
    """
    last = config.stages[-1]
    if config.optimizer.final_rate == 1.0 or stages[-1] is not last:
        return None
    steps = 1000.0 / config.batch_size / every
    total = round(sum(stage.kimg for stage in stages), 6)
    return (
        int((total - last.kimg) * steps),
        int(total * steps),
        config.optimizer.final_rate,
    )


def limit_threads(config):
    """Sets the number of threads of `config`, if TensorFlow does not run yet."""
    threads = config.intra_op_threads
    if threads and tf.config.threading.get_intra_op_parallelism_threads() != threads:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        except RuntimeError:
            logging.warning(
                "config.intra_op_threads is left as it is: TensorFlow already runs "
                "in this process."
            )
