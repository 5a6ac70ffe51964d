"""HTTP connections that slow clients cannot hold open."""

import socket

import h11
from uvicorn.protocols.http import h11_impl

_MAX_CONNECTIONS = 1000  # More are not accepted.


def protocol(read_timeout):
    """Uvicorn's protocol with a watch over each connection.

    A connection is dropped whose client has not sent a request's headers, or
    not taken any of an answer, within the time. (A request's body has its own
    time, which the application keeps.)

    Args:
        read_timeout: float. Seconds.

    Returns:
        class, for `uvicorn.Config(http=...)`.
    """

    class Protocol(h11_impl.H11Protocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            # asyncio leaves it unset on sockets it did not open: the second
            # packet of an answer would wait 40 ms for the client.
            transport.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )
            self._progress = None
            self._watch = None
            if len(self.connections) > _MAX_CONNECTIONS:
                transport.abort()
                return
            self._check()

        def connection_lost(self, exc):
            if self._watch:
                self._watch.cancel()
            super().connection_lost(exc)

        def _check(self):
            unsent = self.transport.get_write_buffer_size()
            # One that waits for its next request has uvicorn's own time-out.
            waiting = self.conn.their_state is h11.IDLE
            idle = waiting and self.timeout_keep_alive_task is None
            progress = (unsent, idle)
            if progress == self._progress and (unsent or idle):
                self.transport.abort()
                return
            self._progress = progress
            self._watch = self.loop.call_later(read_timeout, self._check)

    return Protocol
