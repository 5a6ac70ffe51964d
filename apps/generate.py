r"""Draws images of a trained generator: any region at any size.

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
  python -m apps.generate --model=runs/demo --seeds=3 --size=512 --gaze=0,-0.1 \
      --points_share=0.25 --points_map=points.png --against_full --out=seen.png
"""

import math
import signal

from absl import flags
from absl import logging

from apps import arguments
from apps import cli
from inr_keras import naming

_MODEL = flags.DEFINE_string("model", None, "Run directory, .keras file or SavedModel.")
_SEEDS = flags.DEFINE_string(
    "seeds", "0-15", "Which images, such as 0-15 or 3,8,10-12."
)
_STYLE = flags.DEFINE_string(
    "style", None, "style.npz of apps.invert to draw, in place of seeds."
)
_SIZE = flags.DEFINE_string(
    "size",
    None,
    "Side of each image, or WIDTHxHEIGHT, over which the region is "
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
    "W:H, the shape of each image: the rectangle of that shape in the middle "
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
    "in linear light), against aliasing in small images.",
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
    "File to write, a sheet of all images: .png, .jpg, .webp, .tif (tiles "
    "and half as large levels) or .dzi (Deep Zoom); .gif, .webp or "
    ".mp4 of a video.",
)
_TRUST_MAP = flags.DEFINE_string(
    "trust_map",
    None,
    ".png to write besides: where an image is interpolation, "
    "super-resolution or extrapolation.",
)
_GAZE = flags.DEFINE_string(
    "gaze",
    None,
    "x,y of the frame that is looked at: a part of the points is drawn, the "
    "fewer the further from there, and the rest is interpolated.",
)
_FOVEA = flags.DEFINE_float(
    "fovea",
    0.25,
    "Radius around --gaze, in the frame's coordinates, in which all is drawn.",
    lower_bound=0.0,
)
_DENSITY = flags.DEFINE_string(
    "density",
    None,
    "Grey image in place of --gaze, stretched over each image: the "
    "brighter the more points are drawn.",
)
_POINTS_SHARE = flags.DEFINE_float(
    "points_share",
    0.25,
    "Of the points, to be drawn with --gaze or --density.",
    lower_bound=0.0,
    upper_bound=1.0,
)
_POINTS_MAP = flags.DEFINE_string(
    "points_map",
    None,
    ".png to write besides: white where --gaze or --density draws a point.",
)
_AGAINST_FULL = flags.DEFINE_bool(
    "against_full",
    False,
    "Whether to draw all points, too, and tell how far those of --gaze or "
    "--density are from them.",
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
            f"--truncation must be from -10 to 10. Received: {_TRUNCATION.value}"
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
    gaze = _check_sampling()
    # A killed process removes what it has half-written, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from inr_keras import rectangles
    from inr_keras import rendering
    from inr_keras import runs

    if not _OUT.value.lower().endswith((".gif", ".mp4")):
        rendering.check_stream(_OUT.value, 1, 1, 3)
    with naming.renaming({"path": "model"}):
        generator = runs.load_generator(_MODEL.value)
    if aspect:
        side = height or generator.resolution
        width, height = (max(1, round(side * n / max(aspect))) for n in aspect)
        box = rectangles.middle_box(height, width, side, generator.alignment)
    surface = rendering.surface(_SURFACE.value, generator, height, width, box)
    each = f"{surface.width}x{surface.height}"
    columns = rendering.sheet_columns(len(seeds))
    video_length = getattr(generator, "video_length", 0)
    if video_length:
        rate = rendering.round_rate(video_length)
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
    weights = None
    if gaze or _DENSITY.value is not None:
        weights = _weights(surface, gaze, video_length)
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
        with naming.renaming({"path": "style"}):
            styles = rendering.load_styles(_STYLE.value, generator)[:1]
    dense = _SUPERSAMPLE.value
    with cli.progress_bar(f"{len(seeds)} x {each}") as progress:
        if video_length:
            images = renderer.draw(styles, surface, dense, progress)
            videos = rendering.split_videos(images, video_length)
            sheets = [rendering.sheet(images, columns) for images in videos]
            rendering.write_film(_OUT.value, sheets, rate)
        elif weights is not None:
            told = _draw_some(renderer, styles, surface, weights, progress)
        else:
            rendering.save_sheet(
                _OUT.value, renderer, styles, surface, columns, dense, progress
            )
    if _TRUST_MAP.value is not None:
        rendering.save_trust_map(_TRUST_MAP.value, trust, surface)
        print(f"{_TRUST_MAP.value}  where it is interpolation")
    if weights is not None:
        print(told)
    print(f"{_OUT.value}  {len(seeds)} images of {each}")


def _check_sampling():
    """The gaze point, or `None`; refuses flags that do not go together."""
    given = [
        name
        for name in ("fovea", "points_share", "points_map", "against_full")
        if flags.FLAGS[name].present
    ]
    gazes = _GAZE.value is not None
    if gazes and _DENSITY.value is not None:
        raise ValueError(
            "--gaze must not be given with --density. "
            f"Received: {_GAZE.value!r} and {_DENSITY.value!r}"
        )
    if given and not gazes and _DENSITY.value is None:
        raise ValueError(
            f"--{given[0]} must be given with --gaze or --density. Received: neither"
        )
    if (gazes or _DENSITY.value is not None) and _SUPERSAMPLE.value != 1:
        raise ValueError(
            "--supersample must be 1 with --gaze or --density. "
            f"Received: {_SUPERSAMPLE.value}"
        )
    if _POINTS_MAP.value is not None:
        arguments.check_png(_POINTS_MAP.value, "points_map")
    return arguments.parse_point(_GAZE.value) if gazes else None


def _weights(surface, gaze, video_length):
    """How much each pixel of a surface matters."""
    from inr_keras.rendering import foveation

    if video_length:
        raise ValueError(
            "--gaze and --density must not be given for a generator of "
            f"videos. Received: one of {video_length} images"
        )
    if gaze:
        return foveation.gaze_weights(surface, gaze, _FOVEA.value)
    return foveation.file_weights(_DENSITY.value, surface)


def _draw_some(renderer, styles, surface, weights, progress):
    """Writes what is drawn of a part of the points; what there is to tell."""
    import numpy as np

    from inr_keras import rendering
    from inr_keras.rendering import foveation

    chosen = foveation.choose(weights, _POINTS_SHARE.value)
    images = foveation.draw(renderer, styles, surface, chosen, progress)
    sheet = rendering.sheet(images)
    rendering.write_stream(_OUT.value, [sheet], *sheet.shape)
    if _POINTS_MAP.value is not None:
        points = np.where(chosen, 255, 0).astype("uint8")[..., None]
        rendering.save_image(_POINTS_MAP.value, points)
    lines = [
        f"{chosen.sum()} of {chosen.size} points of an image drawn "
        f"({chosen.mean():.2%})"
    ]
    if _AGAINST_FULL.value:
        full = renderer.draw(styles, surface, progress=progress)
        where = {"overall": None, "weighted by the density": weights}
        fovea = np.isinf(weights)
        if fovea.any():
            near = ~fovea & (weights >= 0.25)
            where = {"overall": None, "in the fovea": fovea}
            if near.any():
                where["around it, to twice its radius"] = near
        for name, part in where.items():
            decibels = foveation.psnr(images, full, part)
            # 100 dB are a thousandth of a step of 8 bits.
            lines.append(
                f"exact {name}" if decibels > 100 else f"{decibels:.2f} dB {name}"
            )
    return ", ".join(lines)


# Arguments of the library that are not called as the flags are.
_FLAG_OF = {
    "path": "out",
    "generator": "model",
    "name": "surface",
    "height": "size",
    "box": "region",
    "radius": "fovea",
    "share": "points_share",
}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
