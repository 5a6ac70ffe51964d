"""Server of REST and gRPC with its registry and queue, in one process."""

import asyncio
import contextlib
import signal
import threading

import uvicorn

from inr_keras.serving import batching
from inr_keras.serving import connections
from inr_keras.serving import grpc_server
from inr_keras.serving import monitoring
from inr_keras.serving import origin_guard
from inr_keras.serving import registry as registries
from inr_keras.serving import rest
from inr_keras.serving.monitoring import log

_KEEP_ALIVE = 30  # Seconds that a connection waits for its next request.


class Server:
    """Server of all models in a folder, which runs until it is stopped.

    Args:
        folder: str or path.
        limits: `Limits`.
        keep_versions: int. Number of the highest versions of a model to serve.
        poll_seconds: float. Interval at which the folder is looked at.
        grace: float. Seconds that requests have to end when the server stops.
        cors: Sequence of str. Origins whose pages may read answers.
        connect: Sequence of str. Origins that the explorer may ask.
        allow_hosts: Sequence of str. Names under which a server that listens on
            this machine alone may be asked, beside those of this machine; `*` for
            all. Other servers may be asked under any name.
        log_requests: bool. Log every request.
    """

    def __init__(
        self,
        folder,
        limits,
        keep_versions=1,
        poll_seconds=1.0,
        grace=30.0,
        cors=(),
        connect=(),
        allow_hosts=(),
        log_requests=True,
    ):
        self._limits = limits
        self._poll_seconds = poll_seconds
        self._grace = grace
        self._pages = {"cors": cors, "connect": connect}
        self._allow_hosts = allow_hosts
        self._metrics = monitoring.Metrics(log_requests)
        self.registry = registries.Registry(
            folder,
            keep_versions,
            lambda name, n: self._metrics.versions.labels(name).set(n),
        )

    async def run(self, listener, grpc_address=None, on_ready=None):
        """Serves until `stop`, SIGTERM or SIGINT, then completes open requests.

        Args:
            listener: Bound socket of REST.
            grpc_address: str or `None`. `HOST:PORT` of gRPC; `None`: without.
            on_ready: Function of the port of gRPC or `None`, called once
                requests are answered.
        """
        batcher = batching.Batcher(self._limits, self._metrics)
        hosts = ()
        local = origin_guard.is_local(listener.getsockname()[0])
        if local and "*" not in self._allow_hosts:
            hosts = ("localhost", *self._allow_hosts)
        app = rest.make_app(
            self.registry,
            batcher,
            self._limits,
            self._metrics,
            hosts=hosts,
            **self._pages,
        )
        config = uvicorn.Config(
            app,
            http=connections.protocol(self._limits.read_timeout),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=self._grace,
        )
        self._uvicorn = _Uvicorn(config)
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        remote, port = None, None
        if grpc_address:
            remote, port = grpc_server.make_server(
                self.registry,
                batcher,
                self._limits,
                self._metrics,
                grpc_address,
            )
            await remote.start()
        self.registry.poll(self._poll_seconds)
        if on_ready:
            on_ready(port)
        await self._uvicorn.serve(sockets=[listener])
        if remote:
            await remote.stop(self._grace)
        await batcher.close()
        await asyncio.to_thread(self.registry.close)
        log("stopped")

    def stop(self):
        """Makes `run` take no more requests and end; callable from any thread."""
        log("stopping")
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield  # `Server.run` handles them.
