"""Parsing and checking of arguments that several apps take."""

import math
import os
import pathlib
import re

_ASPECT = re.compile(r"(\d{1,5}):(\d{1,5})", re.ASCII)
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{0,9})?) *([MG]i?B)", re.IGNORECASE)
_LOSS = re.compile(r"([a-z]+)(?::(\d{1,9}(?:\.\d{0,9})?))?")
_LENGTH = re.compile(r"(?:([a-z]\w*):)?(\d{1,9}(?:\.\d{0,9})?)", re.ASCII)
_SIZE = re.compile(r"([0-9]{1,9})(?:x([0-9]{1,9}))?")
_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)
_ORIGIN = re.compile(r"https?://([\w.-]+|\[[0-9a-f:]+\])(:\d{1,5})?", re.ASCII)
_UNITS = {"MB": 1e6, "MIB": 2**20, "GB": 1e9, "GIB": 2**30}
MAX_SEEDS = 10_000
TRUNCATION = "Variety, from 0 (the mean style of all classes) to 1 (full)."
MAX_SIZE = 16_384
MAX_SIDE = 1_000_000  # Largest side of an image.


def parse_seeds(text, flag="seeds"):
    """Parses `0-15`, `3` or `0-3,8,10-12` to a list of ints."""
    seeds = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal()):
            _fail_seeds(text, flag)
        if max(len(first), len(last)) > 10:  # int() refuses thousands.
            _fail_seeds(text, flag)
        first, last = int(first), int(last)
        if last < first or last >= 2**31:
            _fail_seeds(text, flag)
        if last - first + len(seeds) >= MAX_SEEDS:
            raise ValueError(
                f"--{flag} must name at most {MAX_SEEDS} images. Received: {text!r}"
            )
        seeds += range(first, last + 1)
    return seeds


def _fail_seeds(text, flag):
    raise ValueError(
        f"--{flag} must be numbers from 0 to 2147483647 and ranges of them, "
        f"such as 0-15 or 0-3,8. Received: {text!r}"
    )


def parse_region(text):
    """Parses `x0,y0,x1,y1` to four floats."""
    try:
        box = tuple(float(part) for part in text.split(","))
    except ValueError:
        box = ()
    if (
        len(box) != 4
        or not all(math.isfinite(v) and abs(v) <= 1e6 for v in box)
        or not (box[0] < box[2] and box[1] < box[3])
    ):
        raise ValueError(
            "--region must be x0,y0,x1,y1 with x0 < x1 and y0 < y1, numbers "
            f"up to a million. Received: {text!r}"
        )
    return box


def parse_point(text):
    """Parses `x,y`, or one number for each axis, to floats; `None` to `None`."""
    if text is None:
        return None
    try:
        point = tuple(float(part) for part in text.split(","))
    except ValueError:
        point = ()
    if not point or not all(math.isfinite(v) and abs(v) <= 1e6 for v in point):
        raise ValueError(
            f"--gaze must be x,y, numbers up to a million. Received: {text!r}"
        )
    return point


def parse_shard(text):
    """Parses `2/8` to two ints."""
    match = _SHARD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"--shard must be K/N, such as 2/8. Received: {text!r}")
    return int(match[1]), int(match[2])


def parse_pair(text, flag, limit):
    """Parses `a,b` to two floats."""
    try:
        pair = tuple(float(part) for part in text.split(","))
    except ValueError:
        pair = ()
    if len(pair) != 2 or not all(math.isfinite(v) and abs(v) <= limit for v in pair):
        raise ValueError(
            f"--{flag} must be two numbers from -{limit} to {limit}, such as "
            f"0,1. Received: {text!r}"
        )
    return pair


def parse_aspect(text):
    """Parses `W:H` to width and height, two ints; `None` to `None`."""
    if text is None:
        return None
    match = _ASPECT.fullmatch(text.strip())
    width, height = map(int, match.groups()) if match else (0, 0)
    if not (width and height):
        raise ValueError(
            "--aspect must be width:height, such as 3:2, of numbers up to "
            f"99999. Received: {text!r}"
        )
    return width, height


def parse_numbers(texts, flag, low, high):
    """Parses texts of whole numbers to a tuple of ints."""
    for text in texts:
        is_number = text.isdecimal() and len(text) <= len(str(high))
        if not (is_number and low <= int(text) <= high):
            raise ValueError(
                f"--{flag} must be numbers from {low} to {high}. Received: {text!r}"
            )
    return tuple(map(int, texts))


def check_powers_of_two(numbers, flag, low):
    """Refuses numbers that are no powers of two, or below one."""
    for number in numbers:
        if number < low or number & (number - 1):
            raise ValueError(
                f"--{flag} must be powers of two from {low}. Received: {number}"
            )


def check_range(value, flag, low, high):
    """Refuses a number outside of its bounds, or `nan`."""
    if not low <= value <= high:
        raise ValueError(f"--{flag} must be from {low} to {high}. Received: {value}")


def parse_losses(text):
    """Parses `pixel:1,features:0.1` to a dict of weights."""
    losses = {}
    for part in text.split(","):
        match = _LOSS.fullmatch(part.strip())
        weight = float(match[2] or 1.0) if match else 0.0
        if not weight or match[1] in losses:
            raise ValueError(
                "--loss must be names, each once, with or without a positive "
                f"weight, such as pixel:1,multiscale:0.5. Received: {text!r}"
            )
        losses[match[1]] = weight
    return losses


def check_origins(origins, flag, every=False):
    """Refuses texts that are not origins, such as `https://page.example:8501`.

    Args:
        origins: Sequence of str.
        flag: str. Name of their flag.
        every: bool. Whether `*` is allowed.
    """
    for origin in origins:
        if not (_ORIGIN.fullmatch(origin) or (every and origin == "*")):
            raise ValueError(
                f"--{flag} must be http://HOST:PORT or https://HOST, without "
                f"a path. Received: {origin!r}"
            )


def parse_memory(text):
    """Parses `1.5GB`, `900MB` or `2GiB` to MiB."""
    match = _MEMORY.fullmatch(text.strip())
    mib = float(match[1]) * _UNITS[match[2].upper()] / 2**20 if match else 0
    if not 1 <= mib < math.inf:
        raise ValueError(
            "--memory_limit must be a number with MB, MiB, GB or GiB, such as "
            f"1.5GB. Received: {text!r}"
        )
    return mib


def joined_paths(parts):
    """Restores existing paths that contain commas and were split at them.

    Args:
        parts: list of str.

    Returns:
        list of str: existing paths, or `parts` if they do not form existing paths.
    """

    def existing(parts):
        for end in range(1, len(parts) + 1):
            head = ",".join(parts[:end])
            rest = existing(parts[end:]) if os.path.exists(head) else None
            if rest is not None:
                return [head, *rest]
        return None if parts else []

    return existing(parts) or parts


def check_out(path, flag="out"):
    """Refuses a path at which no file can be written, before the work starts."""
    path = pathlib.Path(path)
    folder = next(p for p in path.absolute().parents if p.exists())
    rule = None
    if path.is_dir():
        rule = "a file, not a folder"
    elif not folder.is_dir():
        rule = f"in a folder, and {folder} is a file"
    elif not os.access(folder, os.W_OK | os.X_OK):
        rule = f"in a folder that can be written, unlike {folder}"
    if rule:
        raise ValueError(f"--{flag} must be {rule}. Received: {str(path)!r}")


def check_distinct(**paths):
    """Refuses flags if two of them name the same file; ignores flags of `None`."""
    flag_of = {}
    for flag, path in paths.items():
        if path is None:
            continue
        other = flag_of.setdefault(os.path.realpath(path), flag)
        if other != flag:
            raise ValueError(
                f"--{flag} must be another file than --{other}. Received: {str(path)!r}"
            )


def check_file(path, flag):
    """Refuses a path that is not an existing file."""
    if not pathlib.Path(path).is_file():
        raise ValueError(f"--{flag} must be an existing file. Received: {path!r}")


def check_png(path, flag):
    """Refuses a path at which no .png file can be written."""
    if not path.lower().endswith(".png"):
        raise ValueError(f"--{flag} must end in .png. Received: {path!r}")
    check_out(path, flag)


def check_page(out, name):
    """Returns the path of a page: NAME.md in a folder, or a path that ends in .md."""
    path = pathlib.Path(out)
    if path.is_dir() or not path.suffix:
        path /= f"{name}.md"
    elif path.suffix != ".md":
        raise ValueError(f"--out must end in .md or be a folder. Received: {out!r}")
    check_out_with_images(path)
    return path


def check_out_with_images(out):
    """Refuses a page if it, or the folder of its images, cannot be written."""
    check_out(out)
    path = pathlib.Path(out)
    images = path.with_suffix("")
    if images == path:
        raise ValueError(f"--out must end in .md. Received: {str(out)!r}")
    if images.is_file():
        raise ValueError(
            f"--out must leave {images} to a folder of images, and it is a file. "
            f"Received: {str(out)!r}"
        )


def typed(app, arguments, *paths):
    """Formats the command line for a page; shows only the file names of `paths`."""
    lines = [f"python -m apps.{app}"]
    for argument in arguments:
        for path in filter(None, paths):
            argument = argument.replace(path, pathlib.Path(path).name)
        lines.append(argument)
    return " \\\n    ".join(lines)


def parse_kimg(text, names):
    """Parses `16` or `60,image:12` to a dict of positive lengths by name.

    Args:
        text: str. A length for all, under the name `""`, and lengths for some.
        names: Sequence of str. All names.
    """
    lengths = {}
    for part in text.split(","):
        match = _LENGTH.fullmatch(part.strip())
        name, length = (match[1] or "", float(match[2])) if match else ("", 0.0)
        if not length or name in lengths or (name and name not in names):
            raise ValueError(
                "--kimg must be a positive number, and NAME:NUMBER where a run of "
                f"{', '.join(names)} differs, such as 60,{names[0]}:12. "
                f"Received: {text!r}"
            )
        lengths[name] = length
    return lengths


def parse_size(text):
    """Parses `512` or `640x480` to height and width, either of which may be `None`."""
    if text is None:
        return None, None
    match = _SIZE.fullmatch(text)
    sides = [int(side) for side in match.groups() if side] if match else [0]
    if not all(1 <= side <= MAX_SIDE for side in sides):
        raise ValueError(
            "--size must be a side or WIDTHxHEIGHT, numbers from 1 to "
            f"{MAX_SIDE}. Received: {text!r}"
        )
    return sides[-1], sides[0] if len(sides) > 1 else None
