"""Drawing of the signal that an INR was fitted to, for apps.generate and animate."""

import re

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

_GENERATE = {
    "picture": "size region surface supersample trust_map gaze fovea density "
    "points_share points_map against_full",
    "sound": "rate",
    "film": "size",
    "shape": "size",
}
_ANIMATE = {"film": "length fps size", "shape": "length fps size"}
_OF_GENERATORS = (
    "seeds style size region aspect surface supersample truncation class trust_map "
    "gaze fovea density points_share points_map against_full rate kind styles columns "
    "crossover range point octaves loop length fps"
).split()
_RATE = re.compile(r"\d{1,7}(?:\.\d{1,6})?", re.ASCII)
MAX_SIDE = 512  # Samples along a side of a shape's field.


def generate(inr, out):
    """Writes the file of apps.generate."""
    kind = _check_flags(inr, _GENERATE)

    from inr_keras.rendering import signal_drawing

    signal_drawing.check_out(kind, out)
    if kind == "picture":
        _generate_picture(inr, out)
        return
    height, width, rate = None, None, None
    if kind == "sound":
        rate = parse_rate(flags.FLAGS.rate, inr.signal["rate"])
    else:
        height, width = arguments.parse_size(flags.FLAGS.size)
    if kind == "shape":
        _check_side(height, width)
    with cli.progress_bar(f"drawing a {kind}") as progress:
        content = signal_drawing.write_signal(inr, out, height, width, rate, progress)
    print(f"{out}  {content}")


def animate(inr, out):
    """Writes the file of apps.animate."""
    kind = _check_flags(inr, _ANIMATE)

    from inr_keras.rendering import signal_drawing

    size, width = arguments.parse_size(flags.FLAGS.size)
    if width:
        raise ValueError(f"--size must be one side. Received: {flags.FLAGS.size!r}")
    length, fps = flags.FLAGS["length"], flags.FLAGS["fps"]
    if kind == "film":
        if not length.present:
            length.value = inr.signal["size"][2]
        if not fps.present:
            fps.value = film_rate(inr.signal, length.value, out)
    arguments.check_range(length.value, "length", 1, 100_000)
    with cli.progress_bar(f"{length.value} images") as progress:
        content = signal_drawing.write_animation(
            inr, out, length.value, fps.value, size, progress
        )
    print(f"{out}  {content}")


def film_rate(signal, length, out):
    """Rate at which `length` images take as long as the film, as far as files can."""
    from inr_keras.rendering import film

    return film.possible_rate(out, signal["rate"] * length / signal["size"][2])


def parse_rate(text, known):
    """Parses a sample rate in Hz, or a factor (at most 100) of the rate `known`."""
    if text is None:
        return known
    rate = float(text) if _RATE.fullmatch(text) else 0.0
    rate = round(rate * known if rate <= 100 else rate)
    if not 100 <= rate <= 4_000_000:
        raise ValueError(
            "--rate must be samples a second from 101 to 4000000, or a factor up to "
            f"100 of the file's {known}. Received: {text!r}"
        )
    return rate


def _check_flags(inr, allowed):
    """Refuses flags without meaning for a kind of signal; returns the kind."""
    kind = (inr.signal or {}).get("kind")
    if kind not in allowed:
        what = f"one {kind}" if kind else "nothing that it names"
        raise ValueError(
            f"--model must be a generator, or an INR of one {' or '.join(allowed)}. "
            f"Received: {flags.FLAGS.model!r}, an INR of {what}"
        )
    for name in _OF_GENERATORS:
        present = name in flags.FLAGS and flags.FLAGS[name].present
        if present and name not in allowed[kind].split():
            raise ValueError(
                f"--{name} must not be given for an INR of one {kind}. "
                f"Received: {flags.FLAGS[name].value!r}"
            )
    return kind


def _check_side(height, width):
    if width or not 4 <= (height or 4) <= MAX_SIDE:
        raise ValueError(
            f"--size must be one number from 4 to {MAX_SIDE} for an INR of one shape. "
            f"Received: {flags.FLAGS.size!r}"
        )


def _generate_picture(inr, out):
    from inr_keras.rendering import drawing
    from inr_keras.rendering import signal_drawing
    from inr_keras.rendering import surfaces

    box = surfaces.FRAME  # A map has its own.
    if flags.FLAGS.surface in surfaces.SURFACES:
        box = signal_drawing.picture_box(inr.signal)
    if flags.FLAGS["region"].present:
        box = arguments.parse_region(flags.FLAGS.region)
    height, width = arguments.parse_size(flags.FLAGS.size)
    if flags.FLAGS.surface == "plane":
        height, width = signal_drawing.picture_size(inr.signal, height, width, box)
    request = cli.from_flags(
        drawing.Request,
        out=out,
        seeds=[0],
        style=None,
        height=height,
        width=width,
        box=box,
        aspect=None,
        gaze=arguments.parse_point(flags.FLAGS.gaze),
    )
    drawn = drawing.Drawing(signal_drawing.OneSignal(inr), request)
    if drawn.trust.warning():
        logging.warning("%s", drawn.trust.warning())
    each = f"{drawn.surface.width}x{drawn.surface.height}"
    with cli.progress_bar(each) as progress:
        points = drawn.write(progress)
    if points:
        print(points)
    print(f"{out}  {each}")
