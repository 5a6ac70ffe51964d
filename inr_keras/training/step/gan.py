"""An INR GAN as a Keras model with its own training step."""

import dataclasses

import keras
import tensorflow as tf

from inr_keras.config import Crops
from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.config import bounds
from inr_keras.data import stage_levels
from inr_keras.layers import precision
from inr_keras.training.patches import augmentation
from inr_keras.training.patches import draws as draws_lib
from inr_keras.training.patches.pixel_frame import frame_class
from inr_keras.training.step import ema
from inr_keras.training.step import gan_optimizers
from inr_keras.training.step import log_means
from inr_keras.training.step import optimizers
from inr_keras.training.step import row_adam
from inr_keras.training.step import updates
from inr_keras.training.step.gan_config import SavedGAN
from inr_keras.training.step.gan_config import check_combinations
from inr_keras.training.step.gan_config import check_generator
from inr_keras.training.step.held_out import FittedGAN
from inr_keras.training.step.stage_losses import TERMS
from inr_keras.training.step.stage_losses import StageLosses


@keras.saving.register_keras_serializable(package="inr_keras")
class INRGAN(SavedGAN, FittedGAN):
    """A generator of implicit neural representations and its discriminator.

    A training step draws a random crop of the stage's grid for each image, cuts the
    real patch there and renders a fake patch there. `StageCallback` moves the GAN
    through the stages of MS-patch in `fit`; without it, patches have full density.

    Both networks are updated on the same fakes, which saves a forward pass; fakes are
    rendered twice only if gradients accumulate or latents are fresh. A due R1 or R2
    term is part of a discriminator step (see `optimizers.lazy_adam`). All random
    numbers follow from `seed`, the step and the sample's index in the batch.

    `save` writes the whole GAN, and `keras.saving.load_model` loads it to continue
    training. `evaluate` and `validation_data` judge it on held-out images.

    Args:
        generator: Model with `mapping` and `synthesis`, such as `CIPSGenerator`.
        discriminator: Model from patches to logits, such as `StyleGAN2Discriminator`.
        resolution: int. Side of the full images.
        patch_size: int. Side of the patches in every stage.
        alignment: str. `"corner"`, `"center"` or `"span"`. Defaults to `"corner"`.
        crops: Crops. Where patches lie. Defaults to `Crops()`.
        reduction: str. See `real_patches`. Defaults to `"box"`.
        loss: Loss. All loss terms and their weights. Defaults to `Loss()`.
        replay_every: int. See `Frame`. Replayed samples keep the discriminator judging
            coarse structure. Defaults to `0`: there are none, as in the paper.
        accumulate: int. Micro-batches whose mean gradient makes one step; minibatch
            deviation, replay and lazy penalties see one at a time. Defaults to `1`.
        discriminator_steps: int. Steps of the discriminator for each of the generator,
            which is updated in the last of them. Defaults to `1`.
        fresh_latents: bool. Draw new latents and crops for the generator's step, as
            StyleGAN2 does. Defaults to `False`.
        simultaneous: bool. Take the generator's loss from the discriminator before its
            update, not after it. Defaults to `False`.
        dense_discriminator: Model like `discriminator`, which judges the dense patches
            of stages that have them. Defaults to `None`: `discriminator` does.
        density: Array of how often crops look where; see `Frame`.
        ema_half_life_kimg: float. Half-life of the averaged generator's weights, in
            thousands of images. Defaults to `10`.
        style_mixing: float. Share of the samples whose layers take two styles, with a
            random crossover (StyleGAN, section 3.1). Defaults to `0`.
        augment_policies: Sequence of str. See `augmentation`. Defaults to `()`.
        seed: int. Defaults to `0`.
        keeps_aspect: bool. Images come with extents, see `Frame`. Defaults to `False`.
        sees_context: bool. Give the discriminator, which must take twice the channels,
            each patch's surroundings too; see `StageLosses`. Defaults to `False`.
        stored_levels: bool. Coarse stages get smaller images. Defaults to `False`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        labels: int tensor of shape `(batch,)`, for a generator with classes.

    Returns:
        The averaged generator's images, float32 `(batch, R, R, channels)`.

    Raises:
        ValueError: `resolution` or `alignment` is not the generator's, `patch_size`
            does not divide `resolution`, `loss` or `augment_policies` is unfit, or an
            argument has no effect beside another.

    Example:
        >>> gan = INRGAN(generator, discriminator, resolution=16, patch_size=8)
        >>> gan.compile(lazy_adam(), lazy_adam(r1_interval=16))
        >>> history = gan.fit(dataset, verbose=0)  # See `StageCallback` for stages.

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix B.
    """

    def __init__(
        self,
        generator,
        discriminator,
        resolution,
        patch_size,
        alignment="corner",
        crops=None,
        reduction="box",
        loss=None,
        replay_every=0,
        accumulate=1,
        discriminator_steps=1,
        fresh_latents=False,
        simultaneous=False,
        dense_discriminator=None,
        density=None,
        ema_half_life_kimg=10.0,
        style_mixing=0.0,
        augment_policies=(),
        seed=0,
        keeps_aspect=False,
        sees_context=False,
        stored_levels=False,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        loss = loss or Loss()  # Keras uses the name `loss`.
        augmentation.check(augment_policies)
        check_generator(generator, resolution, alignment)
        bounds.check(loss, "loss")
        precision.check_training(generator, discriminator, dense_discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.dense_discriminator = dense_discriminator
        self.ema_generator = ema.clone(generator, "averaged_generator")
        self.frozen_generator = ema.clone(generator, "frozen_generator")
        self.resolution = resolution
        self.patch_size = patch_size
        self.alignment = alignment
        self.crops = crops or Crops()
        self.reduction = reduction
        self.loss_settings = loss
        self.replay_every = replay_every
        self.accumulate = accumulate
        self.discriminator_steps = discriminator_steps
        self.fresh_latents = fresh_latents
        self.simultaneous = simultaneous
        self.density = density
        self.ema_half_life_kimg = ema_half_life_kimg
        self.style_mixing = style_mixing
        self.augment_policies = tuple(augment_policies)
        self.seed = seed
        self.keeps_aspect = keeps_aspect
        self.sees_context = sees_context
        self.stored_levels = stored_levels
        check_combinations(self)
        self.trackers = {name: log_means.Mean(name=name) for name in TERMS}
        counter = {
            "shape": (),
            "initializer": "zeros",
            "dtype": "int64",
            "trainable": False,
            "aggregation": "only_first_replica",
        }
        self.step = self.add_weight(name="step", **counter)
        self.images_seen = self.add_weight(name="images_seen", **counter)
        # Index of the stage in the schedule plus one; 0 before the first.
        self.stage_number = self.add_weight(name="stage_number", **counter)
        self.row_adams = []
        self.built = True
        self.set_stage(Stage())

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        jit_compile=False,
        sparse_embedding=False,
        steps_per_execution=1,
        dense_optimizer=None,
        metrics=(),
        run_eagerly=False,
    ):
        """Takes the optimizers and creates their variables at once.

        Variables created in a step would fail under a strategy, and would be missing
        when a checkpoint is restored.

        Args:
            generator_optimizer, discriminator_optimizer: keras.optimizers.Optimizer,
                or name or config of one, such as `"adam"`; one for each network.
                `gan.optimizer.learning_rate` is the generator's, and sets both.
            jit_compile, steps_per_execution, run_eagerly: See `keras.Model.compile`.
            sparse_embedding: bool. Train the tables of the coordinate embedding by
                `RowAdam`, with the rate of the generator's Adam, whose `beta_1` must be
                0. Defaults to `False`.
            dense_optimizer: Optimizer of `dense_discriminator`.
            metrics: List of keras.metrics.Metric, or names, that `evaluate` computes of
                whole held-out images and as many of the averaged generator, both with
                levels in [0, 255], such as `inr_keras.metrics.FrechetDistance`.
        """
        generator_optimizer, discriminator_optimizer, dense_optimizer = (
            gan_optimizers.take(
                generator_optimizer, discriminator_optimizer, dense_optimizer
            )
        )
        if metrics and self.keeps_aspect:
            raise ValueError(
                "`metrics` must be empty where images keep their shapes, which whole "
                f"images of the generator lack. Received: {metrics}"
            )
        if self.row_adams:
            raise ValueError(
                "`compile` must be called once with `sparse_embedding`, whose state is "
                "of the first optimizer's steps. Received: a second call"
            )
        super().compile(
            optimizer=None,
            jit_compile=jit_compile,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.dense_optimizer = dense_optimizer
        self.held_out_metrics = [keras.metrics.get(metric) for metric in metrics or ()]
        if sparse_embedding:
            self.row_adams = row_adam.for_embedding(
                self.generator, self.ema_generator, generator_optimizer
            )
        tables = {id(adam.table) for adam in self.row_adams}
        variables = self.generator.trainable_variables
        generator_optimizer.build([v for v in variables if id(v) not in tables])
        for optimizer, network in self.discriminators():
            optimizer.build(network.trainable_variables)
        self.optimizer = gan_optimizers.JointOptimizer(self.optimizers())

    def discriminators(self):
        """Lists pairs of optimizer and discriminator, that of dense patches last."""
        pairs = [(self.discriminator_optimizer, self.discriminator)]
        if self.dense_optimizer:
            pairs.append((self.dense_optimizer, self.dense_discriminator))
        return pairs

    def optimizers(self):
        """Lists the optimizers, the generator's first."""
        others = [optimizer for optimizer, _ in self.discriminators()]
        return [self.generator_optimizer, *others]

    def set_stage(self, stage, earlier=(), freeze=False):
        """Builds the frame and the losses of a stage; in a running `fit` too.

        Args:
            stage: Stage. It is trained from the next step on.
            earlier: Sequence of Stage. The stages before.
            freeze: bool. Whether to copy the averaged generator of this moment to the
                frozen one; a resumed run has it already. Defaults to `False`.
        """
        for each in (*earlier, stage):
            bounds.check(each, "stage")
        if freeze:
            ema.copy(self.frozen_generator, self.settled_average())
        self.stage = stage
        self.earlier_stages = tuple(earlier)
        self.frame = frame_class(self.crops, stage.random_stride)(
            self.resolution,
            self.patch_size,
            self.alignment,
            [s.stride for s in (*self.earlier_stages, stage)],
            self.reduction,
            self.density,
            self.replay_every,
            self.crops,
            getattr(self.discriminator, "stddev_group", 1),
            self.generator.coord_dim,
            self.generator.wraps,
            stage_levels.stride(stage, self.crops) if self.stored_levels else 1,
        )
        interval = self.loss_settings.dense_interval
        self.stage_losses = self._make_losses(stage.dense_weight * interval)
        # For steps without dense patches.
        self.losses_between = self._make_losses(0.0) if interval > 1 else None
        # The step is compiled for one stage. `fit` reads the attribute in each step.
        if self.train_function is not None:
            self.make_train_function(force=True)

    def _make_losses(self, dense_weight):
        return StageLosses(
            self.generator,
            self.frozen_generator,
            self.discriminator,
            self.frame,
            dataclasses.replace(self.stage, dense_weight=dense_weight),
            self.earlier_stages,
            self.loss_settings,
            self.augment_policies,
            self.dense_discriminator,
            self.sees_context,
        )

    def train_step(self, data):
        """Updates both networks on patches of a batch, then the averaged generator.

        Args:
            data: Batch of images `(batch, R, R, channels)`, uint8 or floats in
                [0, 255], see `batches.unpack` and `batches.as_levels`.

        Returns:
            Dict from the names of `stage_losses.TERMS` to means over the steps since
            they were last reset.
        """
        images, batch = self.take(data)
        # Random numbers of each sample: its crop, latents, noise and augmentation.
        draws = self.draw(images.shape[0], batch.labels, batch.extents)
        styles, terms = updates.update_networks(self, images, draws)
        self.generator.mapping.track(styles)  # The mean style, for truncation.
        self.update_average()  # EMA.
        self.step.assign(self.step + 1)
        self.images_seen.assign(self.images_seen + self.batch_size)
        if batch.wait_seconds is not None:
            terms["data_wait"] = batch.wait_seconds
        return log_means.update(self.trackers, terms)

    def update_discriminators(self, gradients):
        """Applies each discriminator's gradients; returns the norm of the first's."""
        norms = [
            optimizers.update(optimizer.apply, own, network.trainable_variables)
            for (optimizer, network), own in zip(self.discriminators(), gradients)
        ]
        return norms[0]

    def update_generator(self, gradients):
        """Applies gradients to the generator, tables row by row; returns their norm."""

        def apply(gradients, variables):
            row_adam.apply(
                self.generator_optimizer,
                self.row_adams,
                gradients,
                variables,
                # Averages of tables move here, in the generator's steps alone.
                self.decay**self.discriminator_steps,
            )

        return optimizers.update(apply, gradients, self.generator.trainable_variables)

    def update_average(self):
        """Moves the averaged generator's weights towards the generator's (EMA)."""
        tables = {id(adam.average) for adam in self.row_adams}
        averages, weights = self.ema_generator.weights, self.generator.weights
        pairs = [pair for pair in zip(averages, weights) if id(pair[0]) not in tables]
        ema.update(*zip(*pairs), self.decay)

    def draw(self, batch, labels=None, extents=None, fresh=False, step=None):
        """Draws the random numbers of a step, the present one unless it is given."""
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self.batch_size = batch * replicas
        return draws_lib.draw(
            self.seed,
            self.step if step is None else step,
            batch,
            self.patch_size**self.generator.coord_dim,
            self.generator.latent_dim,
            self.generator.num_layers,
            self.style_mixing,
            self.generator.noise,
            labels,
            extents,
            fresh,
            self.generator.coord_dim,
        )

    @property
    def decay(self):
        """Decay of the averaged generator's weights in a step."""
        return ema.decay_for(self.batch_size, self.ema_half_life_kimg)

    def count(self, name):
        """Reads `step`, `images_seen` or `stage_number` as an int."""
        return int(keras.ops.convert_to_numpy(getattr(self, name)))

    def settled_average(self):
        """Returns the averaged generator after bringing its tables up to date."""
        for adam in self.row_adams:
            adam.settle()
        return self.ema_generator

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = log_means.unpacking(self.train_function)
        return self.train_function

    def _maybe_symbolic_build(self, *args, **kwargs):
        pass  # All is built; Keras would try to add up workers' uint8 images.
