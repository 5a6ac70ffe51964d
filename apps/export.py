r"""Exports a generator: as a SavedModel for TF Serving, or as ONNX files.

Examples:
  python -m apps.export --model=runs/demo --out=saved_models/demo
  python -m apps.export --model=runs/demo --format=onnx --out=demo_onnx
"""

from absl import flags
from absl import logging

from apps import cli

_FORMATS = ("saved_model", "onnx")
_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Run directory or .keras file; for other formats than saved_model a SavedModel, "
    "too.",
)
_OUT = flags.DEFINE_string(
    "out",
    None,
    "Folder of the model's versions, to which the next version is added; for other "
    "formats a new folder.",
)
_FORMAT = flags.DEFINE_enum(
    "format",
    "saved_model",
    _FORMATS,
    "saved_model; onnx: generate.onnx, map.onnx and synthesize.onnx for ONNX runtimes "
    "(pip install tf2onnx onnxruntime).",
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
    from inr_keras import runs
    from inr_keras.runs import environment

    if _FORMAT.value != "saved_model":
        files.check_new_folder(_OUT.value)
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
        if _FORMAT.value == "onnx":
            folder = export.export_onnx(
                generator, _OUT.value, attribution, _MODEL.value
            )
            kind = "ONNX files"
        else:
            folder = export.export(
                generator, _OUT.value, attribution, _MODEL.value, _SCORES.value
            )
            kind = "SavedModel"
    except export.SelfTestError as error:
        raise cli.Failure(str(error)) from error
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    print(f"{folder}  {kind} of {size / 1e6:.1f} MB, tested")


if __name__ == "__main__":
    cli.run(main, flag_of={"path": "model", "folder": "out"})
