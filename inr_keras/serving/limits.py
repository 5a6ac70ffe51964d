"""Limits on the work that a server does for one request."""

import dataclasses
import math

from inr_keras.serving import status_codes

_SIDES = ("height", "width")


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of requests, of the queue and of time.

    Attributes:
        max_body: int. Bytes of the body of a request.
        max_rows: int. First dimension of a request's inputs, or images of regions that
            a request names.
        max_points: int. Points of the generator, in one request and in one
            joined batch.
        max_pixels: int. Sum of `height` times `width` over all images of a request
            that names them.
        max_requests: int. Requests being read or answered at once; more get
            RESOURCE_EXHAUSTED, 429.
        max_queue: int. Requests waiting for TensorFlow; more get UNAVAILABLE,
            503.
        max_batch_size: int. Rows of a joined batch; 1: none are joined.
        batch_timeout: float. Seconds that a request waits for others.
        timeout: float. Seconds until a request gets DEADLINE_EXCEEDED, 504.
        read_timeout: float. Seconds within which a client must have sent its
            request, and must take some of an answer.
        threads: int. Batches that TensorFlow runs at once, besides one batch of
            requests that take milliseconds.
    """

    max_body: int = 16 * 2**20
    max_rows: int = 256
    max_points: int = 2**20
    max_pixels: int = 2**22
    max_requests: int = 512
    max_queue: int = 128
    max_batch_size: int = 16
    batch_timeout: float = 0.002
    timeout: float = 30.0
    read_timeout: float = 10.0
    threads: int = 1

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name == "batch_timeout" else 1e-3
            if not least <= value < math.inf:
                raise ValueError(
                    f"`{field.name}` must be positive. Received: {value!r}"
                )

    def check(self, servable, signature, inputs):
        """Refuses inputs that are over a limit.

        Args:
            servable: `Servable`.
            signature: `Signature` of the servable.
            inputs: dict of arrays by name, of the signature's types and shapes.

        Returns:
            int. Work that the request asks for: points of the generator or pixels;
            where those are unknown, rows.
        """
        for name, array in inputs.items():
            if array.dtype.kind == "f" and not _finite(array):
                raise status_codes.invalid(
                    f"input {name!r} must be finite. Received: NaN or infinity"
                )
        if signature.batchable:
            rows = {array.shape[0] for array in inputs.values()}
            if len(rows) > 1:
                raise status_codes.invalid(
                    "inputs must have the same first dimension. Received: "
                    f"{sorted(rows)}"
                )
        pixels, points, rows = work_of(servable, signature, inputs)
        _at_most("rows or images of a request", rows, self.max_rows)
        _at_most("height times width", pixels, self.max_pixels)
        _at_most("points of a request", points, self.max_points)
        return max(pixels, points, rows)


def work_of(servable, signature, inputs):
    """Pixels (or else generator points) and rows that a request asks for."""
    if inputs.keys() >= set(_SIDES):
        pixels, rows = _images(inputs)
    else:
        pixels = 0
        rows = next(iter(inputs.values())).shape[0] if signature.batchable else 1
    points = 0 if pixels else servable.points(signature, inputs)
    return pixels, points, rows


def _images(inputs):
    """Pixels and number of all images whose height and width a request names."""
    height, width = (inputs[name].astype("int64") for name in _SIDES)
    boxes = inputs["box"].size // 4 if "box" in inputs else 1
    images = max(height.size, width.size, boxes)
    if not min(height.size, width.size) or min(height.min(), width.min()) < 1:
        return 0, images  # The model refuses it.
    return int(height.max()) * int(width.max()) * images, images


def _finite(array):
    return math.isfinite(array.min()) and math.isfinite(array.max())


def _at_most(what, value, limit):
    if value > limit:
        raise status_codes.invalid(f"{what} must be at most {limit}. Received: {value}")
