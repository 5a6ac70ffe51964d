"""Drawing of a generator of sounds or solids, for apps.generate."""

import pathlib

from absl import flags

from apps import arguments
from apps import cli

_FILES = (".wav", ".obj", ".stl", ".ply")
_OTHERS = (
    "style region aspect surface supersample class trust_map gaze fovea density "
    "points_share points_map against_full rate"
).split()
_MAX_SIZE = {"sound": 2**20, "solid": 256}  # Samples on an axis.


def is_file(out):
    """Tells whether a path ends like a file of sounds or solids."""
    return pathlib.Path(out).suffix.lower() in _FILES


def is_for(generator):
    """Tells whether a model is a generator of sounds or solids, drawn as such."""
    from inr_keras.rendering import portraits

    return flags.FLAGS.surface == "plane" and portraits.draws_signals(generator)


def generate(generator, out):
    """Draws sounds or solids from seeds and writes them to a file."""
    from inr_keras.rendering import portraits
    from inr_keras.rendering import signal_files

    if not portraits.draws_signals(generator):
        raise ValueError(
            "--out must end in the ending of an image or film, as the generator draws "
            f"images. Received: {out!r}"
        )
    kind = "sound" if portraits.is_sound(generator) else "solid"
    for name in _OTHERS:
        if flags.FLAGS[name].present:
            raise ValueError(
                f"--{name} must not be given for a generator of {kind}s. "
                f"Received: {flags.FLAGS[name].value!r}"
            )
    size, width = arguments.parse_size(flags.FLAGS.size)
    if width or not 4 <= (size or 4) <= _MAX_SIZE[kind]:
        raise ValueError(
            f"--size must be one number from 4 to {_MAX_SIZE[kind]} for a generator of "
            f"{kind}s. Received: {flags.FLAGS.size!r}"
        )
    seeds = arguments.parse_seeds(flags.FLAGS.seeds)
    signal_files.check_out(generator, out)
    with cli.progress_bar(f"{len(seeds)} {kind}s") as progress:
        content = signal_files.write_signals(
            generator, out, seeds, size, flags.FLAGS.truncation, progress
        )
    print(f"{out}  {content}")
