"""Texts of error messages, and replacement of argument names in them.

A `ValueError` names a wrong argument in backticks: "`path` must exist. Received:
'x'". A function that passes on its own argument under another name replaces the name.
"""

import contextlib
import re

_NAME = re.compile(r"`([\w.]+)`|\b(config\.[\w.]*\w)|(?<=Received: )(\w+)(?==)")


@contextlib.contextmanager
def renaming(names):
    """Replaces names of arguments in the errors of a block.

    Args:
        names: dict from the name of an argument to the name of the caller's argument
            or setting (`config.FIELD`) whose value it has.

    Example:
        >>> with renaming({"path": "model"}):
        ...     raise ValueError("`path` must exist.")
        Traceback (most recent call last):
        ValueError: `model` must exist.
    """
    try:
        yield
    except (ValueError, OSError, FloatingPointError) as error:
        error.args = tuple(
            renamed(value, names) if isinstance(value, str) else value
            for value in error.args
        )
        raise


def renamed(text, names):
    """Replaces names of arguments in a message.

    Args:
        text: str. Message of an error.
        names: dict. See `renaming`; new names that are not identifiers, such as
            flags, stand without backticks.

    Returns:
        str.
    """

    def replaced(match):
        argument, setting, received = match.groups()
        name = names.get(argument or setting or received)
        if name is None:
            return match[0]
        return name if received or not name.isidentifier() else f"`{name}`"

    return _NAME.sub(replaced, text)


def first_line(error):
    """Returns the first line of an error's message, or its class if it has none.

    Example:
        >>> first_line(ValueError("No number.\\nLine 3.")), first_line(ValueError())
        ('No number.', 'ValueError')
    """
    text = getattr(error, "message", None) or error
    return (str(text).strip().splitlines() or [type(error).__name__])[0]
