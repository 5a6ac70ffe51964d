"""Report on a set of images: JSON, and a page with thumbnails."""

import base64
import collections
import html
import io
import itertools
import json

import numpy as np

from inr_keras.data import complaints
from inr_keras.data import examination
from inr_keras.data import image_files
from inr_keras.files import write_beside

_THUMBNAILS = 24  # Shown for each kind of problem.
_NAMES = 200  # Listed for each kind on the page; the JSON has all of them.
_SIDE = 96  # Pixels of a thumbnail.
_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; max-width: 75em; }
figure { display: inline-block; width: 130px; margin: 4px; font-size: 11px;
  vertical-align: top; overflow-wrap: anywhere; }
figure img { display: block; max-width: 96px; max-height: 96px; }
.none { width: 96px; height: 64px; background: #ddd; text-align: center;
  line-height: 64px; }
table { border-collapse: collapse; } td, th { padding: 2px 10px;
  text-align: left; }
"""


class Summary:
    """Summary of the findings of `examination.examine`.

    Args:
        leave_out: Sequence of str. Kinds of problems for which images are left out,
            beside those that make them unusable.
    """

    def __init__(self, leave_out=()):
        self._leave_out = tuple(leave_out)
        self.problems = []  # (number, kind, name, text)
        self.count = 0
        self.usable = 0
        self._sizes = []
        self._colors = []
        self._modes = collections.Counter()
        self._formats = collections.Counter()

    def add(self, finding):
        for kind, text in finding["problems"]:
            self.problems.append((self.count, kind, finding["name"], text))
        self.count += 1
        self.usable += examination.usable(finding, self._leave_out)
        if "width" in finding:
            self._sizes.append((finding["width"], finding["height"]))
            self._colors.append((*finding["mean"], *finding["deviation"]))
            self._modes[finding["mode"]] += 1
            self._formats[finding["format"] or "unknown"] += 1

    def counts(self):
        """Number of problems of each kind, in the order of `complaints.TITLES`."""
        counts = collections.Counter(kind for _, kind, _, _ in self.problems)
        return {kind: counts[kind] for kind in complaints.TITLES if counts[kind]}

    def to_dict(self, images):
        """Returns the summary of `images`, an `ImageInput`, as a dict for JSON."""
        unusable = (*complaints.UNUSABLE, *self._leave_out)
        per_class = collections.Counter(images.labels)
        return {
            "pictures": self.count,  # Has this name since the first version.
            "usable": self.usable,
            "left_out_for": list(unusable),
            "counts": self.counts(),
            "problems": [
                {
                    "name": name,
                    "kind": kind,
                    "text": text,
                    "left_out": kind in unusable,
                }
                for _, kind, name, text in self.problems
            ],
            "other_files": images.others,
            "classes": {
                name: per_class[label] for label, name in enumerate(images.classes)
            },
            "modes": dict(self._modes.most_common()),
            "formats": dict(self._formats.most_common()),
            **self._statistics(),
        }

    def _statistics(self):
        if not self._sizes:
            return {}
        sizes = np.array(self._sizes)
        colors = np.array(self._colors)
        aspects = sizes[:, 0] / sizes[:, 1]
        return {
            "shorter_side": _histogram(sizes.min(axis=1)),
            "aspect": _histogram(aspects),
            "brightness": _histogram(colors[:, :3].mean(axis=1), (0, 255)),
            "color": {
                "mean": colors[:, :3].mean(axis=0).round(2).tolist(),
                # Deviation over the pixels of all images, which weigh equally.
                "deviation": np.sqrt(
                    (colors[:, 3:] ** 2).mean(axis=0) + colors[:, :3].var(axis=0)
                )
                .round(2)
                .tolist(),
            },
        }


def write(summary, images, folder, title):
    """Writes `report.json` and `report.html`; returns the JSON's contents."""
    contents = {"title": title, **summary.to_dict(images)}
    text = json.dumps(contents, indent=1, ensure_ascii=False) + "\n"
    write_beside(folder / "report.json", lambda p: p.write_text(text, encoding="utf-8"))
    page = _page(summary, images, contents)
    write_beside(folder / "report.html", lambda p: p.write_text(page, encoding="utf-8"))
    return contents


def lines(report):
    """Lines for a terminal: how often each problem occurs, and an example.

    Args:
        report: dict from `Summary.to_dict`.
    """
    found = []
    for kind, count in report["counts"].items():
        first = next(p for p in report["problems"] if p["kind"] == kind)
        fate = "left out" if first["left_out"] else "kept"
        title = complaints.TITLES[kind]
        found.append(f"{count:7d}  {title} ({fate}), such as {first['name']}")
    others = report["other_files"]
    if others:
        found.append(f"{len(others):7d}  other files, such as {others[0]}")
    return found


def _histogram(values, limits=None):
    values = np.asarray(values, "float64")
    counts, edges = np.histogram(values, bins=24, range=limits)
    return {
        "min": float(values.min()),
        "median": float(np.median(values)),
        "max": float(values.max()),
        "counts": counts.tolist(),
        "edges": edges.round(4).tolist(),
    }


def _page(summary, images, contents):
    groups = {kind: [] for kind in contents["counts"]}
    for problem in summary.problems:
        groups[problem[1]].append(problem)
    shown = {number for group in groups.values() for number, *_ in group[:_THUMBNAILS]}
    numbers = sorted(shown)
    thumbnails = dict(zip(numbers, map(_thumbnail, images.contents(numbers))))
    left_out = contents["left_out_for"]
    parts = [
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>",
        f"<title>{html.escape(contents['title'])}</title>",
        f"<h1>{html.escape(contents['title'])}</h1>",
        f"<p>{summary.count} images, {summary.usable} usable.</p>",
        _table(contents),
    ]
    if "aspect" in contents:
        parts.append(f"<p><img src='{_charts(contents)}' alt=histograms></p>")
    for kind, group in groups.items():
        fate = "left out" if kind in left_out else "kept"
        parts.append(f"<h2>{complaints.TITLES[kind]}: {len(group)} ({fate})</h2>")
        for number, _, name, text in group[:_THUMBNAILS]:
            parts.append(
                f"<figure>{thumbnails[number]}<figcaption>{html.escape(name)}"
                f"<br>{html.escape(text)}</figcaption></figure>"
            )
        rest = [html.escape(p[2]) for p in group[_THUMBNAILS:_NAMES]]
        parts.append(_names(rest, len(group) - len(group[:_NAMES])))
    others = [html.escape(name) for name in images.others[:_NAMES]]
    if others:
        parts.append(f"<h2>Other files: {len(images.others)}</h2>")
        parts.append(_names(others, len(images.others) - len(others)))
    return "\n".join(parts) + "\n"


def _names(names, more):
    if not names:
        return ""
    tail = f" and {more} more" if more else ""
    return f"<p>{', '.join(names)}{tail}</p>"


def _table(contents):
    rows = itertools.chain(
        (("class", name, n) for name, n in contents["classes"].items()),
        (("mode", name, n) for name, n in contents["modes"].items()),
        (("format", name, n) for name, n in contents["formats"].items()),
    )
    cells = "".join(
        f"<tr><td>{what}<td>{html.escape(name)}<td>{n}"
        for what, name, n in itertools.islice(rows, _NAMES)
    )
    color = contents.get("color")
    if color:
        cells += (
            f"<tr><td>colour<td>mean of R, G, B<td>{color['mean']}"
            f"<tr><td>colour<td>deviation<td>{color['deviation']}"
        )
    return f"<table>{cells}</table>"


def _thumbnail(contents):
    """Thumbnail of an image as HTML, or a grey box where it cannot be read."""
    image = None
    if isinstance(contents, bytes):
        try:
            image = image_files.read_picture(io.BytesIO(contents)).in_channels(3)
        except complaints.UnreadableImageError:
            pass
    if image is None:
        return "<div class=none>unreadable</div>"
    image.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return f"<img src='{_inline(file, 'jpeg')}' alt=''>"


def _charts(contents):
    """Draws the histograms as one PNG, for the page."""
    from matplotlib import figure

    names = {
        "shorter_side": "shorter side, pixels",
        "aspect": "width / height",
        "brightness": "mean brightness",
    }
    canvas = figure.Figure(figsize=(10, 2.6), layout="constrained")
    for axes, (name, label) in zip(canvas.subplots(1, 3), names.items()):
        data = contents[name]
        axes.stairs(data["counts"], data["edges"], fill=True, color="#4477aa")
        axes.set_xlabel(label)
        axes.set_ylabel("images")
    file = io.BytesIO()
    canvas.savefig(file, format="png", dpi=90)
    return _inline(file, "png")


def _inline(file, kind):
    text = base64.b64encode(file.getvalue()).decode()
    return f"data:image/{kind};base64,{text}"
