r"""Animates a trained generator, or draws a sheet of mixed styles.

Kinds of animation:
  z           walks through key images on great circles between their latents
  w           the same on straight lines between their styles
  weights     the same on straight lines between the networks that the styles
              modulate ("image space" interpolation)
  truncation  sweeps the truncation of the key images, side by side
  zoom, pan   moves over the key images, side by side
  turn        turns solids once around, side by side
  mix         draws a sheet: rows of --seeds and --styles, columns of --columns

Key images come from --seeds, then from --styles. A generator of videos plays during a
walk and has no mix. Sounds are shown as spectrograms, solids as shaded views.

The .keras files of apps.fit can be animated as well: a film at --length times, a shape
from all sides.

Examples:
  python -m apps.animate --model=runs/demo --kind=z --seeds=1,5,9 \
      --size=256 --out=walk.mp4
  python -m apps.animate --model=runs/demo --kind=zoom --seeds=3 \
      --point=0.3,-0.2 --octaves=8 --out=zoom.webp
  python -m apps.animate --model=runs/demo --kind=w --seeds=3 \
      --styles=found/style.npz --out=walk.gif
  python -m apps.animate --model=runs/demo --kind=mix --seeds=0-3 \
      --columns=4-9 --crossover=3 --out=mixed.png
"""

from absl import flags

from apps import arguments
from apps import cli
from apps import one_signal
from inr_keras import naming

KINDS = ("z", "w", "weights", "truncation", "zoom", "pan", "turn", "mix")
MAX_LENGTH = 100_000

_MODEL = flags.DEFINE_string("model", None, "Run directory, .keras file or SavedModel.")
_KIND = flags.DEFINE_enum("kind", "z", KINDS, "Kind of animation.")
_SEEDS = flags.DEFINE_string(
    "seeds", None, "Key images, such as 0-3 or 1,5,9. Default: 0-3."
)
_STYLES = flags.DEFINE_list("styles", [], "Files of apps.invert: more key images.")
_COLUMNS = flags.DEFINE_string("columns", "4-9", "Seeds of the columns (mix).")
flags.DEFINE_integer(
    "crossover",
    None,
    "First layer with the column's style (mix). Default: the middle one.",
)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class of all images. Default: the class of seed s is s "
    "modulo the number of classes (z: the class of the first seed).",
)
flags.DEFINE_float("truncation", 1.0, arguments.TRUNCATION)
_RANGE = flags.DEFINE_string("range", "-1,1", "First and last truncation (truncation).")
_POINT = flags.DEFINE_string(
    "point",
    None,
    "x,y in the frame -1,-1,1,1: the point that zoom keeps in place (default 0,0) or "
    "that pan moves to (default 2,0, beyond the border).",
)
flags.DEFINE_float("octaves", 6.0, "Number of times that zoom halves the view.")
flags.DEFINE_bool("loop", True, "End at the first image.")
_LENGTH = flags.DEFINE_integer("length", 96, "Number of images.")
flags.DEFINE_alias("frames", "length")
flags.DEFINE_float("fps", 24.0, "Images a second.")
_SIZE = flags.DEFINE_string(
    "size", None, "Side of each image, in pixels. Default: the training resolution."
)
_OUT = flags.DEFINE_string(
    "out", None, "File to write: .mp4, .webp or .gif; an image file for mix."
)
_TRUST_MODEL = cli.trust_flag()
cli.require("model", "out")


# Kinds of animation that some flags are for; all kinds take the others.
_KINDS_OF = {
    "columns": ("mix",),
    "crossover": ("mix",),
    "range": ("truncation",),
    "point": ("zoom", "pan"),
    "octaves": ("zoom",),
    "truncation": tuple(kind for kind in KINDS if kind != "truncation"),
}
_KINDS_OF |= dict.fromkeys(
    ("length", "fps", "loop"), tuple(k for k in KINDS if k != "mix")
)


def main():
    kind, seeds = _KIND.value, _SEEDS.value
    if seeds is None:
        seeds = "" if _STYLES.value else "0-3"
    seeds = arguments.parse_seeds(seeds) if seeds else []
    columns = []
    if kind == "mix":
        columns = arguments.parse_seeds(_COLUMNS.value, "columns")
    for name in ("truncation", "class"):
        if flags.FLAGS[name].present and not (seeds or columns):
            raise ValueError(
                f"--{name} must be given with --seeds, as --styles have theirs. "
                f"Received: {flags.FLAGS[name].value!r}"
            )
    arguments.check_out(_OUT.value)
    point = None
    if _POINT.value:
        point = arguments.parse_pair(_POINT.value, "point", 1e6)
    sweep = arguments.parse_pair(_RANGE.value, "range", 10)
    for name, low, high in (
        ("length", 1, MAX_LENGTH),
        ("octaves", -20, 40),
        ("truncation", -10, 10),
    ):
        arguments.check_range(flags.FLAGS[name].value, name, low, high)
    size, width = arguments.parse_size(_SIZE.value)
    if width:
        raise ValueError(f"--size must be one side. Received: {_SIZE.value!r}")
    cli.check_belonging("kind", _KINDS_OF)

    from inr_keras import runs
    from inr_keras.rendering import animation

    if runs.holds_inr(_MODEL.value):
        with naming.renaming({"path": "model"}):
            inr = runs.load_inr(_MODEL.value)
        one_signal.animate(inr, _OUT.value)
        return
    request = cli.from_flags(
        animation.Request,
        seeds=seeds,
        styles=arguments.joined_paths(_STYLES.value),
        columns=columns,
        sweep=sweep,
        point=point,
        size=size,
    )
    with naming.renaming({"path": "model"}):
        generator = runs.load_generator(_MODEL.value, _TRUST_MODEL.value)
    shown = animation.Animation(generator, request, _CLASS.value)
    title = "mixing" if kind == "mix" else f"{_LENGTH.value} images"
    with cli.progress_bar(title) as progress:
        content = shown.write(progress)
    print(f"{_OUT.value}  {content}")


# Arguments of the library whose flags have other names.
_FLAG_OF = {"generator": "model", "sweep": "range", "label": "class", "path": "out"}
_FLAG_OF |= {"rate": "fps", "height": "size"}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
