r"""Fits one INR to one signal file: a picture, sound, film or 3D shape.

The network is a function of coordinates; its weights become the signal, which
apps.generate and apps.animate draw at any size and rate. A report beside the file
(.json) states PSNR (pictures and films), SNR (sounds) or IoU (shapes), and the bits of
the INR and of the signal file. Ctrl-C ends a fit early and writes the INR as it is.

The deviation of the first layer's frequencies is the root mean square of the signal's
own frequencies along each axis, times --detail.

Examples:
  python -m apps.fit --signal=photo.jpg --out=photo.keras
  python -m apps.generate --model=photo.keras --size=2048 --out=large.png
  python -m apps.fit --signal=speech.wav --out=speech.keras
  python -m apps.generate --model=speech.keras --rate=2 --out=twice.wav
  python -m apps.fit --signal=walk.gif --out=walk.keras
  python -m apps.animate --model=walk.keras --length=96 --size=512 --out=slow.mp4
  python -m apps.fit --signal=bunny.obj --out=bunny.keras
  python -m apps.generate --model=bunny.keras --size=192 --out=bunny.stl
"""

import json
import pathlib

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

_SIGNAL = flags.DEFINE_string(
    "signal",
    None,
    "File: an image; .wav; an animated GIF, PNG or WebP, or .mp4; a closed mesh (.obj, "
    ".stl, .ply, .off) or voxels (.npy, axes x, y, z).",
)
_OUT = flags.DEFINE_string("out", None, ".keras file to write, with the report beside.")
_COMPARISON = flags.DEFINE_string(
    "comparison", None, "Also write a .png file that shows the signal beside the INR's."
)
flags.DEFINE_integer(
    "steps",
    None,
    "Number of steps. Default: 3000 for a picture, 4000 for a sound or film, 2500 for "
    "a shape.",
)
flags.DEFINE_integer("points", 4096, "Random points of a step.")
flags.DEFINE_float("learning_rate", 0.01, "Initial rate of Adam, falling to 0.")
flags.DEFINE_integer("width", 128, "Channels of each layer.")
flags.DEFINE_integer("depth", 4, "Layers before the values.")
flags.DEFINE_enum(
    "activation",
    "sine",
    ["sine", "leaky_relu"],
    "Activation after the Fourier features: sine (SIREN) or leaky_relu.",
)
flags.DEFINE_float(
    "detail", 1.0, "Factor of the signal's own frequencies in the first layer."
)
flags.DEFINE_integer("seed", 0, "Seed of weights and points.")
cli.require("signal", "out")
_NAMES = {"psnr": "PSNR {:.2f} dB", "snr": "SNR {:.2f} dB", "iou": "IoU {:.4f}"}


def main():
    out = pathlib.Path(_OUT.value)
    if out.suffix != ".keras":
        raise ValueError(f"--out must end in .keras. Received: {_OUT.value!r}")
    arguments.check_out(out)
    if _COMPARISON.value is not None:
        arguments.check_png(_COMPARISON.value, "comparison")
    arguments.check_distinct(
        signal=_SIGNAL.value, out=out, comparison=_COMPARISON.value
    )
    for name, low, high in (
        ("points", 1, 1_000_000),
        ("width", 1, 4096),
        ("depth", 1, 64),
        ("learning_rate", 1e-6, 1.0),
        ("detail", 0.01, 100.0),
        ("seed", 0, 2**31 - 1),
    ):
        arguments.check_range(flags.FLAGS[name].value, name, low, high)

    from inr_keras.data import signals
    from inr_keras.evaluation import signal_scores
    from inr_keras.files import write_beside
    from inr_keras.training import signal_fit

    settings = cli.from_flags(signal_fit.Settings)
    signal = signals.open_signal(_SIGNAL.value, settings.seed)
    steps = settings.steps or signal_fit.STEPS[signal.kind]
    logging.info("%s, %s", _description(signal), f"{steps} steps")
    with cli.progress_bar(f"fitting a {signal.kind}") as progress:
        inr, done, seconds = signal_fit.fit_signal(signal, settings, progress)
    write_beside(out, inr.save)
    report = {
        "file": pathlib.Path(_SIGNAL.value).name,
        **signal_scores.report(signal, inr),
        "steps": done,
        "of_steps": steps,
        "seconds": round(seconds, 1),
        **{name: getattr(settings, name) for name in _SETTINGS},
    }
    text = json.dumps(report, indent=1) + "\n"
    write_beside(
        out.with_suffix(".json"), lambda path: path.write_text(text, encoding="utf-8")
    )
    print(f"{out}  {_summary(report)}")
    print(f"{out.with_suffix('.json')}  the report")
    if _COMPARISON.value is not None:
        from inr_keras.evaluation import signal_comparison

        signal_comparison.save(_COMPARISON.value, signal, inr)
        print(f"{_COMPARISON.value}  the signal beside the INR's")
    if done < steps:
        raise KeyboardInterrupt


_SETTINGS = (
    "points",
    "learning_rate",
    "width",
    "depth",
    "activation",
    "detail",
    "seed",
)


def _description(signal):
    if signal.kind == "shape":
        return f"a shape, {len(signal)} points"
    sizes = "x".join(map(str, signal.signal["size"]))
    return f"a {signal.kind} of {sizes}, {signal.channels} channels"


def _summary(report):
    metric = next(name for name in _NAMES if name in report)
    text = _NAMES[metric]
    kbit = {name: report[name] / 1000 for name in ("bits", "bits_float16", "file_bits")}
    return (
        f"{text.format(report[metric])}, "
        f"{report[metric + '_float16']:.4g} in float16; "
        f"{report['weights']} weights, {kbit['bits']:.0f} kbit "
        f"({kbit['bits_float16']:.0f} in float16), the file {kbit['file_bits']:.0f}"
    )


if __name__ == "__main__":
    cli.run(main, flag_of={"path": "signal"})
