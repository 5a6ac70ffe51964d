"""The notebooks run, at a small size, and lie in the repository with their outputs."""

import json
import os
import pathlib
import re
from unittest import mock

import pytest

ROOT = pathlib.Path(__file__).parents[1]
NOTEBOOKS = ROOT / "docs" / "notebooks"
# Values of the parameters, in the third cell of code, with which the tests run them.
SMALL = {
    "folder_to_server": {"KIMG": 0.2, "SIZE": 32},
    "draw_anything": {"SIDE": 32, "LARGE": 512},
    "layers_in_your_model": {"SIDE": 16, "EPOCHS": 3, "LARGE": 32},
}
# What the tests put behind a line of a notebook, to train a small network.
SMALLER = {
    "folder_to_server": (
        "config.data.source = FOLDER",
        """
config.stages = config.stages[:1]
config.steps_per_execution = 1
config.generator.width = config.generator.embedding_channels = 8
config.generator.blocks = config.generator.mapping_layers = 1
config.discriminator.channels = (8, 8, 8)
""",
    ),
}


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def with_parameters(notebook, values):
    """Sets the parameters of a notebook."""
    cell = code_cells(notebook)[2]
    for name, value in values.items():
        cell["source"], count = re.subn(
            rf"^{name} = [^ \n]+", f"{name} = {value}", cell["source"], flags=re.M
        )
        assert count == 1, name


def with_a_small_network(notebook, line, more):
    """Adds lines of Python behind a line that is there once."""
    [cell] = [cell for cell in code_cells(notebook) if f"{line}\n" in cell["source"]]
    assert cell["source"].count(f"{line}\n") == 1
    cell["source"] = cell["source"].replace(f"{line}\n", f"{line}\n{more}")


def test_all_are_known_and_linked():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(SMALL)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in SMALL:
        assert f"(notebooks/{name}.ipynb)" in page


@pytest.mark.parametrize("name", SMALL)
def test_outputs_are_there(name):
    path = NOTEBOOKS / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = code_cells(notebook)
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    outputs = [output for cell in cells for output in cell["outputs"]]
    kinds = {output["output_type"] for output in outputs}
    assert kinds <= {"stream", "execute_result", "display_data"}
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not re.search(r"/(home|root|tmp|work)/", json.dumps(outputs))
    assert "stderr" not in {output.get("name") for output in outputs}
    assert path.stat().st_size < 1_500_000


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_it_runs(name, tmp_path):
    reason = "needs nbclient, nbformat and ipykernel (extra: notebooks)"
    nbclient = pytest.importorskip("nbclient", reason=reason)
    nbformat = pytest.importorskip("nbformat", reason=reason)
    pytest.importorskip("ipykernel", reason=reason)
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    with_parameters(notebook, SMALL[name])
    if name in SMALLER:
        with_a_small_network(notebook, *SMALLER[name])
    (tmp_path / "saved_models").symlink_to(ROOT / "saved_models")
    client = nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    )
    with mock.patch.dict(os.environ, PYTHONPATH=str(ROOT)):
        client.execute()
