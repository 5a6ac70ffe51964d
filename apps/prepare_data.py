r"""Prepares images for training, and reports defects of the images.

Writes a TFDS dataset in TFDS's own file format, with `report.json` and `report.html`;
`--config.data.source=DIR` trains on it. The source is only read. The same command
resumes a preparation that was killed.

Example:
  python -m apps.prepare_data --source=photos --resolution=256 --out=data/photos
  python -m apps.prepare_data --source=photos.zip --levels=64,128 \
      --framing=letterbox --leave_out=duplicate,near_uniform --out=data/photos
  python -m apps.prepare_data --source=photos --engine=tcp://10.0.0.1:8786 \
      --resolution=256 --out=data/photos
  python -m apps.prepare_data --source=photos --check_only --out=photos_report
"""

import os

from absl import flags

from apps import arguments
from apps import cli
from inr_keras import processes

_SOURCE = flags.DEFINE_string(
    "source", None, "Images: a folder, a zip or tar file, or tfds:NAME."
)
_OUT = flags.DEFINE_string("out", None, "Folder to write.")
_CHECK_ONLY = flags.DEFINE_bool("check_only", False, "Write the reports alone.")
_RESOLUTION = flags.DEFINE_integer("resolution", 256, "Side of the images, in pixels.")
_LEVELS = flags.DEFINE_list(
    "levels", [], "Smaller sides to store as well, for data.stored_levels."
)
flags.DEFINE_string(
    "framing",
    "center",
    "Crop or border: center, random, letterbox or keep (the aspect).",
)
flags.DEFINE_string("color", "rgb", "Colour channels: rgb, grayscale or rgba.")
flags.DEFINE_string(
    "filter", "lanczos", "Filter: lanczos, bicubic, hamming, bilinear or box."
)
flags.DEFINE_string("encoding", "png", "Image format: png or jpeg.")
flags.DEFINE_integer("quality", 95, "Quality of JPEG.")
flags.DEFINE_string("file_format", "tfrecord", "File format: tfrecord or array_record.")
flags.DEFINE_integer("shard_size", 256, "Images in a file.")
_LEAVE_OUT = flags.DEFINE_list(
    "leave_out",
    [],
    "More kinds of images to leave out, such as duplicate,near_duplicate,near_uniform.",
)
flags.DEFINE_integer("min_side", 8, "Least side; smaller images are left out.")
flags.DEFINE_integer("near", 4, "Bits, of 64, in which near duplicates may differ.")
_SPLIT = flags.DEFINE_string("split", "train", "Split of a TFDS source.")
flags.DEFINE_integer("seed", 0, "Seed of --framing=random.", lower_bound=0)
_WORKERS = flags.DEFINE_integer(
    "workers",
    0,
    "Number of processes; with a Dask scheduler, the largest number of its workers "
    "that are busy at a time. 0: one process per available core, or all workers.",
    lower_bound=0,
)
_ENGINE = flags.DEFINE_string(
    "engine",
    "processes",
    "What runs the work in parallel: processes; dask (on this machine; repeats the "
    "work of a killed process); or the address of a Dask scheduler, tcp://HOST:PORT.",
)
_MAX_UNPACKED_GB = flags.DEFINE_float(
    "max_unpacked_gb",
    1000.0,
    "Largest size of an archive's contents, in GB.",
    lower_bound=0.0,
)
flags.DEFINE_string("description", "", "Description of the images.")
flags.DEFINE_string("license", "", "Licence of the images.")
flags.DEFINE_string("attribution", "", "Attribution that the licence asks for.")
flags.DEFINE_string("homepage", "", "Address that the images come from.")
cli.require("source", "out")

# Values of a flag with which some others have an effect.
_BELONGING = {
    "check_only": dict.fromkeys(
        (
            *("resolution", "levels", "framing", "color", "filter", "encoding"),
            *("quality", "file_format", "shard_size", "seed"),
            *("description", "license", "attribution", "homepage"),
        ),
        (False,),
    ),
    "encoding": {"quality": ("jpeg",)},
    "framing": {"seed": ("random",)},
}


def main():
    from inr_keras.data import data_report
    from inr_keras.data import engines
    from inr_keras.data import framing
    from inr_keras.data import image_inputs
    from inr_keras.data import parallel_examination
    from inr_keras.data import preparation

    for switch, values_of in _BELONGING.items():
        cli.check_belonging(switch, values_of)
    is_tfds = _SOURCE.value.startswith(image_inputs.TFDS_PREFIX)
    if flags.FLAGS["split"].present and not is_tfds:
        raise ValueError(
            "--split must be given with --source=tfds:NAME. "
            f"Received: --source={_SOURCE.value}"
        )
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
    engine = _ENGINE.value
    workers = _WORKERS.value
    if engine in (engines.PROCESSES, engines.DASK):
        workers = workers or processes.cores()
    work = preparation.check if _CHECK_ONLY.value else preparation.prepare
    title = f"Images of {os.path.basename(_SOURCE.value.rstrip('/'))}"
    try:
        with cli.counting_bar("Images") as progress:
            report = work(images, _OUT.value, job, workers, progress, title, engine)
    except parallel_examination.WorkerKilled as error:
        raise cli.Failure(str(error)) from error
    for line in data_report.lines(report):
        print(line)
    out = os.path.join(_OUT.value, "")
    print(f"{out}report.html  {report['pictures']} images looked at")
    if not _CHECK_ONLY.value:
        print(f"{out}  {report['usable']} images, --config.data.source")


if __name__ == "__main__":
    cli.run(main, flag_of={"images": "source"}, remote=["homepage"])
