import numpy as np
import pytest

from inr_keras.data import duplicates


def _hex(bits):
    return f"{bits:016x}"


def test_exact():
    seen = duplicates.Duplicates()
    assert seen.check("a", "1", _hex(7)) is None
    assert seen.check("b", "1", _hex(7)) == ("duplicate", "of a")
    assert seen.check("c", "2", None) is None
    assert seen.check("d", "2", None) == ("duplicate", "of c")


def test_near():
    seen = duplicates.Duplicates(distance=2)
    assert seen.check("a", "1", _hex(0)) is None
    assert seen.check("b", "2", _hex(0b10001)) == (
        "near_duplicate",
        "of a, 2 bits differ",
    )
    assert seen.check("c", "3", _hex(0b10011)) is None
    # The nearest is named.
    assert seen.check("d", "4", _hex(0b10010))[1] == "of c, 1 bits differ"


@pytest.mark.parametrize("distance", [0, 1, 4, 9, 16])
def test_finds_what_comparing_all_pairs_finds(distance):
    rng = np.random.default_rng(distance)
    kept = []
    seen = duplicates.Duplicates(distance)
    centers = [int(rng.integers(2**63)) for _ in range(20)]
    found = 0
    for i in range(400):
        bits = centers[i % 20]
        for place in rng.permutation(64)[: int(rng.integers(0, 14))]:
            bits ^= 1 << int(place)
        near = any((bits ^ other).bit_count() <= distance for other in kept)
        result = seen.check(str(i), str(i), _hex(bits))
        assert (result is not None) == near
        found += near
        if not near:
            kept.append(bits)
    assert 0 < found < 400


@pytest.mark.parametrize("distance", [-1, 17])
def test_wrong_distance(distance):
    with pytest.raises(ValueError, match=f"`distance` .* Received: {distance}"):
        duplicates.Duplicates(distance)
