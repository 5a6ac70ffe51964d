r"""Fits INRs to one signal of each kind and writes docs/fit.md from their reports.

Fits that are there already are not made again, so that an interrupted run goes on.
The photograph is of Debian's package tuxpaint-stamps-default, the sentence is spoken
by espeak-ng, the film is one of the gallery and the shape is made here.

Usage:
  python -m docs.fit runs/fit [picture sound film shape]
"""

import json
import pathlib
import platform
import subprocess
import sys
import time

import numpy as np
from PIL import Image

from inr_keras.data import film_files
from inr_keras.data.image_files import to_mode
from inr_keras.rendering import film
from inr_keras.rendering import meshes
from inr_keras.rendering import save_image

DOCS = pathlib.Path(__file__).parent
STAMP = "/usr/share/tuxpaint/stamps/plants/flowers/anemone_red.png"
SENTENCE = "An image is a function of its coordinates"
# File of the signal, then what is drawn of its INR.
KINDS = {
    "picture": "photo.png",
    "sound": "speech.wav",
    "film": "walk.gif",
    "shape": "knot.obj",
}
DRAWN = {
    "picture": [
        "generate --model=photo.keras --size=2048 --out=large.png",
        "generate --model=photo.keras --region=-0.5,-0.45,0,0.05 --size=448 "
        "--out=detail.png",
    ],
    "sound": ["generate --model=speech.keras --rate=2 --out=twice.wav"],
    "film": [
        "animate --model=walk.keras --length=48 --fps=24 --size=192 --out=walk.webp"
    ],
    "shape": [
        "generate --model=knot.keras --size=128 --out=knot_again.stl",
        "animate --model=knot.keras --length=24 --fps=12 --size=160 --out=knot.webp",
    ],
}
KEPT = {"picture": ["detail.png"], "film": ["walk.webp"], "shape": ["knot.webp"]}


def make(kind, path):
    """Makes the signal file of a kind."""
    if kind == "picture":
        with Image.open(STAMP) as image:
            image = to_mode(image, "RGB").crop((40, 4, 552, 516))
        image.save(path)
    elif kind == "sound":
        subprocess.run(["espeak-ng", "-w", str(path), SENTENCE], check=True)
    elif kind == "film":
        images, rate = film_files.read_film(
            DOCS / "gallery" / "z.webp", size=(96, 96), length=24
        )
        film.write_film(path, images, rate)
    else:
        meshes.save_mesh(path, meshes.field_mesh(_knot(meshes.grid_coords(96))))


def _knot(coords):
    """Field of a trefoil knot: how far a point is within its tube."""
    turn = np.linspace(0.0, 2.0 * np.pi, 400)
    out = 0.5 + 0.24 * np.cos(3.0 * turn)
    line = [
        out * np.cos(2.0 * turn),
        0.3 * np.sin(3.0 * turn),
        out * np.sin(2.0 * turn),
    ]
    import scipy.spatial

    distance, _ = scipy.spatial.cKDTree(np.stack(line, axis=1)).query(coords)
    return 0.14 - distance


def run(command, folder):
    """Runs an app in a folder, with this Python."""
    app, *rest = command.split()
    root = str(DOCS.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); from runpy import run_module; "
    code += f"run_module('apps.{app}', run_name='__main__')"
    subprocess.run([sys.executable, "-c", code, *rest], cwd=folder, check=True)


def fit(kind, folder):
    """Makes a signal and its INR, and draws it, unless that is done."""
    name = pathlib.Path(KINDS[kind])
    if not (folder / name).exists():
        make(kind, folder / name)
    if not (folder / name.with_suffix(".json")).exists():
        run(fit_command(kind), folder)
        for command in DRAWN[kind]:
            run(command, folder)


def fit_command(kind):
    name = pathlib.Path(KINDS[kind])
    return (
        f"fit --signal={name} --out={name.with_suffix('.keras')} "
        f"--comparison={name.stem}_beside.png"
    )


def write(folder):
    """Writes the page and its pictures from the fits that are there."""
    rows, parts = [], []
    (DOCS / "fit").mkdir(exist_ok=True)
    for kind, name in KINDS.items():
        path = (folder / name).with_suffix(".json")
        if not path.exists():
            continue
        report = json.loads(path.read_text(encoding="utf-8"))
        metric = next(m for m in ("psnr", "snr", "iou") if m in report)
        unit = "IoU" if metric == "iou" else f"dB {metric.upper()}"
        digits = 4 if metric == "iou" else 2
        rows.append(
            f"| {kind}, `{name}` | {report[metric]:.{digits}f} {unit} | "
            f"{report[metric + '_float16']:.{digits}f} | {report['weights']:,} | "
            f"{report['bits'] / 1000:,.0f} | {report['bits_float16'] / 1000:,.0f} | "
            f"{report['file_bits'] / 1000:,.0f} | {report['steps']:,} |"
        )
        stem = pathlib.Path(name).stem
        pictures = [f"{stem}_beside.png", *KEPT.get(kind, [])]
        pictures = [_keep(folder / picture, DOCS / "fit") for picture in pictures]
        commands = [fit_command(kind), *DRAWN[kind]]
        parts.append(
            f"## {kind.capitalize()}\n\n```\n"
            + "\n".join(f"python -m apps.{c}" for c in commands)
            + f"\n```\n\n{TEXTS[kind]}\n\n"
            + "\n\n".join(f"![{kind}: {p}](fit/{p})" for p in pictures)
            + "\n"
        )
    page = HEAD.format(
        machine=platform.machine(), date=time.strftime("%Y-%m-%d"), rows="\n".join(rows)
    )
    (DOCS / "fit.md").write_text(page + "\n".join(parts), encoding="utf-8")


def _keep(source, folder):
    """Copies a picture, photographs as WebP; returns its name."""
    target = folder / source.name
    if source.suffix != ".png":
        target.write_bytes(source.read_bytes())
        return target.name
    with Image.open(source) as image:
        image.load()
    if image.width > 1100:
        image.thumbnail((1024, 1024))
    if source.stem in ("photo_beside", "detail"):
        target = target.with_suffix(".webp")
        image.save(target, quality=90)
    else:
        save_image(target, np.asarray(image.convert("RGB")))
    return target.name


HEAD = """# One INR for one signal: pictures, sounds, films and shapes

`apps.fit` fits the same network, `inr_keras.INR`, to any signal file; only the number
of coordinates and values differs. Written by `python -m docs.fit runs/fit`; no number
is typed. {machine}, {date}, seed 0, the default settings of each kind, one run each.

| signal | quality | in float16 | weights | kbit | kbit, float16 | file, kbit | steps |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

PSNR is of all pixels in 8 bits, SNR of all samples, IoU at 96 x 96 x 96 points that the
fit did not see. In float16 the first layer's frequencies stay float32. The file is a
PNG, a WAV of 16 bits, a GIF and an OBJ. In float32 the INR is larger than the sound and
the film: its use is a signal without a grid, not compression.

The network is SIREN behind learned Fourier features: the first layer's frequencies have
the deviation of the signal's own, the root mean square of its spectrum along each axis
(`--detail` multiplies it), so that one rule serves a photograph and 22,050 samples a
second. Shapes are fitted as signed distances, most of them near the surface.

"""
TEXTS = {
    "picture": "The file, the INR at the same size, then a detail drawn at 3.5 times "
    "the file's density.\nThe photograph is of the Debian package "
    "`tuxpaint-stamps-default`.",
    "sound": f'Said by `espeak-ng -w speech.wav "{SENTENCE}"`.\nThe third column is '
    "the INR at twice as many samples a second.\nThe remaining error is a faint hiss, "
    "also in the pauses. At twice the rate\nthe hiss reaches above the file's highest "
    "frequency, of which its samples say nothing.",
    "film": "Four images of the file above, the INR's below, then the INR at twice as\n"
    "many times and twice the size.",
    "shape": "The file's mesh above, below the INR's by marching cubes, then a turn.\n"
    "The trefoil knot is made by `docs/fit.py`.\nMeshes need "
    "`pip install trimesh scikit-image`.",
}

if __name__ == "__main__":
    place = pathlib.Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    for chosen in sys.argv[2:] or KINDS:
        fit(chosen, place.resolve())
    write(place)
