"""Estimates of the time that calls of TensorFlow take, learnt from earlier ones."""

_BRIEF = 0.02  # Seconds of a call that others hardly notice.
_LITTLE = 16  # Work, such as rows, of a first call that is taken for a brief one.
_RISE = 0.1  # Share of a slower call in the pace: the first one is slow, for once.


class Paces:
    """Seconds that a signature takes for a unit of work, such as a point."""

    def __init__(self):
        self._paces = {}

    def seconds(self, servable, signature, work):
        """Seconds that a call should take; `None` if there has been none."""
        pace = self._paces.get((servable.name, signature.name))
        return None if pace is None else pace * work

    def observe(self, servable, signature, work, seconds):
        """Learns from a call."""
        key = servable.name, signature.name
        pace = seconds / max(work, 1)
        known = self._paces.get(key, pace)
        self._paces[key] = min(pace, known + _RISE * (pace - known))


def is_brief(seconds, work):
    """Tells whether a call should hardly be noticed by others."""
    return work <= _LITTLE if seconds is None else seconds <= _BRIEF
