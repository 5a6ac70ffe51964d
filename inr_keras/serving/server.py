"""Server of REST and gRPC with its registry and queue, in one process."""

import asyncio
import contextlib
import signal
import threading

import uvicorn

from inr_keras import client
from inr_keras.serving import batching
from inr_keras.serving import connections
from inr_keras.serving import grpc_server
from inr_keras.serving import monitoring
from inr_keras.serving import registry as registries
from inr_keras.serving import rest
from inr_keras.serving.monitoring import log

_ANSWER = 0.5  # Seconds to tell clients, and the thread of the folder, of the end.


class Server:
    """Server of all models in a folder, which runs until it is stopped.

    Args:
        folder: str or path.
        limits: `Limits`.
        keep_versions: int. Number of the highest versions of a model to serve.
        trust_models: bool. Whether to serve models whose operations touch files, the
            network or Python.
        poll_seconds: float. Interval at which the folder is looked at.
        grace: float. Seconds in which open requests may end when the server stops; the
            others are answered UNAVAILABLE.
        cors: Sequence of str. Origins whose pages may read answers.
        connect: Sequence of str. Origins that the explorer may ask.
        allow_hosts: Sequence of str. Host names that requests may use, besides those of
            this machine, if the server listens only on this machine; `*` for all.
            Other servers accept any host name.
        log_requests: bool. Log every request.
    """

    def __init__(
        self,
        folder,
        limits,
        keep_versions=1,
        trust_models=False,
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
        self._stopping = asyncio.Event()
        self._metrics = monitoring.Metrics(log_requests)
        self.registry = registries.Registry(
            folder,
            keep_versions,
            trust_models,
            lambda name, n: self._metrics.versions.labels(name).set(n),
        )

    async def run(self, listener, grpc_address=None, on_ready=None):
        """Serves until `stop`, SIGTERM or SIGINT, then completes open requests.

        It answers at once; requests for models that are not loaded yet are refused.

        Args:
            listener: Bound socket of REST.
            grpc_address: str or `None`. `HOST:PORT` of gRPC; `None`: without.
            on_ready: Function of the port of gRPC or `None`, called once all models
                of the folder are loaded.

        Returns:
            bool. Whether all work has ended. `False` means that a call of TensorFlow
            takes longer than `grace` and runs until the process ends.
        """
        listener.listen()
        batcher = batching.Batcher(self._limits, self._metrics)
        served = self.registry, self._limits, self._metrics
        handler = rest.Handler(self.registry, batcher, self._limits, self._metrics)
        app = rest.make_app(handler, *served, **self._pages, **self._guard(listener))
        config = uvicorn.Config(
            app,
            http=connections.protocol(self._limits.read_timeout),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=connections.KEEP_ALIVE,
            timeout_graceful_shutdown=self._grace,
        )
        web, remote, port = _Uvicorn(config), None, None
        loop = self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        if grpc_address:
            remote, port = grpc_server.make_server(*served, batcher, grpc_address)
            await remote.start()

        def on_loaded():
            with contextlib.suppress(RuntimeError):  # The loop has been closed.
                loop.call_soon_threadsafe(on_ready or (lambda port: None), port)

        serving = asyncio.create_task(web.serve(sockets=[listener]))
        stopping = asyncio.create_task(self._stopping.wait())
        self.registry.poll(self._poll_seconds, on_loaded)
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        end = loop.time() + self._grace
        web.should_exit = True
        loop.call_at(end - min(_ANSWER, self._grace / 2), batcher.stop)
        await asyncio.gather(serving, *([remote.stop(self._grace)] if remote else []))
        stopping.cancel()
        handler.close()
        ended = await batcher.close(end - loop.time())
        # Nobody waits for a model that is being loaded.
        ended &= await asyncio.to_thread(self.registry.close, _ANSWER, unload=ended)
        log("stopped")
        return ended

    def stop(self):
        """Makes `run` take no more requests and end; callable from any thread."""
        log("stopping")
        self._loop.call_soon_threadsafe(self._stopping.set)

    def _guard(self, listener):
        """Arguments of `OriginGuard`."""
        hosts = ()
        local = client.is_loopback(listener.getsockname()[0])
        if local and "*" not in self._allow_hosts:
            hosts = ("localhost", *self._allow_hosts)
        return {"hosts": hosts, "names": self._allow_hosts}


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield  # `Server.run` handles them.
