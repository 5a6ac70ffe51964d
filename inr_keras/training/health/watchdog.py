"""Names what is wrong with a run, from what it logs.

Four illnesses are known: `divergence`, `discriminator_won`, `collapse` and `stale`.
The rules look at medians over the last lines of `metrics.jsonl` (at least
five, and two thousand images) and over the last evaluations, so that one
odd line is no illness. Thresholds lie well beyond all that healthy runs of
this project have shown; see `replay`, which asks that of any run.
"""

import collections
import dataclasses
import math
import statistics

WINDOW = 5  # Lines.
WINDOW_KIMG = 2.0  # At least so long.
HISTORY = 200  # Lines before the window, for the run's own medians.
SCORES = 3  # Evaluations.

# Healthy runs: margins up to 9 with losses down to 0.28 (relativistic ones:
# 0.18, with margins up to 2.2); 1 % of the weights in a step at most.
WON_MARGIN = 10.0
WON_LOSS = 0.1
FAINT = 0.01  # Times the usual norm of the generator's gradient.
LOUD = 10.0  # Times the run's own median.
LOUD_LOSS = 50.0  # Whatever the median.
LOUD_GRADIENT = 500.0  # As that; of healthy runs up to 10.
LOUD_UPDATE = 0.05  # Of the weights, in a step.
POOR = 0.15  # Of the reals' diversity.
FELL = 0.5  # Of the run's own best diversity, and poor:
PATIENCE = 10  # or poor in the so-manieth evaluation.
WORSE = 0.25  # Than the best score.
CALM = 0.7  # An illness is over where it is this far below its threshold.


@dataclasses.dataclass(frozen=True)
class Finding:
    """An illness, in plain words.

    Attributes:
        illness: str.
        images_seen: int.
        since: int. When what it follows from began.
        what: str. With the numbers.
        advice: str. What to try.
        numbers: dict of those numbers.
    """

    illness: str
    images_seen: int
    since: int
    what: str
    advice: str
    numbers: dict

    @property
    def is_grave(self):
        """Whether a run that has it comes to nothing."""
        return self.illness != "stale"

    def line(self):
        kimg = self.images_seen / 1000.0
        name = self.illness.replace("_", " ")
        return f"{name} at {kimg:.1f} kimg: {self.what}. {self.advice}"


class Watchdog:
    """Tells an illness once, and again only after it was over.

    Args:
        adversarial: str. As `loss.adversarial`; logits of `wgan` have no
            scale, so that nothing is said of its margin and losses.
        best_by: str or `None`. Name of the score of `stale`.
        better: str. `lower` or `higher`, of that score.
    """

    def __init__(self, adversarial="logistic", best_by=None, better="lower"):
        self.is_wasserstein = adversarial == "wgan"
        self.best_by = best_by
        self.better = better
        self.lines = collections.deque(maxlen=HISTORY)
        self.scores = []
        self.active = set()

    def on_line(self, record):
        """Findings of one more line of `metrics.jsonl`."""
        self.lines.append(record)
        window = _window(list(self.lines))
        if window is None:
            return []
        earlier = list(self.lines)[: -len(window)]
        # A generator that has diverged loses to any discriminator, and a discriminator
        # that has won makes the losses grow: so in this order.
        found = (
            self._loud_update(window, "g")
            or self._loud_value(window, earlier, "g_grad")
            or self._discriminator_won(window, earlier)
            or self._loud_update(window, "d")
            or self._loud_value(window, earlier, "d_grad")
            or self._loud_value(window, earlier, "g_loss")
            or self._loud_value(window, earlier, "d_loss")
        )
        since = 2 * window[0]["images_seen"] - window[1]["images_seen"]
        times = record["images_seen"], max(since, 0)
        return self._told(("divergence", "discriminator_won"), times, found)

    def on_scores(self, images_seen, scores):
        """Findings of one more evaluation, a dict of scores by name."""
        self.scores.append((images_seen, scores))
        found = []
        for illness, rule in (
            ("collapse", self._collapse),
            ("stale", self._stale),
        ):
            before = max(len(self.scores) - SCORES - 1, 0)
            times = images_seen, self.scores[before][0]
            found += self._told((illness,), times, rule())
        return found

    def on_failure(self, images_seen, reason):
        """The finding of a value that is no longer finite."""
        advice = _ADVICE["divergence"]
        times = images_seen, images_seen
        return Finding("divergence", *times, reason, advice, {})

    def _told(self, group, times, found):
        """What is found as findings, where it is new."""
        illness = found[0] if found else None
        is_new = illness is not None and illness not in self.active
        self.active -= set(group)
        if found:
            self.active.add(illness)
        if not is_new:
            return []
        _, what, numbers = found
        return [Finding(illness, *times, what, _ADVICE[illness], numbers)]

    def _eased(self, illness, limit):
        """An upper limit, lower where the illness has not yet been over."""
        return limit * CALM if illness in self.active else limit

    def _loud_update(self, window, network):
        share = _median(window, lambda r: r[f"{network}_update"] / r[f"{network}_norm"])
        if share is None or share <= self._eased("divergence", LOUD_UPDATE):
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
        if loss is None or loss >= WON_LOSS / self._eased("discriminator_won", 1.0):
            return None
        numbers = {"d_loss": loss, "margin": margin}
        text = f"the discriminator's loss is {loss:.3g}, reals lead by {margin:.3g}"
        if margin > self._eased("discriminator_won", WON_MARGIN):
            before = _median(earlier, _margin)
            if before is not None:
                text += f" (before: {before:.3g})"
            return "discriminator_won", text, numbers
        now, usual = (
            _median(lines, lambda r: r["g_grad"]) for lines in (window, earlier)
        )
        if usual is None or now is None or now > usual * FAINT:
            return None
        text += f", the generator's gradient is {now:.3g} (before: {usual:.3g})"
        return "discriminator_won", text, {**numbers, "g_grad": now}

    def _loud_value(self, window, earlier, name):
        now = _median(window, lambda r: abs(r[name]))
        usual = _median(earlier, lambda r: abs(r[name]))
        is_loss = name.endswith("loss")
        if now is None or self.is_wasserstein and is_loss:
            return None
        limit = LOUD_LOSS if is_loss else LOUD_GRADIENT
        if self.is_wasserstein:
            limit = math.inf
        if usual is not None and len(earlier) >= WINDOW:
            # Of losses near 0 it is no news that they grow tenfold.
            usual = max(usual, 1.0) if is_loss else usual
            limit = min(limit, LOUD * usual)
        if now <= self._eased("divergence", limit):
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
        # What is new to a run is alike too: it must have been better, or have
        # stayed so for long.
        now, best = statistics.median(values[-SCORES:]), max(values)
        ease = 1.0 / self._eased("collapse", 1.0)
        if now >= POOR * ease:
            return None
        if now >= FELL * best * ease and len(values) < PATIENCE:
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
        # Of a distance whose best is nothing no share can be told.
        if seen >= points[-SCORES][1] or sign * best <= 0:
            return None
        worse = (now - best) / abs(best)
        if worse <= self._eased("stale", WORSE):
            return None
        what = (
            f"the best {self.best_by} was {sign * best:.4g} at "
            f"{seen / 1000:.1f} kimg, now it is {sign * now:.4g}, "
            f"{worse:.0%} worse"
        )
        return "stale", what, {"best": sign * best, "now": sign * now}


def replay(lines, evaluations=(), **settings):
    """All findings of a run's records, as it would have been told of them.

    Args:
        lines: Records of a `metrics.jsonl`.
        evaluations: Pairs of images seen and a dict of scores.
        **settings: Of `Watchdog`.

    Returns:
        The watchdog, which goes on from there, and a list of `Finding`.
    """
    watchdog = Watchdog(**settings)
    events = [(r["images_seen"], watchdog.on_line, (r,)) for r in lines]
    events += [(e[0], watchdog.on_scores, e) for e in evaluations]
    found = []
    for _, tell, arguments in sorted(events, key=lambda event: event[0]):
        found += tell(*arguments)
    return watchdog, found


def _window(lines):
    """The last of them, as many as make a median; `None` where too few."""
    for count in range(WINDOW, len(lines) + 1):
        first = lines[-count - 1]["images_seen"] if count < len(lines) else 0
        if lines[-1]["images_seen"] - first >= WINDOW_KIMG * 1000.0:
            return lines[-count:]
    return None


def _median(lines, value):
    """`None` of lines that lack it, as older versions wrote them."""
    try:
        values = [value(line) for line in lines]
    except KeyError:
        return None
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
