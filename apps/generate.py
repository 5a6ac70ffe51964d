r"""Draws pictures of a trained generator: any region at any size.

They are written while they are drawn, so that memory does not grow with them
(but for WebP and for videos). A line warns of what training did not show.

Examples:
  python -m apps.generate --model=runs/demo --seeds=0-15 --size=512 \
      --out=sheet.png
  python -m apps.generate --model=runs/demo --seeds=3 --size=512 \
      --region=-1.5,-1.5,1.5,1.5 --truncation=0.7 --out=beyond.png \
      --trust_map=trust.png
  python -m apps.generate --model=runs/aspects --aspect=3:2 --out=wide.png
  python -m apps.generate --model=runs/demo --seeds=3 --size=16384 \
      --out=large.tif
  python -m apps.generate --model=runs/demo --seeds=3 --surface=cylinder \
      --size=2048x512 --region=-4,-1,4,1 --out=panorama.png
  python -m apps.generate --model=runs/by_class --class=animals --out=sheet.png
  python -m apps.generate --model=runs/demo --style=found/style.npz --out=it.png
"""

import math
import signal

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

_MODEL = flags.DEFINE_string(
    "model", None, "Run directory, .keras file or SavedModel."
)
_SEEDS = flags.DEFINE_string(
    "seeds", "0-15", "Which pictures, such as 0-15 or 3,8,10-12."
)
_STYLE = flags.DEFINE_string(
    "style", None, "style.npz of apps.invert to draw, in place of seeds."
)
_SIZE = flags.DEFINE_string(
    "size",
    None,
    "Side of each picture, or WIDTHxHEIGHT, over which the region is "
    "stretched. Default: the training resolution. Of a sphere the height, of a "
    "cube the side of a face.",
)
_REGION = flags.DEFINE_string(
    "region",
    "-1,-1,1,1",
    "x0,y0,x1,y1 of what to draw; the training frame is -1,-1,1,1.",
)
_ASPECT = flags.DEFINE_string(
    "aspect",
    None,
    "W:H, the shape of each picture: the rectangle of that shape in the middle "
    "of the training frame, --size pixels on its longer side.",
)
_SURFACE = flags.DEFINE_string(
    "surface",
    "plane",
    "plane; cylinder: 360 degrees, its ends blended unless the generator has "
    "three axes; sphere: equirectangular, the back half mirrored likewise; "
    "cube: the same as six faces; or a .npy or .npz file of coordinates, "
    "float32 (height, width, 2).",
)
_SUPERSAMPLE = flags.DEFINE_integer(
    "supersample",
    1,
    "Points a pixel in each direction, averaged in the network's output (not "
    "in linear light), against aliasing in small pictures.",
    lower_bound=1,
    upper_bound=16,
)
_TRUNCATION = flags.DEFINE_float(
    "truncation", 1.0, "1: full variety; towards 0: the mean style."
)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class to draw, of a generator with classes. "
    "Default: the class of seed s is s modulo their number.",
)
_OUT = flags.DEFINE_string(
    "out",
    None,
    "File to write, a sheet of all pictures: .png, .jpg, .webp, .tif (tiles "
    "and half as large levels) or .dzi (Deep Zoom); .gif, .webp or "
    ".mp4 of a video.",
)
_TRUST_MAP = flags.DEFINE_string(
    "trust_map",
    None,
    ".png to write besides: where a picture is interpolation, "
    "super-resolution or extrapolation.",
)
cli.require("model", "out")


def main():
    seeds = arguments.parse_seeds(_SEEDS.value)
    if _STYLE.value is not None:
        for name in ("seeds", "class", "truncation"):
            if flags.FLAGS[name].present:
                raise ValueError(
                    f"--style must not be given with --{name}. "
                    f"Received: {_STYLE.value!r}"
                )
        seeds = [0]
    box = arguments.parse_region(_REGION.value)
    arguments.check_out(_OUT.value)
    if not math.isfinite(_TRUNCATION.value) or abs(_TRUNCATION.value) > 10:
        raise ValueError(
            "--truncation must be from -10 to 10. "
            f"Received: {_TRUNCATION.value}"
        )
    height, width = None, None
    if _SIZE.value is not None:
        height, width = arguments.parse_size(_SIZE.value)
    aspect = None
    if _ASPECT.value is not None:
        if flags.FLAGS["region"].present or width or _SURFACE.value != "plane":
            raise ValueError(
                "--aspect must not be given with --region, --surface or a "
                "--size of two sides, which have a shape. "
                f"Received: {_ASPECT.value!r}"
            )
        aspect = arguments.parse_aspect(_ASPECT.value)
    if _TRUST_MAP.value is not None:
        arguments.check_png(_TRUST_MAP.value, "trust_map")
    # A killed process removes what it has half-written, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from inr_keras import rectangles
    from inr_keras import rendering
    from inr_keras import serving

    if not _OUT.value.lower().endswith((".gif", ".mp4")):
        rendering.check_stream(_OUT.value, 1, 1, 3)
    generator = serving.load_generator(_MODEL.value)
    if aspect:
        side = height or generator.resolution
        width, height = (max(1, round(side * n / max(aspect))) for n in aspect)
        box = rectangles.middle_box(height, width, side, generator.alignment)
    surface = rendering.surface(_SURFACE.value, generator, height, width, box)
    each = f"{surface.width}x{surface.height}"
    columns = rendering.sheet_columns(len(seeds))
    frames = getattr(generator, "frames", 0)
    if frames:
        rate = rendering.round_rate(frames)
        rendering.check_film_path(_OUT.value, rate)
        arguments.check_points(surface.height, surface.width, len(seeds))
    else:
        rows = -(-len(seeds) // columns)
        rendering.check_stream(
            _OUT.value,
            rows * surface.height,
            columns * surface.width,
            generator.channels,
        )
    trust = rendering.examine(surface, generator)
    if trust.warning():
        logging.warning("%s", trust.warning())
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
    labels = rendering.labels_in_turn(seeds, generator)
    if _CLASS.value is not None:
        label = arguments.parse_class(_CLASS.value, generator.class_names)
        labels = [label] * len(seeds)
    styles = renderer.styles(latents, _TRUNCATION.value, labels)
    if _STYLE.value is not None:
        styles = rendering.load_styles(_STYLE.value, generator)[:1]
    dense = _SUPERSAMPLE.value
    with cli.progress_bar(f"{len(seeds)} x {each}") as progress:
        if frames:
            images = renderer.draw(styles, surface, dense, progress)
            videos = rendering.to_frames(images, frames)
            sheets = [rendering.sheet(frame, columns) for frame in videos]
            rendering.write_film(_OUT.value, sheets, rate)
        else:
            rendering.save_sheet(
                _OUT.value, renderer, styles, surface, columns, dense, progress
            )
    if _TRUST_MAP.value is not None:
        rendering.save_trust_map(_TRUST_MAP.value, trust, surface)
        print(f"{_TRUST_MAP.value}  where it is interpolation")
    print(f"{_OUT.value}  {len(seeds)} pictures of {each}")


if __name__ == "__main__":
    cli.run(main)
