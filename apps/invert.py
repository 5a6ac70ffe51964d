r"""Finds the style that reproduces an image, by gradient descent.

The generator fills the pixels that the mask leaves out and the frame outside of the
image's region. An image coarser than the generator's images gains their detail.

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
_IMAGE = flags.DEFINE_string("image", None, "Image file to reproduce.")
_MASK = flags.DEFINE_string(
    "mask",
    None,
    "Image file of the same shape, white where --image is to be reproduced.",
)
flags.DEFINE_enum(
    "space",
    "wplus",
    ["z", "w", "wplus"],
    "Space of the search: z, a latent; w, a style; wplus, a style for each layer.",
)
_STEPS = flags.DEFINE_integer("steps", 500, "Largest number of steps.")
flags.DEFINE_integer("points", 2048, "Points of the image that a step compares.")
_LOSS = flags.DEFINE_string(
    "loss",
    "pixel,multiscale",
    "Losses: pixel, multiscale and features, as in pixel:1,features:0.1 with weights.",
)
flags.DEFINE_enum(
    "error",
    "l2",
    ["l1", "l2"],
    "Absolute (l1) or squared (l2) error of the losses pixel and multiscale.",
)
_FEATURES = flags.DEFINE_string(
    "features",
    None,
    "Feature extractor, as in apps.evaluate, such as efficientnet_lite0.",
)
_FEATURES_SIDE = flags.DEFINE_integer(
    "features_side", 32, "Side of the images for the feature extractor, in pixels."
)
flags.DEFINE_float(
    "prior",
    0.001,
    "Weight that holds styles near the styles of random latents. Larger where much is "
    "masked, 0 for the nearest image.",
)
flags.DEFINE_float("rate", 0.05, "Highest learning rate.")
_FIT = flags.DEFINE_enum(
    "fit",
    "whole",
    ["whole", "square"],
    "Place in the frame of an image that is not square: whole, in the rectangle of "
    "its shape; or its central square.",
)
_REGION = flags.DEFINE_string(
    "region",
    None,
    "Region of the frame that the image covers, as x0,y0,x1,y1. Default: all of "
    "-1,-1,1,1, or the rectangle of its shape in the middle.",
)
_CLASS = flags.DEFINE_string(
    "class",
    None,
    "Name or number of the class to start from. Default: the class of the nearest "
    "sample.",
)
_GOAL = flags.DEFINE_float("goal", math.inf, "PSNR at which the search ends, in dB.")
_PATIENCE = flags.DEFINE_integer(
    "patience",
    None,
    "Steps without a gain of 0.05 dB after which the search ends; 0: never. "
    "Default: a third of --steps.",
)
flags.DEFINE_integer("seed", 0, "Seed of random styles and points.")
_ANIMATION = flags.DEFINE_bool(
    "animation", False, "Write the search as search.webp as well."
)
_OUT = flags.DEFINE_string(
    "out", None, "Folder to write style.npz and comparison.png to."
)
_TRUST_MODEL = cli.trust_flag()
cli.require("model", "image", "out")


def main():
    cli.check_belonging("space", {"prior": ("w", "wplus")})
    if flags.FLAGS["features_side"].present and not _FEATURES.value:
        raise ValueError(
            "--features_side must be given with --features. "
            f"Received: {_FEATURES_SIDE.value}"
        )
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
    if _PATIENCE.value is not None:
        arguments.check_range(_PATIENCE.value, "patience", 0, 1_000_000)
    arguments.check_file(_IMAGE.value, "image")
    if _MASK.value:
        arguments.check_file(_MASK.value, "mask")
    for path in (_IMAGE.value, _MASK.value):
        arguments.check_distinct(image=path, out=out / "comparison.png")

    from inr_keras import runs
    from inr_keras.evaluation import extractors
    from inr_keras.rendering import latents
    from inr_keras.rendering import style_search

    generator = runs.load_generator(_MODEL.value, _TRUST_MODEL.value)
    label = latents.class_number(_CLASS.value, generator.class_names)
    extractor = None
    if _FEATURES.value:
        extractor = extractors.open_extractor(_FEATURES.value, _TRUST_MODEL.value)
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


# Arguments of the library whose flags have other names.
_FLAG_OF = {"path": "model", "generator": "model", "losses": "loss", "box": "region"}
_FLAG_OF |= {"name": "features", "extractor": "features", "label": "class"}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
