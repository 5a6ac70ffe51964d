"""Requests of clients that mean no good, for any model of `apps.serve`."""

import json
import random


def bodies(signatures, count, seed=0):
    """Bodies of predict requests, each of which must be refused.

    Args:
        signatures: dict. `signature_def` of the model's metadata.
        count: int. How many.
        seed: int. Of what is drawn at random.

    Returns:
        list of bytes.
    """
    rng = random.Random(seed)
    names = sorted(signatures)
    return [_body(rng, signatures, rng.choice(names)) for _ in range(count)]


def _body(rng, signatures, name):
    inputs = sorted(signatures[name]["inputs"])
    victim = rng.choice(inputs)
    deep = 5
    for _ in range(rng.choice((20, 200))):
        deep = [deep]
    value = rng.choice(
        (
            None,
            {"a": 1},
            {"b64": "!"},
            "\ud800",
            deep,
            [[1], [2, 3]],
            [[], [[]]],
            [],
            [1, "2", None],
            10**30,
            [[[[[[[[[0]]]]]]]]],
            [True, 1.5, "x"],
        )
    )
    document = {
        "signature_name": name,
        "inputs": {key: 1 for key in inputs} | {victim: value},
    }
    text = json.dumps(document).encode()
    return rng.choice(
        (
            text,
            text,
            text,
            text[: rng.randrange(len(text))],
            text.replace(b"inputs", b"imputs"),
            text.replace(name.encode(), b"../../etc/passwd"),
            text.replace(name.encode(), b"\\ud800\\n"),
            text.replace(b"{", b"[", 1),
            b'{"inputs":{"%s":NaN}}' % victim.encode(),
            b'{"inputs":{"%s":-Infinity}}' % victim.encode(),
            b'{"inputs":' + rng.choice((b"[", b'{"a":')) * 100_000,
            b'{"instances":[%s]}' % (b"9" * 10_000),
            b'{"instances":' + b"[1]," * 1000 + b"]}",
            bytes(rng.randrange(256) for _ in range(300)),
            b"\x00" * 1000,
            b" " * 20_000_000,
        )
    )
