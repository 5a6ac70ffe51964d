r"""Draws images of a trained generator: any region at any size.

The .keras file of apps.fit, an INR of one signal, is drawn as the picture, sound, film
or mesh that it is, without flags such as --seeds.

A SavedModel is a program, and --model runs it. A SavedModel whose operations touch
files, the network or Python is refused unless --trust_model is given.

Images are written while they are drawn, so that memory does not grow with their size
(except for WebP and videos). A warning names densities and regions that the generator
was not trained on.

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
  python -m apps.generate --model=runs/sounds --seeds=0-7 --out=sounds.wav
  python -m apps.generate --model=runs/solids --seeds=0-3 --size=64 --out=solids.obj
  python -m apps.generate --model=runs/demo --style=found/style.npz --out=one.png
  python -m apps.generate --model=runs/demo --seeds=3 --size=512 --gaze=0,-0.1 \
      --points_share=0.25 --points_map=points.png --against_full --out=seen.png
  python -m apps.generate --model=speech.keras --rate=2 --out=twice.wav
  python -m apps.generate --model=bunny.keras --size=128 --out=bunny.obj
"""

from absl import flags
from absl import logging

from apps import arguments
from apps import cli
from apps import many_signals
from apps import one_signal
from inr_keras import naming

_MODEL = flags.DEFINE_string("model", None, "Run directory, .keras file or SavedModel.")
_SEEDS = flags.DEFINE_string(
    "seeds", "0-15", "Seeds of the images, such as 0-15 or 3,8,10-12."
)
_STYLE = flags.DEFINE_string(
    "style", None, "style.npz of apps.invert to draw, in place of --seeds."
)
_SIZE = flags.DEFINE_string(
    "size",
    None,
    "Side of each image, or WIDTHxHEIGHT, in pixels; the region is stretched over it. "
    "With --surface=sphere the height, with cube the side of a face. Default: the "
    "training resolution.",
)
_REGION = flags.DEFINE_string(
    "region",
    "-1,-1,1,1",
    "Region to draw, as x0,y0,x1,y1; the training frame is -1,-1,1,1.",
)
_ASPECT = flags.DEFINE_string(
    "aspect",
    None,
    "Shape of each image, as W:H: draw the rectangle of that shape in the middle of "
    "the training frame, --size pixels on its longer side.",
)
flags.DEFINE_string(
    "surface",
    "plane",
    "Surface to draw: plane; cylinder (360 degrees, ends blended unless the generator "
    "has three axes); sphere (equirectangular, the back half mirrored likewise); cube "
    "(the sphere as six faces); or a .npy or .npz file of coordinates, float32 "
    "(height, width, 2).",
)
flags.DEFINE_integer(
    "supersample",
    1,
    "Points per pixel in each direction, whose colours are averaged (not in linear "
    "light), against aliasing in small images.",
    lower_bound=1,
    upper_bound=16,
)
_TRUNCATION = flags.DEFINE_float("truncation", 1.0, arguments.TRUNCATION)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class to draw, for a generator with classes. Default: the "
    "class of seed s is s modulo the number of classes.",
)
_RATE = flags.DEFINE_string(
    "rate",
    None,
    "Sample rate of a sound in Hz, or a factor of its file's rate, such as 2 (for an "
    "INR of one sound, see apps.fit).",
)
_OUT = flags.DEFINE_string(
    "out",
    None,
    "File to write, a sheet of all images: .png, .jpg, .webp, .tif (tiles in levels "
    "of halved sizes) or .dzi (Deep Zoom); for videos .gif, .webp or .mp4. For an INR "
    "of one signal, and a generator of sounds or solids, also .wav (sound) or .obj, "
    ".stl and .ply (shape).",
)
_TRUST_MAP = flags.DEFINE_string(
    "trust_map",
    None,
    ".png file of a map to write as well: where an image is interpolation, "
    "super-resolution or extrapolation.",
)
_GAZE = flags.DEFINE_string(
    "gaze",
    None,
    "Point of the frame that a viewer looks at, as x,y: only a part of the points is "
    "drawn, most of them near this point, and the others are interpolated.",
)
flags.DEFINE_float(
    "fovea",
    0.25,
    "Radius around --gaze within which all points are drawn, in the frame's "
    "coordinates.",
    lower_bound=0.0,
)
flags.DEFINE_string(
    "density",
    None,
    "Grey image file in place of --gaze, stretched over each image: more points are "
    "drawn where it is brighter.",
)
flags.DEFINE_float(
    "points_share",
    0.25,
    "Share of the points that --gaze or --density draws.",
    lower_bound=0.0,
    upper_bound=1.0,
)
flags.DEFINE_string(
    "points_map",
    None,
    ".png file of a map to write as well: white where --gaze or --density draws a "
    "point.",
)
flags.DEFINE_bool(
    "against_full",
    False,
    "Also draw all points, and print the PSNR between them and the result of --gaze or "
    "--density.",
)
_TRUST_MODEL = cli.trust_flag()
cli.require("model", "out")


def main():
    _check_flags()
    seeds = arguments.parse_seeds(_SEEDS.value)
    box = arguments.parse_region(_REGION.value)
    height, width = arguments.parse_size(_SIZE.value)
    aspect = arguments.parse_aspect(_ASPECT.value)
    gaze = arguments.parse_point(_GAZE.value)

    from inr_keras import runs
    from inr_keras.rendering import drawing

    if runs.holds_inr(_MODEL.value):
        with naming.renaming({"path": "model"}):
            inr = runs.load_inr(_MODEL.value)
        one_signal.generate(inr, _OUT.value)
        return
    if many_signals.is_file(_OUT.value):  # No image, so no request for one.
        many_signals.generate(_load(), _OUT.value)
        return
    if _RATE.value is not None:
        raise ValueError(
            "--rate must be given for an INR of one sound alone. "
            f"Received: {_RATE.value!r}"
        )
    request = cli.from_flags(
        drawing.Request,
        seeds=seeds,
        height=height,
        width=width,
        box=box,
        aspect=aspect,
        gaze=gaze,
    )
    generator = _load()
    if many_signals.is_for(generator):
        many_signals.generate(generator, _OUT.value)
        return
    drawn = drawing.Drawing(generator, request, _CLASS.value)
    if drawn.trust.warning():
        logging.warning("%s", drawn.trust.warning())
    each = f"{drawn.surface.width}x{drawn.surface.height}"
    with cli.progress_bar(f"{drawn.count} x {each}") as progress:
        points = drawn.write(progress)
    if _TRUST_MAP.value is not None:
        print(f"{_TRUST_MAP.value}  interpolation, super-resolution and extrapolation")
    if points:
        print(points)
    print(f"{_OUT.value}  {drawn.count} images of {each}")


def _load():
    from inr_keras import runs

    with naming.renaming({"path": "model"}):
        return runs.load_generator(_MODEL.value, _TRUST_MODEL.value)


def _check_flags():
    """Refuses flags that do not go together, and files that cannot be written."""
    present = {name for name in flags.FLAGS if flags.FLAGS[name].present}
    for name in ("seeds", "class", "truncation"):
        if "style" in present and name in present:
            raise ValueError(
                f"--style must not be given with --{name}. Received: {_STYLE.value!r}"
            )
    if "fovea" in present and "gaze" not in present:
        raise ValueError("--fovea must be given with --gaze. Received: none")
    for name in ("points_share", "points_map", "against_full"):
        if name in present and not present & {"gaze", "density"}:
            raise ValueError(
                f"--{name} must be given with --gaze or --density. Received: neither"
            )
    arguments.check_out(_OUT.value)
    arguments.check_range(_TRUNCATION.value, "truncation", -10, 10)
    for name in ("trust_map", "points_map"):
        if flags.FLAGS[name].value is not None:
            arguments.check_png(flags.FLAGS[name].value, name)
    names = ("model", "surface", "style", "density", "out", "trust_map", "points_map")
    arguments.check_distinct(**{name: flags.FLAGS[name].value for name in names})


# Arguments of the library whose flags have other names.
_FLAG_OF = {"generator": "model", "height": "size", "width": "size", "box": "region"}
_FLAG_OF |= {"label": "class", "path": "out"}

if __name__ == "__main__":
    cli.run(main, flag_of=_FLAG_OF)
