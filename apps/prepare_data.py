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
import sys
import time

import rich.console
import rich.progress
from absl import flags
from absl import logging

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
_FRAMING = flags.DEFINE_string(
    "framing", "center", "center, random, letterbox or keep (the aspect)."
)
_COLOR = flags.DEFINE_string("color", "rgb", "rgb, grayscale or rgba.")
_FILTER = flags.DEFINE_string(
    "filter", "lanczos", "lanczos, bicubic, hamming, bilinear or box."
)
_ENCODING = flags.DEFINE_string("encoding", "png", "png or jpeg.")
_QUALITY = flags.DEFINE_integer("quality", 95, "Of JPEG.")
_FILE_FORMAT = flags.DEFINE_string(
    "file_format", "tfrecord", "tfrecord or array_record."
)
_SHARD_SIZE = flags.DEFINE_integer("shard_size", 256, "Images a file.")
_LEAVE_OUT = flags.DEFINE_list(
    "leave_out",
    [],
    "Kinds to leave out too, such as duplicate,near_duplicate,near_uniform.",
)
_MIN_SIDE = flags.DEFINE_integer(
    "min_side", 8, "Images with a shorter side are left out."
)
_NEAR = flags.DEFINE_integer(
    "near", 4, "Bits of 64 that differ between near duplicates at most."
)
_SPLIT = flags.DEFINE_string("split", "train", "Of a TFDS source.")
_SEED = flags.DEFINE_integer("seed", 0, "Of --framing=random.")
_WORKERS = flags.DEFINE_integer(
    "workers", 0, "Processes; 0: one a core.", lower_bound=0
)
_MAX_UNPACKED_GB = flags.DEFINE_float(
    "max_unpacked_gb", 1000.0, "What an archive may hold.", lower_bound=0.0
)
_DESCRIPTION = flags.DEFINE_string("description", "", "Of the images.")
_LICENSE = flags.DEFINE_string("license", "", "Of the images.")
_ATTRIBUTION = flags.DEFINE_string(
    "attribution", "", "What their licence asks to be said."
)
_HOMEPAGE = flags.DEFINE_string("homepage", "", "Where they are from.")
cli.require("source", "out")
_LOG_SECONDS = 30.0


def main():
    from inr_keras.data import image_inputs
    from inr_keras.data import preparation

    job = _job()
    if _CHECK_ONLY.value:
        arguments.check_out(os.path.join(_OUT.value, "report.json"))
    images = image_inputs.open_input(
        _SOURCE.value, _SPLIT.value, _MAX_UNPACKED_GB.value
    )
    workers = _WORKERS.value or os.cpu_count()
    work = preparation.check if _CHECK_ONLY.value else preparation.prepare
    title = f"Images of {os.path.basename(_SOURCE.value.rstrip('/'))}"
    with _progress() as tell:
        report = work(images, _OUT.value, job, workers, tell, title)
    for kind, count in report["counts"].items():
        first = next(p for p in report["problems"] if p["kind"] == kind)
        fate = "left out" if first["left_out"] else "named only"
        print(f"{count:7d}  {kind} ({fate}), such as {first['name']}")
    if report["other_files"]:
        count = len(report["other_files"])
        print(f"{count:7d}  other files, such as {report['other_files'][0]}")
    out = os.path.join(_OUT.value, "")
    print(f"{out}report.html  {report['images']} images looked at")
    if not _CHECK_ONLY.value:
        print(f"{out}  {report['usable']} images, --config.data.source")


def _job():
    from inr_keras.data import framing
    from inr_keras.data import preparation

    form = None
    if not _CHECK_ONLY.value:
        form = framing.Form(
            resolution=_RESOLUTION.value,
            levels=tuple(_side(text) for text in _LEVELS.value),
            framing=_FRAMING.value,
            color=_COLOR.value,
            filter=_FILTER.value,
            encoding=_ENCODING.value,
            quality=_QUALITY.value,
        )
    return preparation.Job(
        form=form,
        leave_out=tuple(_LEAVE_OUT.value),
        min_side=_MIN_SIDE.value,
        near=_NEAR.value,
        seed=_SEED.value,
        file_format=_FILE_FORMAT.value,
        shard_size=_SHARD_SIZE.value,
        description=_DESCRIPTION.value,
        license=_LICENSE.value,
        attribution=_ATTRIBUTION.value,
        homepage=_HOMEPAGE.value,
    )


def _side(text):
    if not (text.isdecimal() and len(text) <= 5):
        raise ValueError(f"--levels must be numbers. Received: {text!r}")
    return int(text)


class _progress:
    """A bar with rate and time left; lines of a log where no terminal is."""

    def __init__(self):
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("Images"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TextColumn("{task.fields[rate]}"),
            rich.progress.TimeRemainingColumn(),
            console=rich.console.Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("", total=None, rate="")

    def __enter__(self):
        self._bar.start()
        self._begun = None
        return self._tell

    def __exit__(self, *_):
        self._bar.stop()

    def _tell(self, done, before, total):
        now = time.monotonic()
        if self._begun is None:  # The processes have started.
            self._begun = self._logged = now
        rate = (done - before) / max(now - self._begun, 1e-3)
        text = f"{rate:.0f} a second"
        self._bar.update(self._task, completed=done, total=total, rate=text)
        late = now - self._logged > _LOG_SECONDS
        if self._bar.disable and (late or done == total):
            self._logged = now
            left = cli.duration((total - done) / rate / 3600.0)
            logging.info("%d of %d images, %s, %s left", done, total, text, left)


if __name__ == "__main__":
    cli.run(main, flag_of={"images": "source"})
