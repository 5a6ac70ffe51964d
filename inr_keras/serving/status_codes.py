"""Canonical status codes, shared by TF Serving's two interfaces."""

# Name: number in gRPC, status in HTTP; TF Serving's own table.
CODES = {
    "OK": (0, 200),
    "CANCELLED": (1, 499),
    "UNKNOWN": (2, 500),
    "INVALID_ARGUMENT": (3, 400),
    "DEADLINE_EXCEEDED": (4, 504),
    "NOT_FOUND": (5, 404),
    "ALREADY_EXISTS": (6, 409),
    "PERMISSION_DENIED": (7, 403),
    "RESOURCE_EXHAUSTED": (8, 429),
    "FAILED_PRECONDITION": (9, 400),
    "ABORTED": (10, 409),
    "OUT_OF_RANGE": (11, 400),
    "UNIMPLEMENTED": (12, 501),
    "INTERNAL": (13, 500),
    "UNAVAILABLE": (14, 503),
    "DATA_LOSS": (15, 500),
    "UNAUTHENTICATED": (16, 401),
}
_NAMES = {number: name for name, (number, _) in CODES.items()}


class ServingError(Exception):
    """Error with which a request is refused, over either interface.

    Args:
        code: str. One of `CODES`.
        message: str. One line.
        http_status: int or `None`. A more specific status of HTTP, such as 413.
            Defaults to `None`: the code's.
    """

    def __init__(self, code, message, http_status=None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status or CODES[code][1]

    def __reduce__(self):  # Its arguments are not those of an `Exception`.
        return type(self), (self.code, self.message, self.http_status)


def invalid(message):
    """Creates the error of a request that is wrong in itself."""
    return ServingError("INVALID_ARGUMENT", message)


def unknown_label(label):
    """Creates the error of a request with a version label, which no model has."""
    return invalid(f"Unrecognized servable version label: {quoted(label, 100)}")


def quoted(text, most=200):
    """Shortens what a client has written to one line of ASCII, for a message."""
    return ascii(text)[1:-1][:most].replace('"', "'")


def code_name(number):
    """Name of a canonical code by its number."""
    return _NAMES.get(number, "UNKNOWN")
