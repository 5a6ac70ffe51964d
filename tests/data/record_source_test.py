import numpy as np
import pytest

from inr_keras.data import framing
from inr_keras.data import image_inputs
from inr_keras.data import preparation
from inr_keras.data import prepared_folder
from inr_keras.data import sources
from tests.data import fixtures


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    root = tmp_path_factory.mktemp("records")
    fixtures.write_folder(root / "in", 9)
    job = preparation.Job(
        form=framing.Form(resolution=16),
        file_format="array_record",
        shard_size=4,
    )
    images = image_inputs.open_input(str(root / "in"))
    preparation.prepare(images, root / "out", job)
    return prepared_folder.open_prepared(root / "out")


def _source(builder, split="train"):
    return sources.RecordSource(builder, split, 16, "")


def _stack(dataset):
    return np.stack(list(dataset.as_numpy_iterator()))


def test_the_order_of_the_files(builder):
    originals = np.stack([fixtures.random_image(i) for i in range(9)])
    np.testing.assert_array_equal(_stack(_source(builder).dataset()), originals)


def test_whole_epochs_are_shuffled(builder):
    # No buffer limits how far an image moves.
    source = _source(builder)
    places = {p.tobytes(): i for i, p in enumerate(_stack(source.dataset()))}
    firsts = {
        places[_stack(source.dataset(seed).take(1))[0].tobytes()] for seed in range(16)
    }
    assert len(firsts) > 4


def test_parts_of_a_split(builder):
    part = _stack(_source(builder, "train[3:7]").dataset())
    whole = _stack(_source(builder).dataset())
    np.testing.assert_array_equal(part, whole[3:7])
