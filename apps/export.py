r"""Exports a generator as a SavedModel for TF Serving.

Example:
  python -m apps.export --model=runs/demo --out=saved_models/demo
"""

from absl import flags
from absl import logging

from apps import cli

_MODEL = flags.DEFINE_string("model", None, "Run directory or .keras file.")
_OUT = flags.DEFINE_string(
    "out", None, "Folder of the model's versions, to which the next version is added."
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
    from inr_keras import runs
    from inr_keras.runs import environment

    generator = runs.load_generator(_MODEL.value, _TRUST_MODEL.value)
    if isinstance(generator, runs.SavedModelGenerator):
        raise ValueError(
            "--model must be a run directory or a .keras file; a SavedModel "
            f"is exported already. Received: {_MODEL.value!r}"
        )
    logging.set_verbosity(logging.WARNING)  # TensorFlow logs its own steps.
    attribution = environment.attribution(_MODEL.value)
    try:
        version = export.export(
            generator, _OUT.value, attribution, _MODEL.value, _SCORES.value
        )
    except export.SelfTestError as error:
        raise cli.Failure(str(error)) from error
    size = sum(p.stat().st_size for p in version.rglob("*") if p.is_file())
    print(f"{version}  SavedModel of {size / 1e6:.1f} MB, tested")


if __name__ == "__main__":
    cli.run(main, flag_of={"path": "model", "folder": "out"})
