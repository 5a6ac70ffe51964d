"""An INR GAN as a Keras model with its own training step."""

import keras
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import losses
from inr_keras.config import Stage
from inr_keras.training import augment
from inr_keras.training import draws as draws_lib
from inr_keras.training import ema
from inr_keras.training.real_patches import real_patches

METRICS = ("d_loss", "g_loss", "r1", "patch", "real_logits", "fake_logits")
_IDLE = -1.0  # Stands for the penalty in a step without R1.


@keras.saving.register_keras_serializable(package="inr_keras")
class INRGAN(keras.Model):
    """A generator of implicit neural representations and its critic.

    Trains on patches: a step draws a random crop of the stage's grid for each
    picture, cuts the real patch there and renders the fake one there.
    `StageCallback` moves it through the stages of MS-patch in a running
    `fit`; by itself it trains on full-density patches.

    The discriminator's step and the generator's use the same fakes (StyleGAN2
    draws new ones), which saves a forward pass. A due R1 term joins the
    gradient of its discriminator step, times the interval, instead of a step
    of its own; the optimizer's rate and betas are corrected as StyleGAN2 does
    (see `optimizers.lazy_adam`).

    All random numbers follow from `seed`, the step and the sample's index in
    the global batch, whatever the number of replicas.

    Args:
        generator: Model with `mapping` and `synthesis`, such as
            `CIPSGenerator`.
        discriminator: Model from patches to logits.
        resolution: int. Side of the full pictures.
        patch_size: int. Side of the patches in every stage.
        alignment: str. `"corner"` or `"center"`. Defaults to `"corner"`.
        aligned_crops: bool. Start crops on samples of the previous stage's
            grid, so that patch regularization compares equal regions; `False`
            draws any offset and rounds down, as the authors' code. Defaults to
            `True`.
        reduction: str. See `real_patches`. Defaults to `"box"`.
        r1_weight: float. gamma of R1. Defaults to `10`.
        r1_interval: int. Steps between two R1 terms. Defaults to `16`.
        patch_loss: str. See `losses.patch_regularization`. Defaults to
            `"mse"`.
        ema_half_life_kimg: float. Of the averaged generator. Defaults to `10`.
        style_mixing: float. Share of the samples whose layers take two
            styles, with a random crossover (StyleGAN, section 3.1). Defaults
            to `0`.
        augment_policies: Sequence of str. See `augment`. Defaults to `()`.
        seed: int. Defaults to `0`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.

    Returns:
        The averaged generator's pictures at the training resolution.

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
        r1_weight=10.0,
        r1_interval=16,
        patch_loss="mse",
        ema_half_life_kimg=10.0,
        style_mixing=0.0,
        augment_policies=(),
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if patch_size > resolution or resolution % patch_size:
            raise ValueError(
                "`patch_size` must divide `resolution`. "
                f"Received: {resolution=}, {patch_size=}"
            )
        self.generator = generator
        self.discriminator = discriminator
        self.ema_generator = _clone(generator)
        self.frozen_generator = _clone(generator)
        self.resolution = resolution
        self.patch_size = patch_size
        self.alignment = alignment
        self.aligned_crops = aligned_crops
        self.reduction = reduction
        self.r1_weight = r1_weight
        self.r1_interval = r1_interval
        self.patch_loss = patch_loss
        self.ema_half_life_kimg = ema_half_life_kimg
        self.style_mixing = style_mixing
        self.augment_policies = tuple(augment_policies)
        self.seed = seed
        self.stage = Stage()
        self.previous_stage = None
        self.trackers = {
            name: keras.metrics.Mean(name=name) for name in METRICS
        }
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
        self, generator_optimizer, discriminator_optimizer, jit_compile=False
    ):
        """Takes the two optimizers and builds their variables at once."""
        super().compile(optimizer=None, jit_compile=jit_compile)
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        # Variables made inside the step fail under a strategy, and those not
        # made before a checkpoint is read are not restored.
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)

    @property
    def metrics(self):
        return list(self.trackers.values())

    def set_stage(self, stage, previous=None, freeze=False):
        """Changes grid density and patch loss, in a running `fit` too.

        Args:
            stage: Stage. What the next step trains.
            previous: Stage or `None`. The one before, whose density patch
                regularization compares with.
            freeze: bool. Make the averaged generator of this moment the
                frozen one. `False` where a resumed run has it already.
        """
        if freeze:
            ema.copy(self.frozen_generator, self.ema_generator)
        self.stage = stage
        self.previous_stage = previous
        # The step is compiled for one stage: fixed shapes, and no branch that
        # it does not take. `fit` reads the attribute in each step.
        if self.train_function is not None:
            self.make_train_function(force=True)

    def count(self, name):
        """`step`, `images_seen` or `stage_number` as an int."""
        return int(keras.ops.convert_to_numpy(getattr(self, name)))

    def call(self, latents):
        grid = coordinates.grid(
            self.resolution, self.resolution, 1, self.alignment
        )
        rgb = self.ema_generator(latents, tf.reshape(grid, (1, -1, 2)))
        size = (-1, self.resolution, self.resolution, rgb.shape[-1])
        return tf.reshape(rgb, size)

    def train_step(self, data):
        images = data[0] if isinstance(data, (tuple, list)) else data
        draws = self.draw(self._batch(images))
        real = self.real_patches(images, draws)
        with tf.GradientTape() as tape:
            styles = self._styles(self.generator, draws)
            fake = self._fake_patches(styles, draws)
            with tape.stop_recording():
                logs = self._discriminator_step(real, fake, draws)
            g_logs, g_loss = self._generator_loss(fake, draws)
            # Optimizers add gradients up over replicas.
            g_loss = g_loss / self._replicas
        variables = self.generator.trainable_variables
        gradients = tape.gradient(g_loss, variables)
        self.generator_optimizer.apply(gradients, variables)

        self.generator.mapping.track(styles[:, 0])
        images_in_step = real.shape[0] * self._replicas
        decay = ema.decay_for(images_in_step, self.ema_half_life_kimg)
        ema.update(self.ema_generator.weights, self.generator.weights, decay)
        self.step.assign(self.step + 1)
        self.images_seen.assign(self.images_seen + images_in_step)
        return self._update_metrics({**logs, **g_logs})

    def draw(self, batch):
        """The random numbers of the present step, for `batch` samples."""
        crop_step = 1
        if self.aligned_crops and self.previous_stage is not None:
            strides = self.previous_stage.stride, self.stage.stride
            crop_step = max(strides[0] // strides[1], 1)
        return draws_lib.draw(
            self.seed,
            self.step,
            batch,
            self.resolution // self.stage.stride,
            self.patch_size,
            crop_step,
            self.generator.latent_dim,
            self.generator.num_layers,
            self.style_mixing,
            self.generator.noise,
        )

    def real_patches(self, images, draws):
        """Patches of full uint8 pictures at the stage's density."""
        return real_patches(
            images,
            draws.offsets,
            self.patch_size,
            self.stage.stride,
            self.alignment,
            self.reduction,
        )

    def fake_patches(self, draws):
        """The generator's patches on the same regions."""
        return self._fake_patches(self._styles(self.generator, draws), draws)

    def discriminator_gradients(self, real, fake):
        """Logs and gradients of the discriminator's adversarial loss."""
        with tf.GradientTape() as tape:
            real_logits = self.discriminator(real)
            fake_logits = self.discriminator(fake)
            loss = losses.discriminator_logistic_loss(real_logits, fake_logits)
        logs = {
            "d_loss": loss,
            "real_logits": tf.reduce_mean(real_logits),
            "fake_logits": tf.reduce_mean(fake_logits),
        }
        variables = self.discriminator.trainable_variables
        return logs, tape.gradient(loss, variables)

    def r1_gradients(self, real):
        """R1 on what the discriminator sees, and its weighted gradients."""
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(real)
                logits = tf.reduce_sum(self.discriminator(real))
            penalty = losses.r1_penalty(inner.gradient(logits, real))
            loss = penalty * (self.r1_weight * 0.5 * self.r1_interval)
        variables = self.discriminator.trainable_variables
        gradients = outer.gradient(loss, variables)
        # The last bias has no part in the gradient by the picture.
        return penalty, [
            tf.zeros_like(v) if g is None else g
            for g, v in zip(gradients, variables)
        ]

    def generator_gradients(self, draws):
        """Gradients of the generator's losses, its forward pass included."""
        with tf.GradientTape() as tape:
            fake = self.fake_patches(draws)
            _, loss = self._generator_loss(fake, draws)
        return tape.gradient(loss, self.generator.trainable_variables)

    def _discriminator_step(self, real, fake, draws):
        # The same changes for a real picture and for the fake beside it.
        real = self._augment(real, draws)
        fake = self._augment(tf.stop_gradient(fake), draws)
        logs, gradients = self.discriminator_gradients(real, fake)
        variables = self.discriminator.trainable_variables
        if self.r1_weight:
            logs["r1"], r1_gradients = tf.cond(
                tf.equal(self.step % self.r1_interval, 0),
                lambda: self.r1_gradients(real),
                lambda: (_IDLE, [tf.zeros_like(v) for v in variables]),
            )
            gradients = [g + r for g, r in zip(gradients, r1_gradients)]
        gradients = [g / self._replicas for g in gradients]
        self.discriminator_optimizer.apply(gradients, variables)
        return logs

    def _generator_loss(self, fake, draws):
        logits = self.discriminator(self._augment(fake, draws))
        loss = losses.generator_nonsaturating_loss(logits)
        logs = {"g_loss": loss}
        if self.stage.patch_weight and self.previous_stage is not None:
            coarse = self._frozen_patches(draws)
            patch = losses.patch_regularization(fake, coarse, self.patch_loss)
            logs["patch"] = patch
            loss = loss + self.stage.patch_weight * patch
        return logs, loss

    def _frozen_patches(self, draws):
        """The stage before on the crop's region, at its own density."""
        stride = self.previous_stage.stride
        offsets, size = coordinates.previous_region(
            draws.offsets, self.patch_size, self.stage.stride, stride
        )
        styles = self._styles(self.frozen_generator, draws)
        coords = self._coords(offsets, size, stride)
        rgb = self.frozen_generator.synthesis(styles, coords)
        rgb = tf.reshape(rgb, (-1, size, size, rgb.shape[-1]))
        return tf.stop_gradient(rgb)

    def _fake_patches(self, styles, draws):
        size = self.patch_size
        coords = self._coords(draws.offsets, size, self.stage.stride)
        rgb = self.generator.synthesis(
            styles, coords, noise=draws.noise, training=True
        )
        return tf.reshape(rgb, (-1, size, size, rgb.shape[-1]))

    def _coords(self, offsets, size, stride):
        if size * stride == self.resolution:
            offsets = offsets[:1]  # The whole grid: the same for all images.
        return coordinates.patch(
            offsets,
            size,
            self.resolution,
            self.resolution,
            stride,
            self.alignment,
        )

    def _styles(self, generator, draws):
        """Styles of each layer, `(batch, layers, style_dim)`."""
        first, *second = draws.latents
        styles = generator.mapping(first)[:, None]
        layers = tf.range(generator.num_layers)
        if draws.crossover is None:
            return tf.repeat(styles, generator.num_layers, axis=1)
        before = layers[None, :, None] < draws.crossover[:, None, None]
        return tf.where(before, styles, generator.mapping(second[0])[:, None])

    def _augment(self, images, draws):
        return augment.diff_augment(
            images, draws.augmentation, self.augment_policies
        )

    def _batch(self, images):
        batch = images.shape[0]
        if batch is None:
            raise ValueError(
                "The dataset must have batches of one known size: "
                "use `batch(n, drop_remainder=True)`."
            )
        return batch

    def _update_metrics(self, values):
        for name, value in values.items():
            tracker = self.trackers[name]
            if name == "r1":
                due = tf.cast(tf.not_equal(value, _IDLE), tf.float32)
                tracker.update_state(value, due)
            else:
                tracker.update_state(value)
        return {name: self.trackers[name].result() for name in values}

    @property
    def _replicas(self):
        return tf.distribute.get_strategy().num_replicas_in_sync


def _clone(generator):
    clone = type(generator).from_config(generator.get_config())
    clone.trainable = False
    ema.copy(clone, generator)
    return clone
