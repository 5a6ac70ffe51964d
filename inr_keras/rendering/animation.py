"""Films that move through a generator's images, and sheets of mixed styles."""

import dataclasses

import numpy as np

from inr_keras.naming import renaming
from inr_keras.rendering import film
from inr_keras.rendering import image_stream
from inr_keras.rendering import portraits
from inr_keras.rendering import walks
from inr_keras.rendering.latents import class_number
from inr_keras.rendering.latents import labels_in_turn
from inr_keras.rendering.latents import latents_from_seeds
from inr_keras.rendering.renderer import FRAME
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.sheet import check_image_path
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.style_files import load_styles

# Fields of a request, by the names of the arguments that take their values.
_FIELD_OF = {"path": "out", "rate": "fps", "height": "size"}
KINDS = ("z", "w", "weights", "truncation", "zoom", "pan", "turn", "mix")
_SIGNAL_KINDS = ("z", "w", "truncation", "mix")  # Of sounds and solids.
_WITHOUT_STYLES = ("z", "truncation")


@dataclasses.dataclass(frozen=True)
class Request:
    """Settings of an `Animation`: what it shows and writes.

    Attributes:
        out: str. File of the film; an image file for `mix`.
        kind: str. One of `KINDS`. `z`, `w` and `weights` walk between key images
            through latents, styles or weights of the network. `truncation` changes the
            truncation of all key images, `zoom` and `pan` move the frame, and `turn`
            turns solids. `mix` is a sheet of seeds and styles by columns.
        seeds: Sequence of int. Seeds of the key images.
        styles: Sequence of str. Files of styles, further key images.
        columns: Sequence of int. Seeds of the columns of `mix`.
        crossover: int. First layer with the column's style. Defaults to the middle.
        truncation: float. 1: full variety; 0: the mean style.
        sweep: First and last truncation, for the kind `truncation`.
        point: x, y of the frame: what `zoom` keeps in place, by default the middle;
            where `pan` moves the middle, by default 2, 0.
        octaves: float. Number of times that `zoom` halves the frame.
        loop: bool. Whether the film ends where it began.
        length: int. Number of images.
        fps: float. Images a second.
        size: int. Side of each image. Defaults to the generator's resolution.
    """

    out: str
    kind: str = "z"
    seeds: tuple = ()
    styles: tuple = ()
    columns: tuple = ()
    crossover: int | None = None
    truncation: float = 1.0
    sweep: tuple = (-1.0, 1.0)
    point: tuple | None = None
    octaves: float = 6.0
    loop: bool = True
    length: int = 96
    fps: float = 24.0
    size: int | None = None

    @renaming(_FIELD_OF)
    def __post_init__(self):
        if self.kind in _WITHOUT_STYLES and self.styles:
            kinds = " and ".join(_WITHOUT_STYLES)
            raise ValueError(
                f"`styles` must not be given for the kinds {kinds}, which need "
                f"latents. Received: {','.join(map(str, self.styles))}"
            )
        if not len(self.seeds) and not len(self.styles):
            raise ValueError("`seeds` or `styles` must name an image. Received: none")
        if self.kind == "mix":
            check_image_path(self.out)
        else:
            film.check_film_path(self.out, self.fps)
            if self.length < 1:
                raise ValueError(
                    f"`length` must be positive. Received: {self.length!r}"
                )


class Animation:
    """A generator's film or sheet, checked before it is drawn.

    Args:
        generator: Generator.
        request: `Request`.
        label: int or str. Class of all images, or its name. Defaults to `None`: the
            classes in turn; that of the first seed for `z`.

    Raises:
        ValueError: The generator cannot draw this animation.
    """

    @renaming(_FIELD_OF)
    def __init__(self, generator, request, label=None):
        self.generator = generator
        self.request = request
        self._label = class_number(label, generator.class_names)
        self._size = request.size or generator.resolution
        # A panorama is twice as wide as high.
        self._width = self._size * (1 + generator.wraps)
        self._renderer = Renderer(generator)
        self._layers = generator.num_layers
        self._video_length = generator.video_length
        self._check_kind()
        count = len(request.seeds) + len(request.styles)
        if request.kind == "mix":
            self._check_mix()
            rows, columns = count + 1, len(request.columns) + 1
            height, width, channels = self._size, self._width, generator.channels
            if portraits.draws_signals(generator):
                height, width, channels = portraits.SIDE, portraits.SIDE, 3
            image_stream.check_stream(
                request.out, rows * height, columns * width, channels
            )
            count = rows * columns
        if portraits.draws_signals(generator):
            portraits.check_points(generator, count, request.size)
        else:
            count *= max(1, self._video_length)
            film.check_points(self._size, self._width, count)

    @renaming(_FIELD_OF)
    def write(self, progress=lambda share: None):
        """Draws into the file of the request.

        Args:
            progress: Function of the share done, 0 to 1.

        Returns:
            str: what is in the file.
        """
        if self.request.kind == "mix":
            return self._write_mix(progress)
        film.write_film(self.request.out, self._images(progress), self.request.fps)
        return f"{self.request.length} images"

    def _images(self, progress):
        for number, images in enumerate(self._moves()):
            if self._video_length:
                images = film.split_videos(images, self._video_length)
                images = images[number % self._video_length]
            yield sheet(images)
            progress((number + 1) / self.request.length)

    def _moves(self):
        """Yields the key images as they move, an array for each image of the film."""
        request = self.request
        way = request.length, request.loop
        if request.kind == "z":
            latents = self._latents(request.seeds)
            labels = self._labels(request.seeds[:1])
            for latent in walks.latents_walk(latents, *way):
                yield self._draw(
                    self._renderer.styles(latent, request.truncation, labels)
                )
        elif request.kind == "truncation":
            first, last = request.sweep
            for share in walks.shares_of_way(*way):
                truncation = first + (last - first) * share
                yield self._draw(self._seed_styles(request.seeds, truncation))
        elif request.kind == "w":
            for styles in walks.styles_walk(self._keys(), *way):
                yield self._draw(styles)
        elif request.kind == "weights":
            keys = self._keys()
            for renderer in walks.weights_walk(self.generator, keys, *way):
                yield self._draw(keys[:1], renderer=renderer)
        elif request.kind == "turn":
            values = portraits.render_signals(
                self._renderer, self._keys(), request.size
            )
            yield from portraits.turn(values, request.length)
        else:
            keys = self._keys()
            if request.kind == "zoom":
                point = request.point or (0.0, 0.0)
                boxes = walks.zoom(point, request.octaves, *way)
            else:
                boxes = walks.pan(request.point or (2.0, 0.0), *way)
            for box in boxes:
                yield self._draw(keys, box)

    def _draw(self, styles, box=FRAME, renderer=None):
        styles = np.asarray(styles, "float32")
        renderer = renderer or self._renderer
        if portraits.draws_signals(self.generator):
            values = portraits.render_signals(renderer, styles, self.request.size)
            pictures = portraits.portraits(self.generator, values)
            return pictures.astype("float32") / 127.5 - 1.0
        return renderer.render(styles, self._size, self._width, box)

    def _latents(self, seeds):
        return latents_from_seeds(seeds, self.generator.latent_dim)

    def _labels(self, seeds):
        return labels_in_turn(seeds, self.generator, self._label)

    def _seed_styles(self, seeds, truncation):
        styles = self._renderer.styles(
            self._latents(seeds), truncation, self._labels(seeds)
        )
        return np.asarray(styles)

    def _keys(self):
        """Styles of seeds and of files, each for all layers or for each."""
        request = self.request
        keys = []
        if request.seeds:
            keys += list(self._seed_styles(request.seeds, request.truncation))
        for path in request.styles:
            with renaming({"path": "styles"}):
                keys += list(load_styles(path, self.generator))
        if len({key.ndim for key in keys}) > 1:
            layers = self._layers
            keys = [
                walks.mixed(key[None], key[None], layers, layers)[0] for key in keys
            ]
        return np.stack(keys)

    def _check_kind(self):
        kinds = tuple(kind for kind in KINDS if kind != "turn")
        if portraits.is_solid(self.generator):
            kinds = (*_SIGNAL_KINDS, "turn")
        elif portraits.is_sound(self.generator):
            kinds = _SIGNAL_KINDS
        if self.request.kind not in kinds:
            raise ValueError(
                f"`kind` must be one of {', '.join(kinds)} for this generator. "
                f"Received: {self.request.kind!r}"
            )

    def _check_mix(self):
        if self._video_length:
            raise ValueError(
                "`kind` must not be mix for a generator of videos. Received: 'mix' of "
                f"{type(self.generator).__name__}"
            )
        if not 0 <= self._crossover <= self._layers:
            raise ValueError(
                f"`crossover` must be from 0 to {self._layers}. "
                f"Received: {self._crossover}"
            )

    @property
    def _crossover(self):
        crossover = self.request.crossover
        return self._layers // 2 if crossover is None else crossover

    def _write_mix(self, progress):
        """Draws key images, a row each, with the fine layers of the columns."""
        rows = self._keys()
        columns = self._seed_styles(self.request.columns, self.request.truncation)
        top = self._draw(columns)
        images = [np.ones_like(top[:1]), top]
        for number, row in enumerate(rows):
            styles = [
                walks.mixed(row[None], column[None], self._crossover, self._layers)
                for column in columns
            ]
            images += [self._draw(row[None]), self._draw(np.concatenate(styles))]
            progress((number + 1) / len(rows))
        whole = sheet(np.concatenate(images), len(columns) + 1)
        save_image(self.request.out, whole)
        return (
            f"{len(rows)} x {len(columns)} images, layers from {self._crossover} of "
            f"{self._layers} by column"
        )
