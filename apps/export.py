r"""Exports a generator: a SavedModel for TF Serving, ONNX files or a web page.

Examples:
  python -m apps.export --model=runs/demo --out=saved_models/demo
  python -m apps.export --model=runs/demo --out=gs://bucket/models/demo
  python -m apps.export --model=runs/demo --format=onnx --out=demo_onnx
  python -m apps.export --model=runs/demo --format=web --out=demo_page
"""

import os

from absl import flags
from absl import logging

from apps import cli

_FORMATS = ("saved_model", "onnx", "web")
_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Run directory or .keras file. All formats but saved_model also take a SavedModel.",
)
_OUT = flags.DEFINE_string(
    "out",
    None,
    "For saved_model: the folder of the model's versions, also gs://..., which gets "
    "the next version. For other formats: a new folder.",
)
_FORMAT = flags.DEFINE_enum(
    "format",
    "saved_model",
    _FORMATS,
    "saved_model; onnx: generate.onnx, map.onnx and synthesize.onnx for ONNX runtimes "
    "(pip install tf2onnx onnxruntime); web: the explorer as files for any web host, "
    "which draws in the browser.",
)
_SCORES = flags.DEFINE_string(
    "scores",
    None,
    "Folder of apps.evaluate with the scores for the model card. Default: the scores "
    "in the run directory.",
)
_TRUST_MODEL = cli.trust_flag()
cli.require("model", "out")


def main():
    from inr_keras import export
    from inr_keras import files
    from inr_keras import remote_paths
    from inr_keras import runs
    from inr_keras.runs import environment

    if _FORMAT.value != "saved_model":
        if _SCORES.value is not None:
            raise ValueError(
                "--scores must be given with --format=saved_model. Received: "
                f"--format={_FORMAT.value}"
            )
        remote_paths.check_local(_OUT.value, f"--out of --format={_FORMAT.value}")
        files.new_folder(_OUT.value)
    generator = runs.load_generator(_MODEL.value, _TRUST_MODEL.value)
    exported = isinstance(generator, runs.SavedModelGenerator)
    if exported and _FORMAT.value == "saved_model":
        raise ValueError(
            "--model must be a run directory or a .keras file; a SavedModel "
            f"is exported already. Received: {_MODEL.value!r}"
        )
    logging.set_verbosity(logging.WARNING)  # TensorFlow logs its own steps.
    attribution = environment.attribution(_MODEL.value)
    try:
        with remote_paths.uploaded(_OUT.value, "--out") as out:
            arguments = generator, out, attribution, _MODEL.value
            if _FORMAT.value == "onnx":
                folder, kind = export.export_onnx(*arguments), "ONNX files"
            elif _FORMAT.value == "web":
                folder, kind = export.export_web(*arguments), "web page"
            else:
                folder = export.export(*arguments, _SCORES.value)
                kind = "SavedModel"
            size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    except export.SelfTestError as error:
        raise cli.Failure(str(error)) from error
    if remote_paths.is_remote(_OUT.value):
        folder = os.path.join(_OUT.value, folder.name)
    tested = "" if _FORMAT.value == "web" else ", tested"  # The browser tests pages.
    print(f"{folder}  {kind} of {size / 1e6:.1f} MB{tested}")


if __name__ == "__main__":
    named = {"path": "model", "generator": "model", "folder": "out"}
    cli.run(main, flag_of=named, remote=["out"])
