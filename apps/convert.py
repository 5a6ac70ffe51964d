r"""Converts checkpoints of the papers' PyTorch code to a generator's .keras file.

A PyTorch file needs PyTorch (pip install torch); .npz and .safetensors files do not.
Code in a file is never run: export the tensors of INR-GAN's pickles first, as
docs/conversion.md says.

Example:
  python -m apps.convert --kind=cips --checkpoint=ffhq_g_ema.pt \
      --out=cips_ffhq.keras
"""

from absl import flags

from apps import arguments
from apps import cli

_KIND = flags.DEFINE_enum(
    "kind", None, ["cips", "inr_gan"], "Architecture of the weights."
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "PyTorch, .npz or .safetensors file."
)
_BILINEAR = flags.DEFINE_bool(
    "bilinear",
    False,
    "Whether INR-GAN's inr-gan-bil.yml trained the weights; tensors do not tell.",
)
_OUT = flags.DEFINE_string("out", None, ".keras file to write.")
cli.require("kind", "checkpoint", "out")


def main():
    arguments.check_out(_OUT.value)
    if not _OUT.value.endswith(".keras"):
        raise ValueError(f"--out must end in .keras. Received: {_OUT.value!r}")
    if _BILINEAR.value and _KIND.value != "inr_gan":
        raise ValueError(
            f"--bilinear must come with --kind=inr_gan. Received: --kind={_KIND.value}"
        )

    from inr_keras import conversion
    from inr_keras.files import write_beside

    arrays = conversion.read_checkpoint(_CHECKPOINT.value)
    if _KIND.value == "inr_gan":
        generator = conversion.load_inr_gan(arrays, _BILINEAR.value)
    else:
        generator = conversion.load_cips(arrays)
    write_beside(_OUT.value, generator.save)
    size = generator.resolution
    print(
        f"{_OUT.value}  {type(generator).__name__} of {size}x{size}, "
        f"{generator.count_params():,} weights"
    )


if __name__ == "__main__":
    cli.run(main, flag_of={"path": "checkpoint"})
