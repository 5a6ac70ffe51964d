r"""Draws pictures of a trained generator: any region at any size.

Examples:
  python -m apps.generate --model=runs/demo --seeds=0-15 --size=512 \
      --out=sheet.png
  python -m apps.generate --model=runs/demo --seeds=3 --size=512 \
      --region=-1.5,-1.5,1.5,1.5 --truncation=0.7 --out=beyond.png
  python -m apps.generate --model=runs/aspects --aspect=3:2 --out=wide.png
  python -m apps.generate --model=runs/by_class --class=animals --out=sheet.png
"""

import math

from absl import flags

from apps import arguments
from apps import cli

_MODEL = flags.DEFINE_string(
    "model", None, "Run directory, .keras file or SavedModel."
)
_SEEDS = flags.DEFINE_string(
    "seeds", "0-15", "Which pictures, such as 0-15 or 3,8,10-12."
)
_SIZE = flags.DEFINE_integer(
    "size", None, "Side of each picture. Default: the training resolution."
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
    "out", None, "Picture file to write: a sheet; .gif or .webp of a video."
)
cli.require("model", "out")


def main():
    seeds = arguments.parse_seeds(_SEEDS.value)
    box = arguments.parse_region(_REGION.value)
    aspect = 1, 1
    if _ASPECT.value is not None:
        if flags.FLAGS["region"].present:
            raise ValueError(
                "--aspect must not be given with --region, which has a shape. "
                f"Received: {_ASPECT.value!r}"
            )
        aspect = arguments.parse_aspect(_ASPECT.value)
    arguments.check_out(_OUT.value)
    if not math.isfinite(_TRUNCATION.value) or abs(_TRUNCATION.value) > 10:
        raise ValueError(
            "--truncation must be from -10 to 10. "
            f"Received: {_TRUNCATION.value}"
        )
    if _SIZE.value is not None:
        arguments.check_size(_SIZE.value, len(seeds))
    from inr_keras import rectangles
    from inr_keras import rendering
    from inr_keras import serving

    if not _OUT.value.lower().endswith(".gif"):
        rendering.check_image_path(_OUT.value)
    generator = serving.load_generator(_MODEL.value)
    frames = getattr(generator, "frames", 0)
    if frames:
        rendering.check_animation_path(_OUT.value)
    else:
        rendering.check_image_path(_OUT.value)
    size = _SIZE.value or generator.resolution
    arguments.check_size(size, len(seeds))
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
    labels = rendering.labels_in_turn(seeds, generator)
    if _CLASS.value is not None:
        label = arguments.parse_class(_CLASS.value, generator.class_names)
        labels = [label] * len(seeds)
    styles = renderer.styles(latents, _TRUNCATION.value, labels)
    width, height = (max(1, round(size * n / max(aspect))) for n in aspect)
    if _ASPECT.value is not None:
        box = rectangles.middle_box(height, width, size, generator.alignment)
    with cli.progress_bar(f"{len(seeds)} x {width}x{height}") as progress:
        images = renderer.render(styles, height, width, box, progress)
    if frames:
        videos = rendering.to_frames(images, frames)
        sheets = [rendering.sheet(frame) for frame in videos]
        rendering.save_animation(_OUT.value, sheets)
    else:
        rendering.save_image(_OUT.value, rendering.sheet(images))
    print(f"{_OUT.value}  {len(seeds)} pictures of {width}x{height}")


if __name__ == "__main__":
    cli.run(main)
