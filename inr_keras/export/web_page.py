"""The explorer as a folder of files, whose pictures are drawn in the browser."""

import json
import pathlib
import shutil

from inr_keras import files
from inr_keras import rendering
from inr_keras.explorer import pages
from inr_keras.export import model_metadata
from inr_keras.export import web_weights

# Answers of the server that the page runs in the browser.
SIGNATURES = (
    "generate_png",
    "metadata",
    "render_region",
    "render_styles",
    "style_mix",
    "styles",
)
_SAMPLE = {
    "seed": 1,
    "truncation": 0.8,
    "box": [-1.5, -1.0, 1.5, 1.0],
    "height": 12,
    "width": 18,
}


def export_web(generator, folder, attribution="", run=None):
    """Writes the explorer of one generator to a new folder that any web host serves.

    The page and its requests are the same as with a server, but a script answers the
    requests in the visitor's browser. When the page opens, it draws a small sample and
    compares it with the levels that the generator has drawn here; if they differ, it
    does not use the graphics card.

    Args:
        generator: `CIPSGenerator`, also from a SavedModel.
        folder: str or path of a folder that is new or empty.
        attribution, run: See `export.export`.

    Returns:
        Path of the folder, which appears whole.

    Raises:
        ValueError: The folder cannot be written, see `files.new_folder`, or the
            generator is not a `CIPSGenerator` that a page can draw.

    Example:
        >>> export_web(generator, folder / "page").name
        'page'
    """
    place = files.new_folder(folder)
    name = place.name
    network = web_weights.cips_of(generator)
    metadata = model_metadata.describe(generator, name, attribution, run)
    metadata["signatures"] = list(SIGNATURES)
    description, weights = web_weights.describe(network)
    description["metadata"] = metadata
    description["sample"] = _sample(network)

    def write(temporary):
        shutil.copytree(pages.FOLDER, temporary)
        text = pages.without_server()
        (temporary / "index.html").write_text(text, encoding="utf-8")
        (temporary / "weights.bin").write_bytes(weights.astype("<f4").tobytes())
        _write_json(temporary / "network.json", description)
        _write_json(temporary / "models.json", {"models": [name]})
        text = f"{metadata['attribution']}\nLicence: {metadata['licence']}\n"
        (temporary / "ATTRIBUTION.txt").write_text(text, encoding="utf-8")

    files.write_beside(place, write)
    return pathlib.Path(folder)


def _sample(generator):
    """A small picture, by which a browser tests its drawing."""
    inputs = dict(_SAMPLE)
    if generator.class_names:
        inputs["label"] = len(generator.class_names) - 1
    image = rendering.generate(
        generator,
        inputs["seed"],
        (inputs["height"], inputs["width"]),
        inputs["box"],
        inputs["truncation"],
        inputs.get("label"),
    )
    return {"inputs": inputs, "levels": image.ravel().tolist()}


def _write_json(path, value):
    path.write_text(json.dumps(value) + "\n", encoding="utf-8")
