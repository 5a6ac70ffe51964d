"""Groups of OpenMoji images, by their first code point.

A hexcode is the name of an OpenMoji file: the code points of an emoji in
hexadecimal, joined by hyphens. The first of them tells what is shown ("1F468",
a man, in "1F468-200D-1F33E", a farmer), so it alone decides the group. The
ranges follow the groups of Unicode's emoji charts, with a few liberties:
plants, weather and the sky are `nature`, clocks are `objects`, lipstick and
nail polish are `people`, who wear them.
"""

SKIN_TONES = frozenset(("1F3FB", "1F3FC", "1F3FD", "1F3FE", "1F3FF"))

_RANGES = {
    "faces": """
        2620 2639-263A 1F479-1F47B 1F47D-1F480 1F4A9 1F600-1F644 1F648-1F64A
        1F910-1F917 1F920-1F925 1F927-1F92F 1F970-1F976 1F978-1F97A 1F9D0
        1FAE0-1FAE5 1FAE8-1FAEA""",
    "people": """
        261D 26F7 26F9 270A-270D 1F385 1F3C2-1F3C4 1F3C7 1F3CA-1F3CC
        1F440-1F450 1F463-1F478 1F47C 1F481-1F487 1F48F 1F491 1F4AA
        1F574-1F575 1F57A 1F590 1F595-1F596 1F5E3 1F645-1F647 1F64B-1F64F
        1F6A3 1F6B4-1F6B6 1F6C0 1F6CC 1F90C 1F90F 1F918-1F91F 1F926
        1F930-1F93E 1F977 1F9B4-1F9B9 1F9BB 1F9BE-1F9BF 1F9CC-1F9CF
        1F9D1-1F9E0 1FAC0-1FAC8 1FAE6 1FAF0-1FAFF""",
    "animals": """
        1F400-1F43F 1F54A 1F577-1F578 1F980-1F9AE 1FAB0-1FAB3 1FAB6 1FABC
        1FABF 1FACD-1FACF""",
    "nature": """
        2600-2604 2614 2618 26A1 26C4-26C5 26C8 2728 2744 2B50 1F300-1F302
        1F30A-1F32C 1F331-1F335 1F337-1F33C 1F33E-1F344 1F3F5 1F490 1F4A7
        1F525 1F6D8 1F940 1FA90 1FAA8 1FAB4-1FAB5 1FAB7-1FABB 1FABD-1FABE""",
    "food": """
        2615 1F32D-1F330 1F336 1F33D 1F345-1F37F 1F382 1F942-1F944
        1F950-1F96F 1F9C0-1F9CB 1FAD0-1FADE""",
    "travel": """
        2668 2693 26E9-26EA 26F0-26F5 26FA 26FD 2708 1F303-1F309 1F3A0-1F3A2
        1F3AA 1F3CD-1F3CE 1F3D4-1F3ED 1F3EF-1F3F0 1F488 1F492 1F4BA
        1F54B-1F54D 1F5FA-1F5FF 1F680-1F6A2 1F6A4-1F6A8 1F6B2 1F6D1
        1F6D3-1F6D7 1F6DD-1F6DF 1F6E2-1F6FF 1F9BC-1F9BD 1FA82""",
    "activities": """
        2654-2666 26BD-26BE 26F8 1F004 1F0CF 1F380-1F381 1F383-1F384
        1F386-1F38B 1F38D-1F391 1F396-1F397 1F39F 1F3A3 1F3A8 1F3AB
        1F3AD-1F3B4 1F3BD-1F3C0 1F3C5-1F3C6 1F3C8-1F3C9 1F3CF-1F3D3 1F3F8
        1F52E 1F579 1F93F 1F945-1F94F 1F9E7-1F9E9 1F9F8 1FA80-1FA81
        1FA84-1FA86""",
    "objects": """
        231A-231B 23F0-23F3 260E 2692 2694 2696-2697 2699 26B0-26B1 26CF
        26D1 26D3 2702 2709 270F-2712 1F392-1F395 1F398-1F39E 1F3A4-1F3A5
        1F3A7 1F3A9 1F3AC 1F3B5-1F3BC 1F3EE 1F3F7 1F3F9-1F3FA 1F451-1F462
        1F489-1F48A 1F48C-1F48E 1F4A1 1F4A3 1F4B0 1F4B3-1F4B9
        1F4BB-1F4DA 1F4DC-1F4F2 1F4F7-1F4FF 1F507-1F517 1F526-1F52D
        1F550-1F567 1F56F-1F570 1F573 1F576 1F57B-1F58D 1F5A5-1F5E1 1F5F3
        1F6AA 1F6AC 1F6BD 1F6BF 1F6C1 1F6CB 1F6CD-1F6CF 1F6D2 1F6E0-1F6E1
        1F941 1F97B-1F97F 1F9AF 1F9BA 1F9E2-1F9E6 1F9EA-1F9F7 1F9F9-1F9FF
        1FA70-1FA74 1FA78-1FA7F 1FA83 1FA87-1FA8F 1FA91-1FAA7 1FAA9-1FAAF""",
    "flags": "1F1E6-1F1FF 1F38C 1F3C1 1F3F3-1F3F4 1F6A9",
}
_SYMBOLS = "0000-33FF 1F000-1FBFF"  # All that no range above has.
GROUPS = (*_RANGES, "symbols", "other")


def _codes(ranges):
    for item in ranges.split():
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


_GROUP_OF = {code: "symbols" for code in _codes(_SYMBOLS)}
_GROUP_OF.update(
    (code, group) for group, text in _RANGES.items() for code in _codes(text)
)


def group_of(hexcode: str) -> str:
    """Group of an emoji; OpenMoji's private extras are in `other`."""
    return _GROUP_OF.get(int(hexcode.split("-")[0], 16), "other")


def has_skin_tone(hexcode: str) -> bool:
    """Tells whether an emoji is a variant with a colour of skin."""
    return not SKIN_TONES.isdisjoint(hexcode.split("-"))


def check_groups(groups) -> tuple[str, ...]:
    """Returns the groups in their canonical order, each once; none means all."""
    for group in groups:
        if group not in GROUPS:
            raise ValueError(
                f"config.data.groups must be among {', '.join(GROUPS)}. "
                f"Received: {group!r}"
            )
    return tuple(group for group in GROUPS if not groups or group in groups)
