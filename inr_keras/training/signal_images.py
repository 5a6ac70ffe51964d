"""Files that a run of panoramas, sounds or solids writes."""

import numpy as np

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.rendering import globes
from inr_keras.rendering import portraits
from inr_keras.rendering import sounds
from inr_keras.training.run_images import RunImages

_FEW = 6  # Samples of the larger sheets.
_FILM = 36  # Images of a turn.


class PanoramaImages(RunImages):
    """Draws a run's panoramas: twice as wide as they are high, and as globes."""

    def _sheet(self, path, images):
        if images.shape[1] == images.shape[2]:
            images = images.repeat(2, axis=2)  # As wide as on the sphere.
        return super()._sheet(path, images)

    def _views(self):
        size, large = self.config.resolution, 4 * self.config.resolution
        few = self.renderer.styles(self.latents[:_FEW])
        wide = self.renderer.render(few, large, 2 * large)
        ball = rendering.Renderer(self.renderer.generator.volume)
        film = (
            rendering.sheet(globes.globe(ball, few, longitude=360.0 * i / _FILM))
            for i in range(_FILM)
        )
        path = self.folder / "globes.webp"
        rendering.write_film(path, film, 12)
        images = self._render(self.latents)
        step, others = globes.seam(images)
        turned = np.roll(wide, large, axis=2)
        return [
            (
                self._sheet(self.folder / f"final_{size}.png", images),
                f"{len(images)} samples at {size}x{size}, drawn twice as wide; "
                f"step over the meridian {step:.3f}, between other columns from "
                f"{others.min():.3f} to {others.max():.3f}",
            ),
            (
                self._sheet(self.folder / f"final_{large}.png", wide),
                f"the first {_FEW} at {2 * large}x{large}, natural super-resolution",
            ),
            (
                self._sheet(self.folder / "half_a_turn.png", turned),
                "the same, rolled by half a turn: their ends are in the middle",
            ),
            (path, f"the first {_FEW} as globes, turning"),
        ]


class SignalImages(RunImages):
    """Draws a run's sounds and solids as pictures, and writes their files."""

    def _render(self, latents, size=None, box=rendering.FRAME):
        styles = self.renderer.styles(latents)
        return self._pictures(portraits.render_signals(self.renderer, styles, size))

    def _pictures(self, values):
        return portraits.portraits(self.renderer.generator, values)

    def _stage_images(self, stride):
        side = self.config.resolution
        axes = self.config.data.axes
        coords = coordinates.crops(
            np.zeros((1, axes)), side // stride, (side,) * axes, stride, "center"
        )
        values = self.renderer.render_coords(self.renderer.styles(self.latents), coords)
        sides = (side // stride,) * axes
        return self._pictures(values.reshape(len(values), *sides, -1))

    def _views(self):
        size, count = self.config.resolution, len(self.latents)
        styles = self.renderer.styles(self.latents)
        values = portraits.render_signals(self.renderer, styles)
        path = self.folder / f"final_{size}.png"
        views = [
            (self._sheet(path, self._pictures(values)), f"{count} samples at {size}"),
            (
                self._sheet(
                    self.folder / f"final_{2 * size}.png",
                    self._render(self.latents[:_FEW], 2 * size),
                ),
                f"the first {_FEW} of the same latents at {2 * size}, natural "
                "super-resolution",
            ),
        ]
        if self.config.data.kind == "sound":
            path = self.folder / f"final_{size}.wav"
            rate = self.config.data.sample_rate
            sounds.save_sound(path, portraits.in_a_row(values, rate), rate)
            return [*views, (path, "the same samples, one after another")]
        path = self.folder / f"final_{size}.webp"
        film = map(rendering.sheet, portraits.turn(values[:_FEW], _FILM))
        rendering.write_film(path, film, 12)
        return [*views, (path, f"the first {_FEW}, turning")]


def run_images_of(gan, config, workdir, extents=None):
    """Makes the `RunImages` of the kind of data that a run has."""
    classes = {
        "image": RunImages,
        "panorama": PanoramaImages,
        "sound": SignalImages,
        "solid": SignalImages,
    }
    return classes[config.data.kind](gan, config, workdir, extents)
