"""Files of the sounds and solids that a generator draws from seeds."""

import pathlib

import numpy as np

from inr_keras import extras
from inr_keras.naming import renaming
from inr_keras.rendering import meshes
from inr_keras.rendering import portraits
from inr_keras.rendering import sounds
from inr_keras.rendering.latents import labels_in_turn
from inr_keras.rendering.latents import latents_from_seeds
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.sheet import ENDINGS
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet

_SIDE = 192  # Pixels of a picture.


def check_out(generator, path):
    """Raises `ValueError` where sounds or solids cannot be written to a path."""
    if pathlib.Path(path).suffix.lower() in ENDINGS:
        if portraits.is_solid(generator):
            extras.require("signals")  # A picture shows a mesh.
        return
    if portraits.is_sound(generator):
        sounds.check_sound_path(path)
    else:
        meshes.check_mesh_path(path)


def write_signals(generator, path, seeds, size=None, truncation=1.0, progress=None):
    """Writes sounds one after another, solids side by side, or a sheet of pictures.

    Args:
        generator: Generator of sounds or solids.
        path: str or path. Its ending decides: .wav; .obj, .stl or .ply; an image's.
        seeds: Sequence of int.
        size: int. Samples on each axis; twice as many double the sample rate of a
            sound. Defaults to the generator's resolution.
        truncation: float. 1: full variety; 0: the mean style.
        progress: Function of the share done, 0 to 1, or `None`.

    Returns:
        str: what was written.

    Raises:
        ValueError: They have too many samples, or all solids are empty.
    """
    check_out(generator, path)
    with renaming({"height": "size"}):
        portraits.check_points(generator, len(seeds), size)
    renderer = Renderer(generator)
    latents = latents_from_seeds(seeds, generator.latent_dim)
    styles = renderer.styles(latents, truncation, labels_in_turn(seeds, generator))
    values = portraits.render_signals(renderer, styles, size, progress)
    is_sound = portraits.is_sound(generator)
    what = f"{len(seeds)} {'sounds' if is_sound else 'solids'}"
    if pathlib.Path(path).suffix.lower() in ENDINGS:
        save_image(path, sheet(portraits.portraits(generator, values, _SIDE)))
        return what
    if is_sound:
        rate = portraits.sample_rate(generator, size)
        sounds.save_sound(path, portraits.in_a_row(values, rate), rate)
        return f"{what} of {values.shape[1]} samples, {rate} a second"
    mesh = side_by_side(values)
    meshes.save_mesh(path, mesh)
    return f"{what}, {len(mesh.faces)} triangles"


def side_by_side(fields):
    """Joins the surfaces of solids to one mesh, along x; empty ones leave a gap."""
    vertices, faces, count = [], [], 0
    for number, field in enumerate(fields):
        mesh = portraits.solid_mesh(field)
        if mesh is not None:
            vertices.append(mesh.vertices + np.array([2.0 * number, 0.0, 0.0]))
            faces.append(mesh.faces + count)
            count += len(mesh.vertices)
    if not vertices:
        raise ValueError(
            "`seeds` must have at least one solid that is not empty. Received: none"
        )
    return meshes.Mesh(np.concatenate(vertices), np.concatenate(faces))
