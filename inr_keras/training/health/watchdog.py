"""Rules that detect failing training from the log of a run.

Four illnesses are known: `divergence`, `discriminator_won`, `collapse` and `stale`.
The rules look at medians over the last lines of `metrics.jsonl` (at least five lines
and two thousand images) and over the last evaluations, so that one odd line raises no
alarm. Thresholds lie well beyond all that healthy runs of this project have shown;
`replay` applies the rules to the records of any run.
"""

import collections
import dataclasses
import math
import statistics

WINDOW = 5  # Least number of lines in the window whose median is judged.
WINDOW_KIMG = 2.0  # Least thousands of images in that window.
HISTORY = 200  # Lines that are kept; lines before the window define the usual values.
SCORES = 3  # Last evaluations whose median is judged.

# Healthy runs have margins up to 9 with losses down to 0.28 (relativistic ones: 0.18,
# with margins up to 2.2), gradients of norms up to 10, and steps that change at most
# 1 % of the weights.
WON_MARGIN = 10.0  # Logits of reals above those of fakes.
WON_LOSS = 0.1  # Loss of a discriminator that wins, at most.
VANISHED = 0.01  # Share of the usual norm of the generator's gradient.
DIVERGED = 10.0  # Multiple of the usual value.
DIVERGED_LOSS = 50.0  # Whatever is usual.
DIVERGED_GRADIENT = 500.0  # Norm, whatever is usual.
DIVERGED_UPDATE = 0.05  # Share of the weights that a step changes.
# Samples that differ little from each other are a collapse where they once differed
# more, or still do not after some evaluations.
POOR_DIVERSITY = 0.15  # Share of the real images' diversity.
LOST_DIVERSITY = 0.5  # Share of the run's own best diversity.
PATIENCE = 10  # Evaluations.
STALE = 0.25  # Share by which the score is worse than the run's best.
RECOVERED = 0.7  # Share of a threshold below which an illness is over.


@dataclasses.dataclass(frozen=True)
class Finding:
    """Illness of a run, in plain words.

    Attributes:
        illness: str. `divergence`, `discriminator_won`, `collapse` or `stale`.
        images_seen: int. Real images seen when it was found.
        since: int. Images seen at the beginning of the records that show it.
        what: str. What is wrong, with the numbers.
        advice: str. What to try.
        numbers: Dict from names to the numbers of `what`.
    """

    illness: str
    images_seen: int
    since: int
    what: str
    advice: str
    numbers: dict

    @property
    def is_grave(self):
        """True if the run will not recover from it by training on."""
        return self.illness != "stale"

    def line(self):
        """Describes the finding in one line of text."""
        kimg = self.images_seen / 1000.0
        name = self.illness.replace("_", " ")
        return f"{name} at {kimg:.1f} kimg: {self.what}. {self.advice}"


class Watchdog:
    """Reports each illness once, and again only after it was over.

    Args:
        adversarial: str. The run's `loss.adversarial`. Logits of `wgan` have no scale,
            so that its margin and losses are not judged. Defaults to `"logistic"`.
        best_by: str. Name of the score by which a run is `stale`. Defaults to `None`:
            it never is.
        better: str. `"lower"` or `"higher"`: which values of that score are better.
            Defaults to `"lower"`.

    Example:
        >>> watchdog = Watchdog(best_by="swd")
        >>> for kimg, swd in enumerate([30.0, 20.0, 20.0, 40.0, 60.0, 60.0]):
        ...     findings = watchdog.on_scores(1000 * kimg, {"swd": swd})
        >>> findings[0].illness
        'stale'
    """

    def __init__(self, adversarial="logistic", best_by=None, better="lower"):
        self.is_wasserstein = adversarial == "wgan"
        self.best_by = best_by
        self.better = better
        self.lines = collections.deque(maxlen=HISTORY)
        self.scores = []
        self.active = set()

    def on_line(self, record):
        """Judges one more line of `metrics.jsonl`.

        Args:
            record: Dict, the line.

        Returns:
            List of at most one `Finding`.
        """
        self.lines.append(record)
        window = _window(list(self.lines))
        if window is None:
            return []
        earlier = list(self.lines)[: -len(window)]
        # In this order: a generator that has diverged loses to any discriminator, and
        # a discriminator that has won makes the losses grow.
        diagnosis = (
            self._diverging_update(window, "g")
            or self._diverging_value(window, earlier, "g_grad")
            or self._discriminator_won(window, earlier)
            or self._diverging_update(window, "d")
            or self._diverging_value(window, earlier, "d_grad")
            or self._diverging_value(window, earlier, "g_loss")
            or self._diverging_value(window, earlier, "d_loss")
        )
        since = 2 * window[0]["images_seen"] - window[1]["images_seen"]
        illnesses = ("divergence", "discriminator_won")
        return self._report(illnesses, diagnosis, record["images_seen"], max(since, 0))

    def on_scores(self, images_seen, scores):
        """Judges one more evaluation.

        Args:
            images_seen: int.
            scores: Dict from the names of scores to their values.

        Returns:
            List of `Finding`.
        """
        self.scores.append((images_seen, scores))
        since, _ = self.scores[max(len(self.scores) - SCORES - 1, 0)]
        return [
            *self._report(("collapse",), self._collapse(), images_seen, since),
            *self._report(("stale",), self._stale(), images_seen, since),
        ]

    def on_failure(self, images_seen, reason):
        """Makes a finding of a value that is no longer finite."""
        advice = _ADVICE["divergence"]
        return Finding("divergence", images_seen, images_seen, reason, advice, {})

    def _report(self, illnesses, diagnosis, images_seen, since):
        """Makes a finding of a diagnosis that is new.

        Args:
            illnesses: Those that the rules behind the diagnosis look for.
            diagnosis: Tuple of an illness, `what` and `numbers`, or `None`.
            images_seen, since: See `Finding`.
        """
        active, self.active = self.active, self.active - set(illnesses)
        if diagnosis is None:
            return []
        illness, what, numbers = diagnosis
        self.active.add(illness)
        if illness in active:
            return []
        advice = _ADVICE[illness]
        return [Finding(illness, images_seen, since, what, advice, numbers)]

    def _threshold(self, illness, limit):
        """Lowers an upper limit while the run has the illness."""
        return limit * RECOVERED if illness in self.active else limit

    def _diverging_update(self, window, network):
        share = _median(window, lambda r: r[f"{network}_update"] / r[f"{network}_norm"])
        if share is None or share <= self._threshold("divergence", DIVERGED_UPDATE):
            return None
        what = (
            f"a step changes {share:.1%} of the {_NETWORKS[network]}'s "
            "weights, in healthy runs less than 1 %"
        )
        return "divergence", what, {f"{network}_update_share": share}

    def _discriminator_won(self, window, earlier):
        if self.is_wasserstein:
            return None
        loss = _median(window, lambda r: r["d_loss"])
        margin = _median(window, _margin)
        if loss is None or loss >= WON_LOSS / self._threshold("discriminator_won", 1.0):
            return None
        numbers = {"d_loss": loss, "margin": margin}
        text = f"the discriminator's loss is {loss:.3g}, reals lead by {margin:.3g}"
        if margin > self._threshold("discriminator_won", WON_MARGIN):
            before = _median(earlier, _margin)
            if before is not None:
                text += f" (before: {before:.3g})"
            return "discriminator_won", text, numbers
        now, usual = (
            _median(lines, lambda r: r["g_grad"]) for lines in (window, earlier)
        )
        if usual is None or now is None or now > usual * VANISHED:
            return None
        text += f", the generator's gradient is {now:.3g} (before: {usual:.3g})"
        return "discriminator_won", text, {**numbers, "g_grad": now}

    def _diverging_value(self, window, earlier, name):
        now = _median(window, lambda r: abs(r[name]))
        usual = _median(earlier, lambda r: abs(r[name]))
        is_loss = name.endswith("loss")
        if now is None or self.is_wasserstein and is_loss:
            return None
        limit = DIVERGED_LOSS if is_loss else DIVERGED_GRADIENT
        if self.is_wasserstein:
            limit = math.inf
        if usual is not None and len(earlier) >= WINDOW:
            # Losses near 0 may well grow tenfold.
            usual = max(usual, 1.0) if is_loss else usual
            limit = min(limit, DIVERGED * usual)
        if now <= self._threshold("divergence", limit):
            return None
        what = f"{_VALUES[name]} is {now:.3g}"
        if usual is not None:
            what += f", the run's median before {usual:.3g}"
        return "divergence", what, {name: now, "usual": usual}

    def _collapse(self):
        values = [s["diversity"] for _, s in self.scores if "diversity" in s]
        values = [v for v in values if v is not None]
        copies = self.scores[-1][1].get("duplicates")
        if len(values) < SCORES:
            return None
        # Samples at the beginning of a run are alike too: they must have been better,
        # or have stayed alike for long.
        now, best = statistics.median(values[-SCORES:]), max(values)
        ease = 1.0 / self._threshold("collapse", 1.0)
        if now >= POOR_DIVERSITY * ease:
            return None
        if now >= LOST_DIVERSITY * best * ease and len(values) < PATIENCE:
            return None
        what = (
            f"samples differ from each other by {now:.1%} of what reals do "
            f"(at best {best:.1%} in this run)"
        )
        if copies is not None:
            what += f", {copies:.0%} of them have a twin"
        return "collapse", what, {"diversity": now, "duplicates": copies}

    def _stale(self):
        if self.best_by is None:
            return None
        sign = 1.0 if self.better == "lower" else -1.0
        points = [
            (sign * scores[self.best_by], seen)
            for seen, scores in self.scores
            if scores.get(self.best_by) is not None
        ]
        if len(points) < 2 * SCORES:
            return None
        best, seen = min(points)
        now = statistics.median(value for value, _ in points[-SCORES:])
        # A share of a best score of 0 or less has no meaning.
        if seen >= points[-SCORES][1] or sign * best <= 0:
            return None
        worse = (now - best) / abs(best)
        if worse <= self._threshold("stale", STALE):
            return None
        what = (
            f"the best {self.best_by} was {sign * best:.4g} at "
            f"{seen / 1000:.1f} kimg, now it is {sign * now:.4g}, "
            f"{worse:.0%} worse"
        )
        return "stale", what, {"best": sign * best, "now": sign * now}


def replay(lines, evaluations=(), **settings):
    """Judges the records of a run in the order in which they were made.

    Args:
        lines: Sequence of dicts, the records of a `metrics.jsonl`.
        evaluations: Sequence of pairs of images seen and a dict from the names of
            scores to their values. Defaults to none.
        **settings: Arguments of `Watchdog`.

    Returns:
        The watchdog, which can judge what comes next, and a list of `Finding`.
    """
    watchdog = Watchdog(**settings)
    events = [(r["images_seen"], watchdog.on_line, (r,)) for r in lines]
    events += [(e[0], watchdog.on_scores, e) for e in evaluations]
    findings = []
    for _, judge, arguments in sorted(events, key=lambda event: event[0]):
        findings += judge(*arguments)
    return watchdog, findings


def _window(lines):
    """Selects the last lines, enough for a median; `None` where there are too few."""
    for count in range(WINDOW, len(lines) + 1):
        first = lines[-count - 1]["images_seen"] if count < len(lines) else 0
        if lines[-1]["images_seen"] - first >= WINDOW_KIMG * 1000.0:
            return lines[-count:]
    return None


def _median(lines, value):
    """Takes the median of a value over the lines that have it; `None` if none has."""
    values = []
    for line in lines:
        try:
            values.append(value(line))
        except KeyError:  # No step of the line had it, or the version is older.
            pass
    return statistics.median(values) if values else None


def _margin(line):
    return line["real_logits"] - line["fake_logits"]


_NETWORKS = {"g": "generator", "d": "discriminator"}
_VALUES = {
    "g_grad": "the norm of the generator's gradient",
    "d_grad": "the norm of the discriminator's gradient",
    "g_loss": "the generator's loss",
    "d_loss": "the discriminator's loss",
}
_ADVICE = {
    "divergence": (
        "Try a lower optimizer.learning_rate or "
        "optimizer.discriminator_learning_rate, or a higher loss.r1_weight."
    ),
    "discriminator_won": (
        "Try a higher loss.r1_weight, a lower "
        "optimizer.discriminator_learning_rate, a smaller discriminator, or, "
        "with few images, augment=('color','translation')."
    ),
    "collapse": (
        "Try a higher loss.r1_weight, a lower optimizer.learning_rate, or "
        "discriminator.stddev_group of the whole batch."
    ),
    "stale": (
        "Take best_generator.keras, or go on with lower rates (optimizer.final_rate)."
    ),
}
