"""Whole GANs in `.keras` files, as Keras saves and loads models."""

import dataclasses
import pathlib

import keras

from inr_keras import metrics as metrics  # Registers what a file may hold.
from inr_keras.config import Crops
from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.coordinates import image_alignment
from inr_keras.files import write_beside

# Arguments of `INRGAN` that are numbers, texts and flags.
_PLAIN = (
    *("resolution", "patch_size", "alignment", "reduction", "replay_every"),
    *("accumulate", "discriminator_steps", "fresh_latents", "ema_half_life_kimg"),
    *("style_mixing", "augment_policies", "seed", "keeps_aspect", "sees_context"),
    *("stored_levels", "simultaneous"),
)
_OBJECTS = ("generator", "discriminator", "dense_discriminator", "density")
_OPTIMIZERS = ("generator_optimizer", "discriminator_optimizer", "dense_optimizer")
_serialize = keras.saving.serialize_keras_object
_deserialize = keras.saving.deserialize_keras_object


class SavedGAN(keras.Model):
    """Base of `INRGAN` that saves it whole, so that a loaded one goes on training.

    A file holds both networks, the averaged and the frozen generator, the optimizers,
    the counters and the stage; not the `Matches`, which hold the real images.
    """

    matches = None  # `Matches`, set before `fit`, for a loss with `match_weight`.

    def get_config(self):
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            **{name: _serialize(getattr(self, name)) for name in _OBJECTS},
            "crops": dataclasses.asdict(self.crops),
            "loss": dataclasses.asdict(self.loss_settings),
            "stages": [
                dataclasses.asdict(stage)
                for stage in (*self.earlier_stages, self.stage)
            ],
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        *earlier, stage = [Stage(**fields) for fields in config["stages"]]
        gan = cls(
            **{n: config[n] for n in (*_PLAIN, "name") if n in config},
            **{name: _deserialize(config[name]) for name in _OBJECTS},
            crops=Crops(**config["crops"]),
            loss=Loss(**config["loss"]),
        )
        gan.set_stage(stage, earlier)
        return gan

    def get_compile_config(self):
        if not self.compiled:
            return None
        return {
            **{name: _serialize(getattr(self, name)) for name in _OPTIMIZERS},
            "metrics": _serialize(self.held_out_metrics),
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "sparse_embedding": bool(self.row_adams),
        }

    def compile_from_config(self, config):
        self.compile(**config)

    def save(self, filepath, overwrite=True, **kwargs):
        """Saves the whole GAN, as `keras.Model.save` does; whole or not at all."""
        self.settled_average()
        save = super().save
        path = pathlib.Path(filepath)
        if path.suffix != ".keras" or (path.exists() and not overwrite):
            save(filepath, overwrite, **kwargs)
        else:
            write_beside(path, lambda temporary: save(temporary, **kwargs))

    def export(self, filepath, *args, **kwargs):
        """Exports `call`, as `keras.Model.export` does, whether called or not.

        Its inputs are a dict of `latents` and, with classes, `labels`.
        """
        self.settled_average()
        inputs = self.generator.latent_inputs()
        keras.Model(inputs, self(**inputs)).export(filepath, *args, **kwargs)


def check_generator(generator, resolution, alignment):
    """Refuses a generator that was made for other images or grids."""
    if generator.resolution != resolution:
        raise ValueError(
            f"`resolution` must be the generator's, {generator.resolution}. "
            f"Received: {resolution}"
        )
    if generator.alignment != image_alignment(alignment):
        raise ValueError(
            f"`alignment` must be the generator's, {generator.alignment!r} (or 'span' "
            f"with 'corner'). Received: {alignment!r}"
        )


def check_combinations(gan):
    """Refuses arguments of `INRGAN` that would have no effect beside others."""
    keeps_aspect = gan.keeps_aspect
    is_pixel, loss = gan.crops.starts == "pixel", gan.loss_settings
    for name, is_wrong, rule in (
        ("density", keeps_aspect and gan.density is not None, "None with keeps_aspect"),
        ("crops.margin", keeps_aspect and gan.crops.margin, "0 with keeps_aspect"),
        ("replay_every", is_pixel and gan.replay_every, "0 with crops.starts=pixel"),
        (
            "loss.dense_interval",
            loss.dense_interval > 1 and gan.discriminator_steps > 1,
            "1 with several discriminator_steps",
        ),
    ):
        if is_wrong:
            raise ValueError(f"`{name}` must be {rule}.")
