"""Reading of the bodies of requests, within limits of size, number and time."""

import asyncio

from starlette import requests

from inr_keras.serving import json_bodies
from inr_keras.serving import json_process
from inr_keras.serving import status_codes

# Multiples of the largest body: the part of a larger body that is still read, so that
# its client receives the answer, and the total of all bodies that are being read.
_DISCARDED = 4
_HELD = 16
_SMALL = 2**16  # Bytes that are read at once, in milliseconds.


class BodyReader:
    """Receives the bodies of requests and reads their JSON.

    Args:
        limits: `Limits`.
        metrics: `Metrics`.
    """

    def __init__(self, limits, metrics):
        self._limits = limits
        self._metrics = metrics
        self._process = json_process.JsonProcess()
        self._held = 0  # Bytes in memory of bodies that are still being read.

    async def read(self, request, names):
        """Reads the body of a request to a `json_bodies.Body`.

        Args:
            request: Starlette's `Request`.
            names: See `json_bodies.read`.

        Raises:
            ServingError: The body is over a limit or malformed.
            ClientDisconnect: The client has disconnected.
        """
        with _Held(self) as held:
            body = await self._receive(request, held)
            if len(body) <= _SMALL:
                return json_bodies.read(body, names)
            return await while_connected(request, self._process.read(body, names))

    def close(self):
        """Ends the process that reads large bodies."""
        self._process.close()

    async def _receive(self, request, held):
        """Receives the body, within the limits of size and time."""
        if request.headers.get("content-encoding", "identity") != "identity":
            raise status_codes.ServingError(
                "INVALID_ARGUMENT",
                "Content-Encoding must be absent or identity",
                415,
            )
        try:
            return await asyncio.wait_for(
                self._parts(request, held), self._limits.read_timeout
            )
        except (TimeoutError, asyncio.TimeoutError):
            self._metrics.rejected.labels("slow").inc()
            raise status_codes.ServingError(
                "DEADLINE_EXCEEDED",
                "the request's body did not arrive within "
                f"{self._limits.read_timeout:g} seconds",
                408,
            ) from None

    async def _parts(self, request, held):
        limit, size, parts = self._limits.max_body, 0, []
        content_length = request.headers.get("content-length", "0")
        # The client has not begun to send, or would not receive the answer anyway.
        early = limit if "expect" in request.headers else _DISCARDED * limit
        if int(content_length) > early:
            raise self._too_large()
        try:
            async for part in request.stream():
                size += len(part)
                if size > _DISCARDED * limit:
                    break
                if size > limit:
                    parts.clear()
                    held.clear()
                    continue
                held.add(len(part))
                if self._held > _HELD * limit:
                    self._metrics.rejected.labels("bodies").inc()
                    raise status_codes.ServingError(
                        "RESOURCE_EXHAUSTED",
                        f"more than {_HELD * limit} bytes of requests at once",
                    )
                parts.append(part)
            if size > limit:
                raise self._too_large()
            return b"".join(parts)
        finally:
            parts.clear()  # An error's traceback would keep them.

    def _too_large(self):
        self._metrics.rejected.labels("body").inc()
        return status_codes.ServingError(
            "INVALID_ARGUMENT",
            f"the request's body must be at most {self._limits.max_body} bytes",
            413,
        )


class _Held:
    """Context that counts the bytes of a body in memory, of all that are held."""

    def __init__(self, reader):
        self._reader = reader
        self._bytes = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.clear()

    def add(self, size):
        self._bytes += size
        self._reader._held += size

    def clear(self):
        self.add(-self._bytes)


async def _disconnection(request):
    """Waits until a client, whose body has been read, disconnects."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def while_connected(request, work):
    """Awaits `work`, but cancels it once the client has disconnected."""
    work = asyncio.ensure_future(work)
    disconnection = asyncio.ensure_future(_disconnection(request))
    try:
        await asyncio.wait({work, disconnection}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise requests.ClientDisconnect()
        return work.result()
    finally:
        disconnection.cancel()
        work.cancel()
        # The request must leave the queue before its model is released.
        await asyncio.gather(disconnection, work, return_exceptions=True)
