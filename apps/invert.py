r"""Finds the style of an image, by gradient descent.

What the mask leaves out, and what lies outside of the image's region, is
filled as the generator would draw it; an image smaller than the generator's
is found at the generator's density.

Examples:
  python -m apps.invert --model=runs/demo --image=face.png --out=found
  python -m apps.invert --model=runs/demo --image=half.png --mask=mask.png \
      --out=filled
  python -m apps.invert --model=runs/demo --image=part.png \
      --region=-0.5,-0.5,0.5,0.5 --space=w --out=outpainted
  python -m apps.generate --model=runs/demo --style=found/style.npz \
      --size=1024 --out=large.png
"""

import math
import pathlib

from absl import flags

from apps import arguments
from apps import cli

_MODEL = flags.DEFINE_string("model", None, "Run directory, .keras file or SavedModel.")
_IMAGE = flags.DEFINE_string("image", None, "Image file to find.")
_MASK = flags.DEFINE_string(
    "mask",
    None,
    "Image file of the same shape, white where the image is given.",
)
flags.DEFINE_enum(
    "space",
    "wplus",
    ["z", "w", "wplus"],
    "What is searched for: z, a latent; w, a style; wplus, a style for each layer.",
)
_STEPS = flags.DEFINE_integer("steps", 500, "Steps of the descent, at most.")
flags.DEFINE_integer("points", 2048, "Points that a step draws.")
_LOSS = flags.DEFINE_string(
    "loss",
    "pixel,multiscale",
    "Of pixel, multiscale and features, with weights if need be: pixel:1,features:0.1.",
)
flags.DEFINE_enum(
    "error", "l2", ["l1", "l2"], "Squared or absolute, of pixel, multiscale."
)
_FEATURES = flags.DEFINE_string(
    "features", None, "Extractor as of apps.evaluate, such as a .keras file."
)
_FEATURES_SIDE = flags.DEFINE_integer(
    "features_side", 32, "Pixels on a side of what the extractor sees."
)
flags.DEFINE_float(
    "prior",
    0.001,
    "How much styles are held to those that random latents have. Larger "
    "where much is masked, 0 for the nearest image.",
)
flags.DEFINE_float("rate", 0.05, "Highest rate of the descent.")
_FIT = flags.DEFINE_enum(
    "fit",
    "whole",
    ["whole", "square"],
    "How an image that is not square lies in the frame: whole, in the "
    "rectangle of its shape; or its central square.",
)
_REGION = flags.DEFINE_string(
    "region",
    None,
    "x0,y0,x1,y1 of the frame that the image takes. Default: all of "
    "-1,-1,1,1, or the rectangle of its shape in the middle.",
)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class to begin in. Default: the nearest's.",
)
_GOAL = flags.DEFINE_float("goal", math.inf, "dB at which the search ends.")
_PATIENCE = flags.DEFINE_integer(
    "patience",
    None,
    "Steps without 0.05 dB gained after which the search ends; 0: never. "
    "Default: a third of --steps.",
)
flags.DEFINE_integer("seed", 0, "Of random styles and points.")
_ANIMATION = flags.DEFINE_bool(
    "animation", False, "Write the search as search.webp, too."
)
_OUT = flags.DEFINE_string(
    "out", None, "Folder to write style.npz and comparison.png to."
)
cli.require("model", "image", "out")


def main():
    losses = arguments.parse_losses(_LOSS.value)
    box = arguments.parse_region(_REGION.value) if _REGION.value else None
    out = pathlib.Path(_OUT.value)
    arguments.check_out(out / "style.npz")
    for name, low, high in (
        ("steps", 1, 1_000_000),
        ("points", 1, 1_000_000),
        ("features_side", 1, 1024),
        ("seed", 0, 2**31 - 1),
        ("prior", 0.0, 1000.0),
        ("rate", 1e-6, 10.0),
    ):
        arguments.check_range(flags.FLAGS[name].value, name, low, high)
    arguments.check_file(_IMAGE.value, "image")
    if _MASK.value:
        arguments.check_file(_MASK.value, "mask")

    from inr_keras import runs
    from inr_keras.evaluation import extractors
    from inr_keras.rendering import style_search

    generator = runs.load_generator(_MODEL.value)
    label = arguments.parse_class(_CLASS.value, generator.class_names)
    extractor = None
    if _FEATURES.value:
        extractor = extractors.open_extractor(_FEATURES.value)
        extractor.outputs(_FEATURES_SIDE.value)
    target = style_search.read_target(
        _IMAGE.value, _MASK.value, generator, _FIT.value, box
    )
    search = style_search.Search(
        generator,
        target,
        _STEPS.value,
        _PATIENCE.value,
        _GOAL.value,
        losses=losses,
        extractor=extractor,
        label=label,
        **_flags("space features_side points error prior rate seed"),
    )
    with cli.progress_bar("searching") as progress:
        interrupted = search.run(progress)
    settings = _flags(
        "image mask space steps points loss error features features_side prior "
        "rate fit region class seed"
    )
    search.save(out, settings, _ANIMATION.value)
    best = search.best
    print(f"{out / 'style.npz'}  {best.psnr:.2f} dB after {best.step} steps")
    print(f"{out / 'comparison.png'}  given, found, difference")
    if interrupted:
        raise KeyboardInterrupt


def _flags(names):
    return {name: flags.FLAGS[name].value for name in names.split()}


# Arguments of the library that are not called as the flags are.
_FLAG_OF = {"path": "model", "generator": "model", "losses": "loss", "box": "region"}
_FLAG_OF |= {"name": "features", "extractor": "features"}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
