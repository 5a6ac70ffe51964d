r"""Prepares images for training, and says what is wrong with them.

Writes a TFDS data set in files of its own format, with `report.json` and
`report.html`; `--config.data.source=DIR` trains on it. The source is only read.
A preparation that was killed goes on when it is called again.

Example:
  python -m apps.prepare_data --source=photos --resolution=256 --out=data/photos
  python -m apps.prepare_data --source=photos.zip --levels=64,128 \
      --framing=letterbox --leave_out=duplicate,near_uniform --out=data/photos
  python -m apps.prepare_data --source=photos --check_only --out=photos_report
"""

import os

from absl import flags

from apps import arguments
from apps import cli

_SOURCE = flags.DEFINE_string(
    "source", None, "A folder, a zip or tar file, or tfds:NAME."
)
_OUT = flags.DEFINE_string("out", None, "Folder to make.")
_CHECK_ONLY = flags.DEFINE_bool("check_only", False, "Write the reports and no images.")
_RESOLUTION = flags.DEFINE_integer("resolution", 256, "Side, in pixels.")
_LEVELS = flags.DEFINE_list(
    "levels", [], "Smaller sides to store beside it, for data.stored_levels."
)
flags.DEFINE_string(
    "framing", "center", "center, random, letterbox or keep (the aspect)."
)
flags.DEFINE_string("color", "rgb", "rgb, grayscale or rgba.")
flags.DEFINE_string("filter", "lanczos", "lanczos, bicubic, hamming, bilinear or box.")
flags.DEFINE_string("encoding", "png", "png or jpeg.")
flags.DEFINE_integer("quality", 95, "Of JPEG.")
flags.DEFINE_string("file_format", "tfrecord", "tfrecord or array_record.")
flags.DEFINE_integer("shard_size", 256, "Images a file.")
_LEAVE_OUT = flags.DEFINE_list(
    "leave_out",
    [],
    "Kinds to leave out too, such as duplicate,near_duplicate,near_uniform.",
)
flags.DEFINE_integer("min_side", 8, "Images with a shorter side are left out.")
flags.DEFINE_integer(
    "near", 4, "Bits of 64 that differ between near duplicates at most."
)
_SPLIT = flags.DEFINE_string("split", "train", "Of a TFDS source.")
flags.DEFINE_integer("seed", 0, "Of --framing=random.")
_WORKERS = flags.DEFINE_integer(
    "workers", 0, "Processes; 0: one a core.", lower_bound=0
)
_MAX_UNPACKED_GB = flags.DEFINE_float(
    "max_unpacked_gb", 1000.0, "What an archive may hold.", lower_bound=0.0
)
flags.DEFINE_string("description", "", "Of the images.")
flags.DEFINE_string("license", "", "Of the images.")
flags.DEFINE_string("attribution", "", "What their licence asks to be said.")
flags.DEFINE_string("homepage", "", "Where they are from.")
cli.require("source", "out")


def main():
    from inr_keras.data import data_report
    from inr_keras.data import framing
    from inr_keras.data import image_inputs
    from inr_keras.data import preparation

    form = None
    if _CHECK_ONLY.value:
        arguments.check_out(os.path.join(_OUT.value, "report.json"))
    else:
        levels = arguments.parse_numbers(_LEVELS.value, "levels", 1, 99_999)
        form = cli.from_flags(framing.Form, levels=levels)
    job = cli.from_flags(preparation.Job, form=form, leave_out=tuple(_LEAVE_OUT.value))
    images = image_inputs.open_input(
        _SOURCE.value, _SPLIT.value, _MAX_UNPACKED_GB.value
    )
    workers = _WORKERS.value or os.cpu_count()
    work = preparation.check if _CHECK_ONLY.value else preparation.prepare
    title = f"Images of {os.path.basename(_SOURCE.value.rstrip('/'))}"
    with cli.counting_bar("Images") as progress:
        report = work(images, _OUT.value, job, workers, progress, title)
    for line in data_report.lines(report):
        print(line)
    out = os.path.join(_OUT.value, "")
    print(f"{out}report.html  {report['pictures']} images looked at")
    if not _CHECK_ONLY.value:
        print(f"{out}  {report['usable']} images, --config.data.source")


if __name__ == "__main__":
    cli.run(main, flag_of={"images": "source"})
