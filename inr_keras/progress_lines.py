"""Lines of text that say how far long work is."""

import time


def clock(seconds):
    """Writes seconds as `m:ss` or `h:mm:ss`."""
    minutes, seconds = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def with_progress(items, count, log, interval=10.0, size=lambda item: 1):
    """Passes items on, and logs at intervals the share done and the time left.

    Args:
        items: Iterable, such as the batches of a computation.
        count: int. Size of all items.
        log: Function of a line of text.
        interval: float. Seconds between two lines.
        size: Function of an item. Defaults to 1 for each.

    Example:
        >>> list(with_progress("abc", 3, print, interval=0.0))
        33%, 0:00 left
        67%, 0:00 left
        ['a', 'b', 'c']
    """
    begun = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += size(item)
        now = time.monotonic()
        if now - last >= interval and done < count:
            last = now
            left = (now - begun) * (count - done) / done
            log(f"{done / count:.0%}, {clock(left)} left")
