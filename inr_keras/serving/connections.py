"""HTTP connections that slow clients cannot hold open."""

import socket

import h11
from uvicorn.protocols.http import h11_impl

MAX_CONNECTIONS = 1000  # Per interface; further ones are dropped.
KEEP_ALIVE = 30  # Seconds that a connection waits for its next request.


def protocol(read_timeout):
    """Creates a protocol class for uvicorn that watches over each connection.

    A connection is dropped if its client has not sent the headers of a request, or not
    taken any of an answer, within the time. (The body of a request has a time limit of
    its own, which the application keeps.)

    Args:
        read_timeout: float. Seconds.

    Returns:
        class, for `uvicorn.Config(http=...)`.
    """

    class Protocol(h11_impl.H11Protocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            # asyncio does not set it on sockets that it did not open: the second
            # packet of an answer would wait 40 ms for the client.
            transport.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )
            self._progress = None
            self._watch = None
            if len(self.connections) > MAX_CONNECTIONS:
                transport.abort()
                return
            self._check()

        def connection_lost(self, exc):
            if self._watch:
                self._watch.cancel()
            super().connection_lost(exc)

        def _check(self):
            unsent = self.transport.get_write_buffer_size()
            # uvicorn's own timeout covers the wait for a next request.
            waiting = self.conn.their_state is h11.IDLE
            idle = waiting and self.timeout_keep_alive_task is None
            progress = (unsent, idle)
            if progress == self._progress and (unsent or idle):
                self.transport.abort()
                return
            self._progress = progress
            self._watch = self.loop.call_later(read_timeout, self._check)

    return Protocol
