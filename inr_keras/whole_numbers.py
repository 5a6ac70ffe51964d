"""Checks of arguments that count something."""

import numbers


def check_positive(**values):
    """Raises `ValueError` for a value that is not an integer of 1 or more.

    Args:
        **values: Values by the name of their argument.

    Example:
        >>> check_positive(units=4, rank=1)
        >>> check_positive(units=0)
        Traceback (most recent call last):
        ...
        ValueError: `units` must be a positive integer. Received: units=0
    """
    for name, value in values.items():
        is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not is_whole or value < 1:
            raise ValueError(
                f"`{name}` must be a positive integer. Received: {name}={value!r}"
            )
