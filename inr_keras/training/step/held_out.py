"""Batches that a GAN takes, its images, and its evaluation on held-out ones."""

import warnings

import keras
import tensorflow as tf

from inr_keras.training.patches import batches
from inr_keras.training.step import log_means

# Values that `evaluate` returns: names and meanings.
TERMS = {
    "d_loss": "the discriminator's adversarial loss",
    "g_loss": "the generator's adversarial loss",
    "d_accuracy": "share of pairs whose real patch has the higher logit; 0.5: a guess",
    "real_logits": "mean logit of real patches",
    "fake_logits": "mean logit of fake patches",
}


class FittedGAN(keras.Model):
    """Base class of `INRGAN` with Keras's `fit` and `evaluate` on images.

    Held-out losses are those of the stage, without penalties. They differ from those of
    training where the discriminator has memorized the training images. Random numbers
    of an evaluation are the same in each call.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.held_out_metrics = []
        self._judge = _Judge()

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        **kwargs,
    ):
        """Trains, as `keras.Model.fit` does, on batches of one size.

        An incomplete last batch is left out.

        Args:
            x: Array `(count, R, R, channels)` of images, uint8 or floats in [0, 255],
                or dataset of batches of them, see `train_step`.
            y: Array `(count,)` of labels, if `x` is an array. Defaults to `None`.
            batch_size: int. Images in a batch of an array. Defaults to `None`: 32.
            epochs, verbose, callbacks, **kwargs: Arguments of `keras.Model.fit`.
            validation_split: float. Share at the end of an array that is held out.
            validation_data: Array, tuple of images and labels, or dataset of held-out
                images, see `evaluate`. Defaults to `None`.
            shuffle: bool. Shuffle an array again in each epoch. Defaults to `True`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: Weights of samples or classes are given (all images count
                alike), the images do not fit the model, only one of
                `loss.match_weight` and `matches` is set, or `matches` with
                `fresh_latents` or `keeps_aspect`.
        """
        _check_unweighted(**kwargs)
        if bool(self.loss_settings.match_weight) != (self.matches is not None):
            raise ValueError(
                "`matches` must be set where `loss.match_weight` is, and nowhere else. "
                f"Received: matches={self.matches}, "
                f"match_weight={self.loss_settings.match_weight}"
            )
        if self.matches is not None and (self.fresh_latents or self.keeps_aspect):
            raise ValueError(
                "`matches` must not be set with `fresh_latents` or `keeps_aspect`. "
                f"Received: fresh_latents={self.fresh_latents}, "
                f"keeps_aspect={self.keeps_aspect}"
            )
        if validation_split:
            (x, y), validation_data = batches.split(x, y, validation_split)
        if validation_data is not None:
            size = kwargs.get("validation_batch_size") or batch_size
            kwargs["validation_data"] = held_out_data(validation_data, size, self.seed)
        data = batches.of_one_size(x, y, batch_size, self.seed, shuffle)
        if self._judge.sees_new_shapes("fit", data):
            self.train_function = None
        with warnings.catch_warnings():
            if data is not x:  # Nobody knows its length before the first epoch.
                warnings.filterwarnings("ignore", "Your input ran out of data")
            return super().fit(
                data,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                shuffle=False,
                **kwargs,
            )

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """Computes losses on held-out images, and the metrics of `compile`.

        Args:
            x, y, batch_size: See `fit`; an incomplete last batch is left out.
            verbose, steps, callbacks, **kwargs: Arguments of `keras.Model.evaluate`.
            sample_weight: `None`, as images count alike.
            return_dict: bool. Whether to return a dict. Defaults to `False`: a list.

        Returns:
            Values of `d_loss`, `g_loss`, `d_accuracy`, `real_logits`, `fake_logits` and
            the metrics of `compile`, as a dict by name or a list in this order.
        """
        _check_unweighted(sample_weight)
        self.settled_average()
        if "_use_cached_eval_dataset" not in kwargs:
            x = held_out_data((x, y), batch_size, self.seed)
        if self._judge.sees_new_shapes("evaluate", x):
            self.test_function = None
        for metric in self.held_out_metrics:
            metric.reset_state()
        self._judge.is_at_work = True
        try:
            logs = super().evaluate(
                x,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=True,
                **kwargs,
            )
        finally:
            self._judge.is_at_work = False
        for metric in self.held_out_metrics:
            logs[metric.name] = float(metric.result())
        return logs if return_dict else list(logs.values())

    @property
    def metrics(self):
        means = self._judge.means if self._judge.is_at_work else self.trackers
        return list(means.values())

    def test_step(self, data):
        """Judges both networks on patches of a batch, see `train_step`."""
        images, batch = self.take(data)
        # The number of batches before this one: numbers are the same in each call.
        number = self._judge.means["d_loss"].count
        size = images.shape[0]
        draws = self.draw(size, batch.labels, batch.extents, step=number)
        pair = self.stage_losses.patches(images, draws)[0].pair
        adversarial = self.stage_losses.framed_losses[0].adversarial
        real, fake = adversarial.both_logits(pair)
        if self.held_out_metrics:
            fakes = self(draws.latents[0], batch.labels)
            fakes = tf.round(tf.clip_by_value((fakes + 1.0) * 127.5, 0.0, 255.0))
            for metric in self.held_out_metrics:
                metric.update_state(tf.cast(images, "float32"), fakes)
        terms = {
            "d_loss": adversarial.discriminator_loss(real, fake),
            "g_loss": adversarial.generator_loss_of(real, fake),
            "d_accuracy": tf.reduce_mean(tf.cast(real > fake, "float32")),
            "real_logits": tf.reduce_mean(real),
            "fake_logits": tf.reduce_mean(fake),
        }
        return log_means.update(self._judge.means, terms)

    def call(self, latents, labels=None):
        """Draws whole images of the averaged generator.

        `predict` passes latents and labels as a dict of these names, or as a pair.
        """
        if isinstance(latents, dict):
            return self.call(**latents)
        if isinstance(latents, tuple | list):
            return self.call(*latents)
        styles = self.ema_generator.mapping(latents, labels=labels)
        rgb = self.ema_generator.synthesis(styles, self.frame.whole())
        return self.frame.as_patches(rgb, self.resolution)

    def take(self, data):
        """Returns the uint8 images of a batch, full or smaller, and the `Batch`."""
        classes = len(self.generator.class_names)
        batch = batches.unpack(data, bool(classes), self.keeps_aspect)
        if classes:
            labels = batches.checked_labels(batch.labels, classes)
            batch = batch._replace(labels=labels)
        # A dataset of several sizes does not tell which one comes: the level's.
        full, small = (
            (*(side,) * self.generator.coord_dim, self.generator.channels)
            for side in (self.resolution, self.resolution // self.frame.level)
        )
        is_small = tf.TensorShape(batch.images.shape[1:]).is_compatible_with(small)
        return batches.as_levels(batch.images, small if is_small else full), batch

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            super().make_test_function(force)
            self.test_function = log_means.unpacking(self.test_function)
        return self.test_function


class _Judge:
    """State of an evaluation that no file holds."""

    def __init__(self):
        self.means = {name: keras.metrics.Mean(name=name) for name in TERMS}
        self.is_at_work = False
        self._specs = {}

    def sees_new_shapes(self, use, data):
        """Tells whether batches differ from those of the last use of the same name.

        The step of Keras, traced for batches of two sizes, would be traced for any
        size at once, whereas random numbers and losses need a known one.
        """
        spec = getattr(data, "element_spec", None)
        last = self._specs.setdefault(use, spec)
        self._specs[use] = spec
        return spec != last


def _check_unweighted(sample_weight=None, class_weight=None, **others):
    del others
    weights = {"sample_weight": sample_weight, "class_weight": class_weight}
    for name, value in weights.items():
        if value is not None:
            raise ValueError(
                f"`{name}` must be None, as all images count alike. "
                f"Received: {type(value).__name__}"
            )


def held_out_data(data, batch_size, seed):
    """Makes batches of one size from the data of `validation_data` or `evaluate`.

    Args:
        data: Images, as `fit` takes them, or a tuple of them and perhaps labels.
        batch_size: int. Images in a batch of an array, at most. `None`: 32.
        seed: int.
    """
    parts = data if isinstance(data, tuple) else (data,)
    x, y, weights = keras.utils.unpack_x_y_sample_weight(parts)
    _check_unweighted(weights)
    if hasattr(x, "__len__") and not isinstance(x, tf.data.Dataset):
        batch_size = min(batch_size or 32, len(x))
    return batches.of_one_size(x, y, batch_size, seed, shuffle=False)
