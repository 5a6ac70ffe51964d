import dataclasses

import numpy as np

from inr_keras.config import bounds
from tests import testing


@dataclasses.dataclass
class Part:
    share: float = bounds.share(0.5)
    names: tuple[str, ...] = bounds.choice(("a", "b"), ())


@dataclasses.dataclass
class Whole:
    free: float = 0.0
    count: int = bounds.positive(1)
    size: int = bounds.power_of_two(8, 64)
    every: int = bounds.zero_or_from(2)
    weight: float = bounds.not_negative(0.0)
    most: int = bounds.positive(1, most=8)
    several: tuple[int, ...] = bounds.positive((), most=8)
    odd: int = bounds.setting(3, "odd", lambda value: value % 2)
    part: Part = dataclasses.field(default_factory=Part)
    parts: tuple[Part, ...] = (Part(), Part())


class BoundsTest(testing.TestCase):
    def test_defaults(self):
        self.assertEqual(Whole().size, 64)
        self.assertEqual(Whole().every, 0)
        self.assertEqual(list(bounds.find_violations(Whole())), [])

    def test_rules(self):
        for name, rule, bad, good in (
            ("count", "positive", (0, -1), (1,)),
            ("size", "a power of two from 8", (-8, 0, 4, 48), (8, 128)),
            ("every", "0, or from 2", (1, -2), (0, 2, 3)),
            ("weight", "zero or more", (-1.0,), (0.0, 2.0)),
            ("odd", "odd", (2,), (5,)),
            ("free", "a finite number", (float("inf"),), (-1.0,)),
        ):
            for value in bad:
                found = list(bounds.find_violations(Whole(**{name: value})))
                self.assertEqual(found, [(name, rule, value)])
            for value in good:
                self.assertEqual(
                    list(bounds.find_violations(Whole(**{name: value}))), []
                )

    def test_largest_numbers(self):
        parts = (Part(), Part(share=0.5))
        for values, found in (
            ({"most": 8}, []),
            ({"most": 9}, [("most", "at most 8", 9)]),
            ({"several": (8, 9, 1)}, [("several", "at most 8", 9)]),
            ({"count": bounds.MOST, "weight": float(bounds.MOST)}, []),
            ({"count": 10**30}, [("count", "at most 1000000000", 10**30)]),
            ({"free": 1e12}, [("free", "at most 1000000000", 1e12)]),
        ):
            violations = bounds.find_violations(Whole(parts=parts, **values))
            self.assertEqual(list(violations), found)

    def test_parts_and_items(self):
        parts = Part(), Part(share=1.5, names=("a", "c"))
        whole = Whole(part=Part(share=-1.0), parts=parts)
        self.assertEqual(
            list(bounds.find_violations(whole)),
            [
                ("part.share", "between 0 and 1", -1.0),
                ("parts[1].share", "between 0 and 1", 1.5),
                ("parts[1].names", "one of a, b", "c"),
            ],
        )

    def test_types(self):
        for values, found in (
            ({"count": "3"}, ("count", "of type int", "3")),
            ({"count": True}, ("count", "of type int", True)),
            ({"weight": "x"}, ("weight", "of type float", "x")),
            ({"parts": Part()}, ("parts", "a list", Part())),
            ({"parts": (Part(), "y")}, ("parts[1]", "of type Part", "y")),
            ({"part": Part(share="1")}, ("part.share", "of type float", "1")),
        ):
            violations = bounds.find_violations(Whole(**values))
            self.assertEqual(next(violations), found)
        for values in ({"weight": 1}, {"count": np.int64(3)}, {"parts": [Part()]}):
            self.assertEqual(list(bounds.find_violations(Whole(**values))), [])

    def test_leaves(self):
        found = {name: value for name, value, _ in bounds.leaves(Whole())}
        self.assertEqual(found["parts (their number)"], 2)
        self.assertEqual(found["parts[0].share"], 0.5)
        self.assertEqual(found["part.names"], ())
