"""Estimates of the time that calls of TensorFlow take, learnt from earlier ones."""

_BRIEF = 0.02  # Seconds of a brief call.
_LITTLE = 16  # Work, such as rows, that counts as brief at first.
_RISE = 0.1  # Share of a slower call in the pace: others run beside it.


class Paces:
    """Time that the signatures of a version take per unit of work, such as a point.

    A signature's first call, which TensorFlow prepares, says nothing about later ones.
    """

    def __init__(self):
        self._paces = {}  # `None` after the first call.

    def seconds(self, signature, work):
        """Seconds that a call should take; `None` if that is not known yet."""
        pace = self._paces.get(signature.name)
        return None if pace is None else pace * work

    def observe(self, signature, work, seconds):
        """Updates the estimate by the time of a call."""
        if signature.name not in self._paces:
            self._paces[signature.name] = None
            return
        pace = seconds / max(work, 1)
        known = self._paces[signature.name] or pace
        self._paces[signature.name] = min(pace, known + _RISE * (pace - known))


def is_brief(seconds, work):
    """Tells whether a call is so short that others hardly notice it."""
    return work <= _LITTLE if seconds is None else seconds <= _BRIEF
