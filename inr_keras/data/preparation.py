"""Checks of image sets, and their preparation as TFDS datasets.

A preparation works in a hidden folder inside its result, shard by shard. Each finished
shard lies there with the findings of its images; a later call with the same images and
settings goes on after the last of them. At the end the files move to the result.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil

from absl import logging

from inr_keras import files
from inr_keras import locks
from inr_keras.data import complaints
from inr_keras.data import data_report
from inr_keras.data import duplicates
from inr_keras.data import engines
from inr_keras.data import examination
from inr_keras.data import framing
from inr_keras.data import image_files
from inr_keras.data import parallel_examination as workers_lib
from inr_keras.data import prepared_folder
from inr_keras.data import shard_files
from inr_keras.naming import renaming

FILE_FORMATS = ("tfrecord", "array_record")
_REQUEST = "preparation.json"
_UNFINISHED = ".preparing"
_FINISHED = ".prepared"  # Its name while its files move.
# Names that an empty folder may hold: the last is on every new ext4 disk.
_NOTHING = {_UNFINISHED, locks.FILE, "lost+found"}


@dataclasses.dataclass(frozen=True)
class Job:
    """Settings of a check or a preparation.

    Args:
        form: framing.Form, or `None` for a check alone.
        leave_out: tuple of str. Kinds of `complaints.NOTED` problems for which images
            are left out too.
        min_side: int. Images with a shorter side, in pixels, are left out.
        near: int. Largest number of bits, of 64, in which perceptual hashes of near
            duplicates differ.
        seed: int. Decides where random squares lie.
        file_format: str. `tfrecord`, or `array_record`, which allows for a random order
            without a buffer.
        shard_size: int. Number of images of the source per file.
        description, license, attribution, homepage: str. Texts for the reader.
    """

    form: framing.Form | None = None
    leave_out: tuple[str, ...] = ()
    min_side: int = image_files.MIN_SIDE
    near: int = 4
    seed: int = 0
    file_format: str = "tfrecord"
    shard_size: int = 256
    description: str = ""
    license: str = ""
    attribution: str = ""
    homepage: str = ""

    def __post_init__(self):
        for kind in self.leave_out:
            if kind not in complaints.NOTED:
                raise ValueError(
                    f"`leave_out` must be one of {', '.join(complaints.NOTED)}. "
                    f"Received: {kind!r}"
                )
        if self.min_side < image_files.MIN_SIDE:
            raise ValueError(
                f"`min_side` must be at least {image_files.MIN_SIDE}. "
                f"Received: {self.min_side}"
            )
        with renaming({"distance": "near"}):
            duplicates.Duplicates(self.near)
        if self.file_format not in FILE_FORMATS:
            raise ValueError(
                f"`file_format` must be one of {', '.join(FILE_FORMATS)}. "
                f"Received: {self.file_format!r}"
            )
        if self.shard_size < 1:
            raise ValueError(
                f"`shard_size` must be at least 1. Received: {self.shard_size}"
            )


def check(
    images, out, job, workers=1, progress=None, title="", engine=engines.PROCESSES
):
    """Examines images and writes `report.json` and `report.html` to a folder.

    Args:
        images: image_inputs.ImageInput.
        out: path of a folder.
        job: Job.
        workers: int. Processes to share the work. Defaults to 1.
        progress: Function of the numbers of images done now, done before, and to do.
            Defaults to `None`.
        title: str. Title of the report.
        engine: str. What shares the work, see `engines.check`. Defaults to
            `"processes"`.

    Returns:
        dict: the contents of `report.json`.

    Raises:
        ValueError: The folder is that of a preparation, or images are to be left out
            for what a check does not know.
        parallel_examination.WorkerKilled: A process was killed.
    """
    engines.check(engine, workers)
    if "enlarged" in job.leave_out:
        raise ValueError(
            "`leave_out` must not hold enlarged in a check, which knows no resolution. "
            f"Received: {job.leave_out}"
        )
    out = pathlib.Path(out)
    for name in (_REQUEST, _UNFINISHED, _FINISHED):
        if (out / name).exists():
            raise ValueError(
                "`out` must be another folder than that of a preparation, whose "
                f"reports a check would replace. Received: {str(out)!r}"
            )
    known_images = duplicates.Duplicates(job.near)
    summary = data_report.Summary(job.leave_out)
    numbers = range(len(images))
    options = {"min_side": job.min_side, "seed": job.seed}
    found = workers_lib.findings(images, numbers, workers, engine, **options)
    for finding, _ in found:
        _note_duplicate(known_images, finding)
        summary.add(finding)
        if progress:
            progress(summary.count, 0, len(images))
    return data_report.write(summary, images, out, title)


def prepare(
    images, out, job, workers=1, progress=None, title="", engine=engines.PROCESSES
):
    """Prepares images as a TFDS dataset, or goes on with an unfinished one.

    Args:
        images: image_inputs.ImageInput.
        out: path of a folder that is new or empty; it may be a mount point or a link to
            one. Once complete, it is a dataset with the reports of `check`.
        job, workers, progress, title, engine: See `check`.

    Returns:
        dict: the contents of `report.json`.

    Raises:
        ValueError: The folder holds something else, no image can be used, or the name
            of a class cannot be kept.
        parallel_examination.WorkerKilled: A process was killed.
    """
    engines.check(engine, workers)
    images.check_classes()
    out = pathlib.Path(out).absolute()
    request = _request(images, job)
    if _is_done(out, request):
        return json.loads((out / "report.json").read_text(encoding="utf-8"))
    with locks.locked(out, "out"):
        folder = _begin_or_resume(out, request)
        if folder.name == _UNFINISHED:
            _prepare(images, folder, job, workers, progress, title, engine)
            os.replace(folder, out / _FINISHED)
        return _publish(out / _FINISHED, out)


def _prepare(images, folder, job, workers, progress, title, engine):
    """Does what is left to do in the folder of an unfinished preparation."""
    shards = shard_files.ShardFiles(folder, images, job)
    known_images = duplicates.Duplicates(job.near)
    summary = data_report.Summary(job.leave_out)
    for finding in shards.finished():
        _note_duplicate(known_images, finding)
        summary.add(finding)
    before = summary.count
    if before:
        logging.info("Going on after %d of %d images", before, len(images))
    options = {"form": job.form, "min_side": job.min_side, "seed": job.seed}
    numbers = range(before, len(images))
    found = workers_lib.findings(images, numbers, workers, engine, **options)
    for finding, forms in found:
        _note_duplicate(known_images, finding)
        keep = examination.usable(finding, job.leave_out)
        shards.add(summary.count, finding, forms, keep)
        summary.add(finding)
        if progress:
            progress(summary.count, before, len(images))
    if not summary.usable:
        first = "; ".join(
            f"{name} ({text})" for _, _, name, text in summary.problems[:5]
        )
        shutil.rmtree(folder)
        raise ValueError(
            "`images` must hold at least one image that can be used. "
            f"Received: {summary.count} that cannot, such as {first}"
        )
    shards.write_metadata()
    data_report.write(summary, images, folder, title)
    os.sync()


def _publish(folder, out):
    """Moves a finished dataset into place; returns its report."""
    shutil.rmtree(folder / shard_files.FINDINGS, ignore_errors=True)
    # Last come the files by which TFDS and this module recognize a dataset.
    last = ("dataset_info.json", _REQUEST)
    names = [name for name in os.listdir(folder) if name not in last]
    for name in (*names, *last):
        if (folder / name).exists():
            os.replace(folder / name, out / name)
    folder.rmdir()
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


def _note_duplicate(known_images, finding):
    """Adds the problem of repeating an earlier image to a finding."""
    if "width" not in finding:
        return
    kinds = {kind for kind, _ in finding["problems"]}
    # The hash of an image of one colour says nothing.
    phash = None if "near_uniform" in kinds else finding["phash"]
    problem = known_images.check(finding["name"], finding["sha256"], phash)
    if problem and problem[0] not in kinds:
        finding["problems"].append(problem)


def _request(images, job):
    """Description of the settings and the images, for JSON."""
    identity = json.dumps(images.identity(), default=str)
    settings = dataclasses.asdict(job)
    request = {
        "settings": settings,
        # Names on disk stay, so that preparations of earlier versions can be resumed.
        "pictures": len(images),
        "source": hashlib.sha256(identity.encode()).hexdigest(),
    }
    return json.loads(json.dumps(request))


def _is_done(out, request):
    if not out.exists() or any((f / _REQUEST).exists() for f in _folders(out)):
        return False
    if out.is_dir() and _NOTHING.issuperset(os.listdir(out)):
        return False
    saved = None
    if prepared_folder.is_prepared(out) and (out / _REQUEST).exists():
        saved = json.loads((out / _REQUEST).read_text(encoding="utf-8"))
        if saved == request:
            shutil.rmtree(out / _FINISHED, ignore_errors=True)
            return True
    what = "other images or settings" if saved else "other files"
    raise ValueError(
        "`out` must be a new or empty folder, or hold the same preparation. "
        f"Received: {str(out)!r}, which holds {what}"
    )


def _folders(out):
    return out / _FINISHED, out / _UNFINISHED


def _begin_or_resume(out, request):
    """Returns the folder to work in, with what an earlier call has finished."""
    earlier = out.with_name(f".{out.name}{_UNFINISHED}")  # Of earlier versions.
    if os.path.isdir(earlier) and not (out / _UNFINISHED).exists():
        os.replace(earlier, out / _UNFINISHED)
    for folder in _folders(out):
        path = folder / _REQUEST
        if not path.exists():
            continue
        saved = json.loads(path.read_text(encoding="utf-8"))
        if saved != request:
            names = _changed(saved, request)
            raise ValueError(
                "`out` must be another folder, or that of an unfinished "
                f"preparation with the same {names}. Received: {str(out)!r}; "
                f"delete {folder} to begin again"
            )
        files.sweep(folder)
        return folder
    (folder / shard_files.FINDINGS).mkdir(parents=True, exist_ok=True)
    text = json.dumps(request, indent=1) + "\n"
    files.write_beside(path, lambda p: p.write_text(text, encoding="utf-8"))
    return folder


def _changed(saved, request):
    old, new = saved["settings"], request["settings"]
    names = [name for name in new if old.get(name) != new[name]]
    if saved["source"] != request["source"]:
        names.append("images")
    return ", ".join(names)
