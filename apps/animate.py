r"""Moving images of a trained generator, and sheets of mixed styles.

z, w, weights: through key images, of --seeds and then of --styles. z goes on
great circles between latents; w on straight lines between styles; weights on
straight lines between what the styles make of the network ("image space"
interpolation). truncation, zoom, pan: all of them side by side. mix: a sheet,
rows of --seeds and --styles, columns of --columns. A generator of videos plays
while it walks; of it there is no mix.

Examples:
  python -m apps.animate --model=runs/demo --kind=z --seeds=1,5,9 \
      --size=256 --out=walk.mp4
  python -m apps.animate --model=runs/demo --kind=zoom --seeds=3 \
      --point=0.3,-0.2 --octaves=8 --out=zoom.webp
  python -m apps.animate --model=runs/demo --kind=w --seeds=3 \
      --styles=found/style.npz --out=there.gif
  python -m apps.animate --model=runs/demo --kind=mix --seeds=0-3 \
      --columns=4-9 --crossover=3 --out=mixed.png
"""

import math

import numpy as np
from absl import flags

from apps import arguments
from apps import cli
from inr_keras import naming

KINDS = ("z", "w", "weights", "truncation", "zoom", "pan", "mix")
MAX_LENGTH = 100_000

_MODEL = flags.DEFINE_string("model", None, "Run directory, .keras file or SavedModel.")
_KIND = flags.DEFINE_enum("kind", "z", KINDS, "What moves.")
_SEEDS = flags.DEFINE_string(
    "seeds", None, "Key images, such as 0-3 or 1,5,9. Default: 0-3."
)
_STYLES = flags.DEFINE_list("styles", [], "Files of apps.invert, further key images.")
_COLUMNS = flags.DEFINE_string("columns", "4-9", "Seeds of columns, of mix.")
_CROSSOVER = flags.DEFINE_integer(
    "crossover",
    None,
    "First layer with the column's style, of mix. Default: the middle one.",
)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class of all seeds. Default: the class of seed s "
    "is s modulo their number; of z, that of the first seed.",
)
_TRUNCATION = flags.DEFINE_float(
    "truncation", 1.0, "1: full variety; towards 0: the mean style."
)
_RANGE = flags.DEFINE_string(
    "range", "-1,1", "First and last truncation, of truncation."
)
_POINT = flags.DEFINE_string(
    "point",
    None,
    "x,y of the frame -1,-1,1,1: what zoom keeps in its place (default 0,0), "
    "where pan moves the middle (default 2,0, beyond the border).",
)
_OCTAVES = flags.DEFINE_float("octaves", 6.0, "Halvings, of zoom.")
_LOOP = flags.DEFINE_bool("loop", True, "End where it began.")
_LENGTH = flags.DEFINE_integer("length", 96, "Number of images.")
flags.DEFINE_alias("frames", "length")
_FPS = flags.DEFINE_float("fps", 24.0, "Images a second.")
_SIZE = flags.DEFINE_string(
    "size", None, "Side of each image. Default: the training resolution."
)
_OUT = flags.DEFINE_string(
    "out", None, "File to write: .mp4, .webp or .gif; of mix, an image file."
)
cli.require("model", "out")


def parse_pair(text, flag, limit):
    """`a,b` to two floats."""
    try:
        pair = tuple(float(part) for part in text.split(","))
    except ValueError:
        pair = ()
    if len(pair) != 2 or not all(math.isfinite(v) and abs(v) <= limit for v in pair):
        raise ValueError(
            f"--{flag} must be two numbers from -{limit} to {limit}, such as "
            f"0,1. Received: {text!r}"
        )
    return pair


def main():
    kind = _KIND.value
    seeds = _SEEDS.value
    if seeds is None:
        seeds = "" if _STYLES.value else "0-3"
    seeds = arguments.parse_seeds(seeds) if seeds else []
    columns = arguments.parse_seeds(_COLUMNS.value) if kind == "mix" else []
    count = len(seeds) + len(_STYLES.value)
    arguments.check_out(_OUT.value)
    point = _POINT.value or ("2,0" if kind == "pan" else "0,0")
    point = parse_pair(point, "point", 1e6)
    sweep = parse_pair(_RANGE.value, "range", 10)
    for name, flag, low, high in (
        ("length", _LENGTH, 1, MAX_LENGTH),
        ("octaves", _OCTAVES, -20, 40),
        ("truncation", _TRUNCATION, -10, 10),
    ):
        if not low <= flag.value <= high:
            raise ValueError(
                f"--{name} must be from {low} to {high}. Received: {flag.value}"
            )
    if kind == "z" and _STYLES.value:
        raise ValueError(
            "--styles must not be given with --kind=z, which goes through "
            f"latents. Received: {','.join(_STYLES.value)}"
        )
    if kind == "truncation" and _STYLES.value:
        raise ValueError(
            "--styles must not be given with --kind=truncation. "
            f"Received: {','.join(_STYLES.value)}"
        )
    size = None
    if _SIZE.value is not None:
        size, width = arguments.parse_size(_SIZE.value)
        if width:
            raise ValueError(f"--size must be one side. Received: {_SIZE.value!r}")
    from inr_keras import rendering
    from inr_keras import runs
    from inr_keras.rendering import film
    from inr_keras.rendering import walks

    if kind == "mix":
        rendering.check_image_path(_OUT.value)
    else:
        film.check_film_path(_OUT.value, _FPS.value)
    with naming.renaming({"path": "model"}):
        generator = runs.load_generator(_MODEL.value)
    size = size or generator.resolution
    cells = (count + 1) * (len(columns) + 1) if kind == "mix" else count
    arguments.check_points(size, size, cells)
    renderer = rendering.Renderer(generator)
    labels = _labels(seeds, generator, kind)
    video_length = getattr(generator, "video_length", 0)
    length, loop = _LENGTH.value, _LOOP.value
    latents = rendering.latents_from_seeds(seeds, generator.latent_dim)

    def of_seeds(truncation):
        return np.asarray(renderer.styles(latents, truncation, labels))

    def draw(styles, box=rendering.FRAME, by=renderer):
        return by.render(np.asarray(styles, "float32"), size, size, box)

    if kind == "mix":
        _mix(renderer, _keys(of_seeds, seeds, generator), columns, size)
        return
    if kind == "z":
        told = None if labels is None else labels[:1]
        drawn = (
            draw(renderer.styles(latent, _TRUNCATION.value, told))
            for latent in walks.latents_walk(latents, length, loop)
        )
    elif kind == "truncation":
        first, last = sweep
        drawn = (
            draw(of_seeds(first + (last - first) * share))
            for share in walks.shares_of_way(length, loop)
        )
    else:
        keys = _keys(of_seeds, seeds, generator)
        if kind == "w":
            walk = walks.styles_walk(keys, length, loop)
            drawn = (draw(styles) for styles in walk)
        elif kind == "weights":
            walk = walks.weights_walk(generator, keys, length, loop)
            drawn = (draw(keys[:1], by=by) for by in walk)
        else:
            boxes = walks.pan(point, length, loop)
            if kind == "zoom":
                boxes = walks.zoom(point, _OCTAVES.value, length, loop)
            drawn = (draw(keys, box) for box in boxes)
    with cli.progress_bar(f"{length} images") as progress:

        def finished():
            for number, images in enumerate(drawn):
                if video_length:
                    images = rendering.split_videos(images, video_length)
                    images = images[number % video_length]
                yield rendering.sheet(images)
                progress((number + 1) / length)

        film.write_film(_OUT.value, finished(), _FPS.value)
    print(f"{_OUT.value}  {length} images")


def _labels(seeds, generator, kind):
    """Classes of seeds, one for all on a way through latents."""
    from inr_keras import rendering

    labels = rendering.labels_in_turn(seeds, generator)
    if _CLASS.value is not None:
        label = arguments.parse_class(_CLASS.value, generator.class_names)
        labels = np.full(len(seeds), label, "int32")
    elif kind == "z" and labels is not None:
        labels = np.full(len(seeds), labels[0], "int32")
    return labels


def _keys(of_seeds, seeds, generator):
    """Styles of seeds and of files, each for all layers or for each."""
    from inr_keras.rendering import style_files
    from inr_keras.rendering import walks

    keys = list(of_seeds(_TRUNCATION.value)) if seeds else []
    for path in _STYLES.value:
        with naming.renaming({"path": "styles"}):
            keys += list(style_files.load_styles(path, generator))
    if len({key.ndim for key in keys}) > 1:
        layers = generator.num_layers
        keys = [walks.mixed(key[None], key[None], layers, layers)[0] for key in keys]
    return np.stack(keys)


def _mix(renderer, rows, columns, size):
    from inr_keras import rendering
    from inr_keras.rendering import walks

    generator = renderer.generator
    layers = getattr(generator, "num_layers", 0)
    if not layers or getattr(generator, "video_length", 0):
        raise ValueError(
            "--kind=mix must be of a generator of images that takes a style "
            "for each layer: a run directory or a .keras file. Received: "
            f"{_MODEL.value!r}"
        )
    crossover = _CROSSOVER.value
    crossover = layers // 2 if crossover is None else crossover
    if not 0 <= crossover <= layers:
        raise ValueError(
            f"--crossover must be from 0 to {layers}. Received: {crossover}"
        )
    latents = rendering.latents_from_seeds(columns, generator.latent_dim)
    labels = _labels(columns, generator, "mix")
    tops = np.asarray(renderer.styles(latents, _TRUNCATION.value, labels))
    top = renderer.render(tops, size)
    images = [np.ones_like(top[:1]), top]
    with cli.progress_bar("mixing") as progress:
        for number, row in enumerate(rows):
            styles = [
                walks.mixed(row[None], column[None], crossover, layers)
                for column in tops
            ]
            images.append(renderer.render(row[None], size))
            images.append(renderer.render(np.concatenate(styles), size))
            progress((number + 1) / len(rows))
    sheet = rendering.sheet(np.concatenate(images), len(tops) + 1)
    rendering.save_image(_OUT.value, sheet)
    print(
        f"{_OUT.value}  {len(rows)} x {len(tops)} images, layers from "
        f"{crossover} of {layers} by column"
    )


# Arguments of the library that are not called as the flags are.
_FLAG_OF = {
    "path": "out",
    "generator": "model",
    "rate": "fps",
}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
