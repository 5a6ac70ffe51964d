import pytest

from inr_keras.data.openmoji import groups
from inr_keras.data.openmoji import svg_images

# Faces, people and animals of the first experiments.
_CREATURES = (
    (0x1F600, 0x1F64F),
    (0x1F910, 0x1F93A),
    (0x1F970, 0x1F97A),
    (0x1F466, 0x1F487),
    (0x1F9D0, 0x1F9DF),
    (0x1F400, 0x1F43D),
    (0x1F980, 0x1F9AE),
)


@pytest.mark.parametrize(
    "hexcode,group",
    [
        ("1F600", "faces"),
        ("1F63A", "faces"),
        ("1F468-200D-1F33E", "people"),
        ("1F44B-1F3FB", "people"),
        ("1F43C", "animals"),
        ("1F335", "nature"),
        ("1F355", "food"),
        ("1F680", "travel"),
        ("26BD", "activities"),
        ("1F511", "objects"),
        ("0031-FE0F-20E3", "symbols"),
        ("2764-FE0F-200D-1F525", "symbols"),
        ("1F1EF-1F1F5", "flags"),
        ("1F3F4-200D-2620-FE0F", "flags"),
        ("E040", "other"),
    ],
)
def test_known_images(hexcode, group):
    assert groups.group_of(hexcode) == group


def test_no_code_point_is_in_two_ranges():
    codes = [
        code for ranges in groups._RANGES.values() for code in groups._codes(ranges)
    ]
    assert len(codes) == len(set(codes))


@pytest.mark.slow
def test_every_image_is_in_exactly_one_group():
    everything = svg_images.find_svgs()
    parts = [path for group in groups.GROUPS for path in svg_images.find_svgs((group,))]
    assert len(everything) > 2000
    assert sorted(parts) == everything


def test_creatures_are_faces_people_and_animals():
    found = svg_images.find_svgs(("faces", "people", "animals"))
    wanted = [
        path
        for path in svg_images.find_svgs()
        if any(
            first <= int(path.stem.split("-")[0], 16) <= last
            for first, last in _CREATURES
        )
    ]
    assert len(wanted) >= 490
    assert set(wanted) <= set(found)


def test_skin_tones_are_left_out_unless_asked_for():
    plain = svg_images.find_svgs(("people",))
    full = svg_images.find_svgs(("people",), skin_tones=True)
    assert set(plain) < set(full)
    assert not any(groups.has_skin_tone(path.stem) for path in plain)
    extra = set(full) - set(plain)
    assert all(groups.has_skin_tone(path.stem) for path in extra)


def test_unknown_group_is_named():
    with pytest.raises(ValueError, match="faces, people.*Received: 'beasts'"):
        groups.check_groups(("animals", "beasts"))


def test_groups_come_in_one_order_and_once():
    chosen = groups.check_groups(("animals", "faces", "animals"))
    assert chosen == ("faces", "animals")
    assert groups.check_groups(()) == groups.GROUPS
