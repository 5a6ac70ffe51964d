"""An INR GAN as a Keras model with its own training step."""

import keras
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.training.patches import augmentation
from inr_keras.training.patches import batches
from inr_keras.training.patches import draws as draws_lib
from inr_keras.training.patches import frame as frame_lib
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.patches.random_frame import RandomFrame
from inr_keras.training.step import ema
from inr_keras.training.step import log_means
from inr_keras.training.step import row_adam
from inr_keras.training.step import steps
from inr_keras.training.step import updates
from inr_keras.training.step.critic import Critic
from inr_keras.training.step.dense_patches import DensePatches
from inr_keras.training.step.patch_prior import PatchPrior


@keras.saving.register_keras_serializable(package="inr_keras")
class INRGAN(keras.Model):
    """A generator of implicit neural representations and its critic.

    Trains on patches: a step draws a random crop of the stage's grid for each
    image, cuts the real patch there and renders the fake one there.
    `StageCallback` moves it through the stages of MS-patch in a running
    `fit`; by itself it trains on full-density patches.

    The discriminator's step and the generator's use the same fakes (StyleGAN2
    draws new ones), which saves a forward pass where the batch is whole; where
    gradients accumulate, the generator draws them twice. A due R1 or R2 term
    joins the gradient of its discriminator step, times the interval, instead
    of a step of its own; the optimizer's rate and betas are corrected as
    StyleGAN2 does (see `optimizers.lazy_adam`).

    All random numbers follow from `seed`, the step and the sample's index in
    the global batch, whatever the number of replicas.

    Args:
        generator: Model with `mapping` and `synthesis`, such as
            `CIPSGenerator`.
        discriminator: Model from patches to logits, such as
            `StyleGAN2Discriminator`.
        resolution: int. Side of the full images.
        patch_size: int. Side of the patches in every stage.
        alignment: str. `"corner"` or `"center"`. Defaults to `"corner"`.
        aligned_crops: bool. Start crops on samples of the previous stage's
            grid, so that patch regularization compares equal regions; `False`
            draws any offset and rounds down, as the authors' code. Defaults to
            `True`.
        reduction: str. See `real_patches`. Defaults to `"box"`.
        loss: Loss. Adversarial loss, penalties and patch regularization.
            Defaults to `Loss()`.
        replay_every: int. Every `replay_every`-th sample looks at the grid of
            an earlier stage, so that coarse structure keeps its critic; see
            `views.plan`. Those have no patch regularization. Defaults to `0`:
            none, as in the paper.
        accumulate: int. Micro-batches whose mean gradient makes one step.
            `MinibatchStddev` and lazy penalties then see a micro-batch at a
            time; all else equals the whole batch up to rounding, but for
            embedding tables, whose gradients become dense (see `RowAdam`),
            and replayed grids, which each part takes in turn anew.
            Defaults to `1`.
        discriminator_steps: int. The generator is updated in the last of so
            many steps, the discriminator in each. Images seen are those of
            all steps. Defaults to `1`.
        dense_discriminator: Model as `discriminator`. Judges the dense patches
            of stages that have them; `None`: `discriminator` does.
        density: Array of how often crops look where; see `views.Frame`.
        ema_half_life_kimg: float. Of the averaged generator. Defaults to `10`.
        style_mixing: float. Share of the samples whose layers take two
            styles, with a random crossover (StyleGAN, section 3.1). Defaults
            to `0`.
        augment_policies: Sequence of str. See `augment`. Defaults to `()`.
        seed: int. Defaults to `0`.
        keeps_aspect: bool. Whether images are of different shapes, and come
            with their extents; see `views.Frame`. Defaults to `False`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        labels: Of a generator with classes, int tensor of shape `(batch,)`.

    Returns:
        The averaged generator's images at the training resolution.

    Example:
        >>> gan = INRGAN(generator, discriminator, 64, 16)
        >>> gan.compile(lazy_adam(), lazy_adam(r1_interval=16))
        >>> gan.fit(dataset, callbacks=[StageCallback(stages)])

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
        aligned_crops=True,
        reduction="box",
        loss=None,
        replay_every=0,
        accumulate=1,
        discriminator_steps=1,
        dense_discriminator=None,
        density=None,
        ema_half_life_kimg=10.0,
        style_mixing=0.0,
        augment_policies=(),
        seed=0,
        keeps_aspect=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        frame = resolution, patch_size, alignment, reduction, density
        self.plain_frame = frame_lib.Frame(*frame)
        self.random_frame = RandomFrame(*frame)
        self.generator = generator
        self.discriminator = discriminator
        self.dense_discriminator = dense_discriminator
        self.ema_generator = ema.clone(generator)
        self.frozen_generator = ema.clone(generator)
        self.aligned_crops = aligned_crops
        # Not `self.loss`, which Keras has given to its own.
        self.loss_settings = loss or Loss()
        self.replay_every = replay_every
        self.accumulate = accumulate
        self.discriminator_steps = discriminator_steps
        self.ema_half_life_kimg = ema_half_life_kimg
        self.style_mixing = style_mixing
        self.augment_policies = tuple(augment_policies)
        self.seed = seed
        self.keeps_aspect = keeps_aspect
        self.stage = Stage()
        self.earlier_stages = ()
        self.trackers = log_means.trackers()
        counter = {
            "shape": (),
            "initializer": "zeros",
            "dtype": "int64",
            "trainable": False,
            "aggregation": "only_first_replica",
        }
        self.step = self.add_weight(name="step", **counter)
        self.images_seen = self.add_weight(name="images_seen", **counter)
        # One more than the stage's place in the schedule; 0: none yet.
        self.stage_number = self.add_weight(name="stage_number", **counter)
        self.built = True

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        jit_compile=False,
        sparse_embedding=False,
        steps_per_execution=1,
        dense_optimizer=None,
    ):
        """Takes the optimizers and builds their variables at once.

        With `sparse_embedding`, tables of the coordinate embedding are
        trained by `RowAdam` with the rate of the generator's Adam, whose
        `beta_1` must be 0.
        """
        super().compile(
            optimizer=None,
            jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
        )
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.dense_optimizer = dense_optimizer
        self.row_adams = []
        if sparse_embedding:
            self.row_adams = row_adam.for_embedding(
                self.generator, self.ema_generator, generator_optimizer
            )
        updates.build(self)

    @property
    def metrics(self):
        return list(self.trackers.values())

    @property
    def frame(self):
        """The present stage's."""
        random = self.stage.random_stride
        return self.random_frame if random else self.plain_frame

    @property
    def critic(self):
        """The discriminator with its losses."""
        return Critic(self.discriminator, self.loss_settings)

    @property
    def patch_prior(self):
        """Patch regularization of the present stage; false where it is off."""
        return PatchPrior(
            self.frozen_generator,
            self.frame,
            self.stage,
            self.earlier_stages,
            self.loss_settings,
        )

    @property
    def dense(self):
        """The dense patches of the present stage; false where they are off."""
        critic = self.dense_discriminator or self.discriminator
        return DensePatches(
            self.generator,
            Critic(critic, self.loss_settings),
            self.plain_frame,
            self.stage.dense_weight,
            self.augment_policies,
            is_same=self.dense_discriminator is None,
        )

    def set_stage(self, stage, earlier=(), freeze=False):
        """Changes grid density and patch loss, in a running `fit` too.

        Args:
            stage: Stage. What the next step trains.
            earlier: Sequence of Stage. Those before; patch regularization
                compares with the density of the last.
            freeze: bool. Make the averaged generator of this moment the
                frozen one. `False` where a resumed run has it already.
        """
        if freeze:
            ema.copy(self.frozen_generator, self.settled_average())
        self.stage = stage
        self.earlier_stages = tuple(earlier)
        # The step is compiled for one stage: fixed shapes, and no branch that
        # it does not take. `fit` reads the attribute in each step.
        if self.train_function is not None:
            self.make_train_function(force=True)

    def count(self, name):
        """`step`, `images_seen` or `stage_number` as an int."""
        return int(keras.ops.convert_to_numpy(getattr(self, name)))

    def settled_average(self):
        """The averaged generator, all rows of its tables up to date."""
        for adam in self.row_adams:
            adam.settle()
        return self.ema_generator

    def call(self, latents, labels=None):
        side = self.frame.resolution
        grid = coordinates.grid(side, side, 1, self.frame.alignment)
        told = {} if labels is None else {"labels": labels}
        styles = self.ema_generator.mapping(latents, **told)
        rgb = self.ema_generator.synthesis(styles, tf.reshape(grid, (1, -1, 2)))
        return tf.reshape(rgb, (-1, side, side, rgb.shape[-1]))

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = log_means.unpacking(self.train_function)
        return self.train_function

    def train_step(self, data):
        labelled = bool(getattr(self.generator, "class_names", ()))
        data = batches.unpack(data, labelled, self.keeps_aspect)
        images, batch = data.images, data.images.shape[0]
        self.batch_size = batch * self._replicas
        draws = self.draw(batch, data.extents)._replace(labels=data.labels)
        draws = self.dense.look(images, draws)
        real = self.real_patches(images, draws)
        first_styles, logs = steps.run(self, real, draws)

        self.generator.mapping.track(first_styles)
        done = {id(adam.average) for adam in self.row_adams}
        averages, weights = self.ema_generator.weights, self.generator.weights
        pairs = [p for p in zip(averages, weights) if id(p[0]) not in done]
        ema.update(*zip(*pairs), self.decay)
        self.step.assign(self.step + 1)
        self.images_seen.assign(self.images_seen + self.batch_size)
        if data.waited is not None:
            logs["data_wait"] = data.waited
        return log_means.update(self.trackers, logs)

    def draw(self, batch, extents=None):
        """The random numbers of the present step, for `batch` samples."""
        return draws_lib.draw(
            self.seed,
            self.step,
            batch,
            self.frame,
            self._views(batch),
            self.generator.latent_dim,
            self.generator.num_layers,
            self.style_mixing,
            self.generator.noise,
            mixture=self.critic.is_wasserstein,
            dense=bool(self.dense),
            extents=extents,
        )

    def real_patches(self, images, draws):
        """Patches of full uint8 images where the samples look."""
        shares = self._views(images.shape[0])
        return self.frame.real_patches(images, draws.offsets, shares, draws.extents)

    def place(self, draws):
        """What the critic is told of where patches lie, or `None`."""
        if not self.critic.told_place:
            return None
        shares = self._views(draws.offsets.shape[0])
        coords = self._coords(draws)
        return self.frame.place(coords, draws.offsets, shares)

    def fake_patches(self, draws):
        """The generator's patches on the same regions."""
        return self._fake_patches(layer_styles(self.generator, draws), draws)

    def discriminator_gradients(self, real, fake, draws):
        """Logs and gradients of the discriminator's losses, penalties too."""
        # The same changes for a real image and for the fake beside it.
        real = self._augment(real, draws)
        fake = self._augment(self.critic.seen(tf.stop_gradient(fake)), draws)
        due = tf.equal(self.step % self.loss_settings.r1_interval, 0)
        critic = self.critic.given(draws.labels)
        found = critic.gradients(real, fake, self.place(draws), due, draws.mixture)
        return self.dense.join(found, draws, due)

    def generator_gradients(self, real, draws):
        """Logs and gradients of the generator's losses, forward included."""
        with tf.GradientTape() as tape:
            fake = self.fake_patches(draws)
            logs, loss = self._generator_loss(real, fake, draws)
        return logs, tape.gradient(loss, self.generator.trainable_variables)

    def _generator_loss(self, real, fake, draws):
        loss = self.critic.given(draws.labels).generator_loss(
            self._augment(real, draws),
            self._augment(self.critic.seen(fake), draws),
            self.place(draws),
        )
        logs = {"g_loss": loss}
        if self.patch_prior:
            shares = self._views(fake.shape[0])
            logs["patch"] = self.patch_prior.loss(fake, draws, shares)
            weight = self.patch_prior.weight(self.images_seen)
            loss = loss + weight * logs["patch"]
        if self.dense:
            logs["dense_g_loss"] = self.dense.generator_loss(draws)
            loss = loss + self.stage.dense_weight * logs["dense_g_loss"]
        return logs, loss

    def _fake_patches(self, styles, draws):
        shares = self._views(draws.offsets.shape[0])
        return self.frame.fake_patches(
            self.generator,
            styles,
            draws.offsets,
            shares,
            draws.noise,
            draws.extents,
        )

    def _views(self, batch):
        strides = [s.stride for s in (*self.earlier_stages, self.stage)]
        return frame_lib.plan(strides, batch, self.replay_every, self.aligned_crops)

    def _coords(self, draws):
        shares = self._views(draws.offsets.shape[0])
        return self.frame.patch_coords(draws.offsets, shares)

    def _augment(self, images, draws):
        return augmentation.diff_augment(
            images, draws.augmentation, self.augment_policies
        )

    def _maybe_symbolic_build(self, *args, **kwargs):
        # Nothing is left to build. Keras would add up uint8 images of
        # several workers for it, which TensorFlow cannot.
        pass

    @property
    def decay(self):
        """Of the averages, in a step."""
        return ema.decay_for(self.batch_size, self.ema_half_life_kimg)

    @property
    def _replicas(self):
        return tf.distribute.get_strategy().num_replicas_in_sync
